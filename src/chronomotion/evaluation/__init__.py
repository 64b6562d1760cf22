"""Measuring what a model understands of order, and how well it retrieves."""
