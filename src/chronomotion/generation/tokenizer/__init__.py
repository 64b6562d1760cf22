"""Motions as codes: a convolutional auto-encoder whose latent is quantised, four frames a code."""
