"""What took time to make and is kept on disk: arrays by key, and rows of JSON. Each survives a kill at any moment."""

from chronomotion.cache.arrays import ArrayCache
from chronomotion.cache.rows import RowCache

__all__ = ["ArrayCache", "RowCache"]
