"""Splits of BONES-SEED: the official lists, or drawn so that no split comes between takes of one script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.seed.scripts import take_name
from chronomotion.corpus.mirror_ids import original_id
from chronomotion.errors import CorpusError
from chronomotion.seeding import share
from chronomotion.text_files import read_lines

__all__ = ["SPLIT_FILES", "official_splits"]

SPLIT_FILES = {
    "train": "train_split_paths.txt",
    "test_content": "test_content_split_paths.txt",
    "test_repetition": "test_repetition_split_paths.txt",
}
UNKNOWN = "path of a split file that the metadata do not have"
NO_SPLIT = "take in none of the split files"
TWO_SPLITS = "take in two split files, left in the first"
NO_FILE = "split file that is not there"
MIRROR_APART = "mirror image in another split than its original, as the split files have it"
_VAL = 0.05
"""Share of the scripts in the training list that are put aside: the official split has no list for that."""
_MOST_UNKNOWN = 0.5


def official_splits(
    folder: Path, known: set[str], group_of: Callable[[str], str], notes: list[Remark]
) -> dict[str, list[str]]:
    """train, val, test_content, test_repetition and test, which is both of them, from the lists in a folder.

    ``known`` are the takes of the metadata. Raises CorpusError when a list is missing that cannot be done without, or
    speaks of other takes than the metadata.
    """
    files = _files(folder, notes)
    listed: dict[str, list[str]] = {}
    split_by_take: dict[str, str] = {}
    for split, path in files.items():
        names = list(dict.fromkeys(take_name(line) for line in read_lines(path) if line))
        unknown = [name for name in names if name not in known]
        if not names or len(unknown) > _MOST_UNKNOWN * len(names):
            first = f" (the first: {unknown[0][:60]!r})" if unknown else ""
            raise CorpusError(
                f"{path}: {len(unknown)} of {len(names)} takes are not in the metadata{first}: the split files are of "
                "another version of the data"
            )
        notes += [Remark(name[:80], UNKNOWN, path.name) for name in unknown]
        notes += [
            Remark(name, TWO_SPLITS, f"{split_by_take[name]} and {split}") for name in names if name in split_by_take
        ]
        listed[split] = [name for name in names if name in known and name not in split_by_take]
        split_by_take |= dict.fromkeys(listed[split], split)
    notes += [Remark(name, NO_SPLIT) for name in sorted(known - split_by_take.keys())]
    notes += [
        Remark(name, MIRROR_APART, f"{split} and {split_by_take[original]}")
        for name, split in split_by_take.items()
        if split_by_take.get(original := original_id(name, known), split) != split
    ]
    return _with_val(listed, group_of)


def _with_val(listed: dict[str, list[str]], group_of: Callable[[str], str]) -> dict[str, list[str]]:
    """The lists, a part of the scripts of the training list in ``val``, and both tests together in ``test``."""
    aside = {name for name in listed["train"] if share("seed val", group_of(name)) < _VAL}
    tests = [split for split in listed if split != "train"]
    return {
        "train": [name for name in listed["train"] if name not in aside],
        "val": [name for name in listed["train"] if name in aside],
        **{split: listed[split] for split in tests},
        "test": [name for split in tests for name in listed[split]],
    }


def _files(folder: Path, notes: list[Remark]) -> dict[str, Path]:
    """Split -> its list, in the folder itself or in a folder in it."""
    there: dict[str, list[Path]] = {}
    for path in FolderScan(folder).files((".txt",), deep=True).values():
        there.setdefault(path.name.lower(), []).append(path)
    files = {split: paths[0] for split, name in SPLIT_FILES.items() if (paths := there.get(name))}
    doubled = next((paths for name, paths in there.items() if name in SPLIT_FILES.values() and len(paths) > 1), None)
    if doubled is not None:
        raise CorpusError(f"{folder}: two split files {doubled[0]} and {doubled[1]}: name the folder of one of them")
    if "train" not in files or len(files) < 2:
        raise CorpusError(f"{folder}: {_missing(files)} not there: looked for {', '.join(SPLIT_FILES.values())}")
    notes += [Remark(SPLIT_FILES[split], NO_FILE, str(folder)) for split in SPLIT_FILES if split not in files]
    return files


def _missing(files: Iterable[str]) -> str:
    names = [name for split, name in SPLIT_FILES.items() if split not in set(files)]
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
