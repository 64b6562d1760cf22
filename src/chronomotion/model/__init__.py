"""The model: two transformer encoders that put motions and sentences into one space."""
