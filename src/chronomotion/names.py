"""Names that strangers give: a name is never a path, and a path never leads out of its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chronomotion.errors import FormatError

__all__ = ["BAD_NAME", "distinct_names", "is_name", "link_roots", "path_below"]

BAD_NAME = "not a name that is allowed"
_LONGEST = 200
_REPOSITORIES = ("models--", "datasets--", "spaces--")
"""How a hub's cache names the folders of its repositories."""


def is_name(name: str) -> bool:
    """True for a plain, printable name of at most 200 characters: no separator, no control character, no dots only."""
    return (
        0 < len(name) <= _LONGEST
        and name.isprintable()
        and not name.isspace()
        and not set(name) & {"/", "\\", ":"}
        and name.strip(". ") != ""
    )


def path_below(folder: Path, relative: str, where: str, *, follow_links: bool = False) -> Path:
    """The file at a relative path with ``/`` between its parts, which is below ``folder`` even when links are followed.

    ``folder`` itself must be resolved. Links may also end where :func:`link_roots` says, and anywhere with
    ``follow_links``. Raises FormatError at ``where`` for any other path.
    """
    if not relative or not all(is_name(part) for part in relative.split("/")):
        raise FormatError(f"{relative[:80]!r} is no path inside {folder.name}: never leave the folder", where)
    path = folder / relative
    try:
        target = path.resolve()
    except (OSError, RuntimeError):
        raise FormatError(f"{relative[:80]!r} is a link that leads back to itself", where) from None
    if not follow_links and not any(target.is_relative_to(root) for root in link_roots(folder)):
        raise FormatError(f"{relative[:80]!r} is a link that leads out of {folder.name}", where)
    return path


def link_roots(folder: Path) -> tuple[Path, ...]:
    """Folders in which the links below a resolved ``folder`` may end: itself, and what its repository holds.

    A hub's cache keeps files in ``datasets--NAME/blobs`` and shows them as links in ``datasets--NAME/snapshots/HASH``.
    The two are one download, so that such links do not lead out.
    """
    for snapshots in folder.parents:
        if snapshots.name == "snapshots" and snapshots.parent.name.startswith(_REPOSITORIES):
            return folder, snapshots.parent / "blobs"
    return (folder,)


def distinct_names(places: Sequence[str | Path]) -> tuple[str, ...]:
    """Short names of folders, in their order, no two alike: their last parts, with the place in the list where two are
    equal. What is no folder (``package.module:object``) is its own name.
    """
    names = [str(place) if ":" in str(place) else Path(place).resolve().name for place in places]
    counts = Counter(names)
    return tuple(f"{name} ({number})" if counts[name] > 1 else name for number, name in enumerate(names, start=1))
