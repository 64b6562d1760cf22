"""Measures of generated motions: distances, text match, physics, and order; always beside real motions."""
