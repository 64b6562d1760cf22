"""A library on the disk: how it is made, kept and opened."""
