"""Motion search that knows what came first."""

from chronomotion.version import __version__

__all__ = ["__version__"]
