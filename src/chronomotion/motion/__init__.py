"""Motions: skeletons, positions over time, features, files and pictures."""
