"""Motion search that knows what came first."""
