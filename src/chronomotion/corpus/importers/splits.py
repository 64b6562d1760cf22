"""Splits of a source: its own lists of names, or drawn by a hash of the name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.mirror_ids import plain_id
from chronomotion.names import BAD_NAME, is_name
from chronomotion.seeding import share
from chronomotion.text_files import read_lines

__all__ = ["read_splits", "splits_of"]

_BESIDE = ("train.txt", "val.txt", "test.txt", "nsim_test.txt")
"""Lists that may lie in the source folder itself; any other text there is none of ours."""
_OTHERS = ("all.txt", "train_val.txt")
"""Lists of a published folder that repeat the others."""
OTHER_LIST = "list that repeats the splits, not read"
_TRAIN, _VAL = 0.80, 0.85


def read_splits(
    scan: FolderScan, refused: list[Remark], notes: list[Remark], clip_of: Callable[[str], str] = str
) -> dict[str, list[str]]:
    """Split -> names, from ``splits/*.txt``, else from train.txt, val.txt and test.txt in the folder itself.

    ``clip_of`` turns a line into the name of a clip. Lines that are no names are added to ``refused``, lists that are
    not read to ``notes``. Raises FormatError when a list cannot be read.
    """
    lists = scan.files((".txt",), scan.root / "splits")
    if not lists:
        beside = scan.files((".txt",))
        notes += [Remark(name, OTHER_LIST) for name in beside if name.lower() in _OTHERS]
        lists = {name.lower(): path for name, path in beside.items() if name.lower() in _BESIDE}
        lists |= {name: path for name, path in beside.items() if name in _BESIDE}
    splits = {}
    for file, path in sorted(lists.items()):
        names = dict.fromkeys(clip_of(line) for line in read_lines(path) if line)
        bad = [name for name in names if not is_name(name)]
        refused += [Remark(repr(name[:80]), BAD_NAME, f"{path}: {name[:80]!r}") for name in bad]
        splits[Path(file).stem] = [name for name in names if is_name(name)]
    return splits


def splits_of(
    names: Iterable[str], listed: Mapping[str, list[str]], group_of: Callable[[str], str] | None = None
) -> dict[str, list[str]]:
    """The splits of the clips that came in: the source's own, or 80 / 5 / 15 % by a hash of the name.

    A clip and its mirror image always get the same split, as do clips of one group by ``group_of``. Splits without a
    clip are left out.
    """
    names = list(names)
    present = set(names)
    splits = {split: [name for name in wanted if name in present] for split, wanted in listed.items()}
    if not listed:
        splits = {"train": [], "val": [], "test": []}
        for name in names:
            place = share("import", plain_id(name, present) if group_of is None else group_of(name))
            splits["train" if place < _TRAIN else "val" if place < _VAL else "test"].append(name)
    return {split: wanted for split, wanted in splits.items() if wanted}
