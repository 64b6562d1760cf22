"""Corpora from the wild: published data sets and folders of motion files, brought into one form."""

from chronomotion.corpus.importers.importing import LAYOUTS, import_corpus
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.reading import Reading
from chronomotion.corpus.importers.result import ImportResult

__all__ = ["LAYOUTS", "ImportResult", "Reading", "Remark", "import_corpus"]
