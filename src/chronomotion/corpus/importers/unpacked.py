"""Where the parts of a published data set lie, as people unpack them: twice, in other letters, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import Remark
from chronomotion.errors import CorpusError
from chronomotion.motion.formats import SUFFIXES

__all__ = ["JOINTS", "TEXTS", "VECTORS", "home", "is_published", "part", "refuse_packed"]

TEXTS, VECTORS, JOINTS = "texts", "new_joint_vecs", "new_joints"
ANNOTATIONS = "annotations.json"
TWICE = "folder that was unpacked into itself, the inner one is read"
LETTERS = "folder in other letters, read all the same"
INNER = "the data set lies in a subfolder, which is read"
PACKED = "packed and not read"
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".rar", ".7z")
_DEEPEST = 4


def part(scan: FolderScan, name: str, suffix: str, notes: list[Remark] | None = None) -> Path | None:
    """The folder of a data set called ``name`` that holds files with the suffix; None where there is none.

    Where it was unpacked twice (``texts/texts``) it is the inner one. What is unusual is added to ``notes``.
    """
    folder = _subfolder(scan, scan.root, name)
    if folder is None:
        return None
    remarks = [] if folder.name == name else [Remark(folder.name, LETTERS, f"read as {name}")]
    for _ in range(_DEEPEST):
        inner = None if scan.files((suffix,), folder) else _subfolder(scan, folder, name)
        if inner is None:
            break
        folder = inner
        remarks.append(Remark(folder.relative_to(scan.root).as_posix(), TWICE))
    if notes is not None:
        notes += [remark for remark in remarks if remark not in notes]
    return folder


def is_published(scan: FolderScan) -> bool:
    """True where a folder has captions and motions as HumanML3D and KIT-ML publish them."""
    return part(scan, TEXTS, ".txt") is not None and any(
        part(scan, name, ".npy") is not None for name in (VECTORS, JOINTS)
    )


def home(scan: FolderScan, notes: list[Remark]) -> FolderScan:
    """The folder in which a data set lies: the given one, or a subfolder that is the only one to hold a data set.

    In the cache of a hub it is the snapshot. Raises CorpusError where several subfolders hold one.
    """
    for _ in range(_DEEPEST):
        if _holds_set(scan) or scan.files(SUFFIXES) or _tables(scan):
            return scan
        inner = list(_snapshots(scan)) or [
            name for name in scan.subfolders() if _holds_set(scan.below(name), deep=True)
        ]
        if len(inner) > 1:
            raise CorpusError(
                f"{scan.folder}: {len(inner)} data sets in it, {', '.join(inner[:5])}: import one of them"
            )
        if not inner:
            return scan
        scan = scan.below(inner[0])
        notes.append(Remark(inner[0], INNER, str(scan.folder)))
    return scan


def refuse_packed(scan: FolderScan, names: tuple[str, ...], notes: list[Remark]) -> None:
    """Raise CorpusError where all of a part's names are there as an archive only; archives beside others are noted."""
    packed = [archive for name in names if (archive := _archive(scan, name))]
    if packed and not any(_subfolder(scan, scan.root, name) for name in names):
        folder = next(name for name in names if packed[0].lower().startswith(name))
        raise CorpusError(f"{scan.folder / packed[0]}: not unpacked: unpack it to {folder}/ beside it")
    notes += [
        Remark(archive, PACKED) for archive in packed if _subfolder(scan, scan.root, archive.partition(".")[0]) is None
    ]


def _subfolder(scan: FolderScan, folder: Path, name: str) -> Path | None:
    if scan.is_folder(folder / name):
        return folder / name
    other = next((other for other in scan.subfolders(folder) if other.lower() == name.lower()), None)
    return None if other is None else folder / other


def _archive(scan: FolderScan, name: str) -> str | None:
    return next((file for file in scan.files(_ARCHIVES) if file.partition(".")[0].lower() == name), None)


def _has(scan: FolderScan, *names: str) -> bool:
    return any(_subfolder(scan, scan.root, name) or _archive(scan, name) for name in names)


def _holds_set(scan: FolderScan, *, deep: bool = False) -> bool:
    """True for a folder with the parts of a data set, packed or not; ``deep`` looks into its subfolders, too."""
    if scan.file(ANNOTATIONS) is not None or (_has(scan, TEXTS) and _has(scan, VECTORS, JOINTS)):
        return True
    return deep and any(_holds_set(scan.below(name)) for name in scan.subfolders())


def _tables(scan: FolderScan) -> bool:
    return bool(scan.files((".csv", ".tsv")))


def _snapshots(scan: FolderScan) -> Iterator[str]:
    """Snapshots in a hub's cache: the one that ``main`` means, else all."""
    if not (scan.is_folder(scan.root / "snapshots") and scan.is_folder(scan.root / "blobs")):
        return
    names = scan.subfolders(scan.root / "snapshots")
    main = scan.file("refs/main")
    wanted = "" if main is None else main.read_bytes()[:100].decode(errors="replace").strip()
    for name in [wanted] if wanted in names else names:
        yield f"snapshots/{name}"
