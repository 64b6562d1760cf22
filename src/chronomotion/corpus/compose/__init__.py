"""Corpora of compound motions with KNOWN event times, composed from single actions."""
