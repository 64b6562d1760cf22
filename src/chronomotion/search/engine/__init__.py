"""Encoding on several machines: clips of corpora, on Ray, into tables of LanceDB on a disk or in an object store."""

from chronomotion.search.engine.on_ray import RayReport, encode_on_ray
from chronomotion.search.engine.tables import VectorTables

__all__ = ["RayReport", "VectorTables", "encode_on_ray"]
