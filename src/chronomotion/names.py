"""Names that strangers give: a name is never a path, and a path never leads out of its folder."""

from __future__ import annotations

import os
from pathlib import Path

from chronomotion.errors import FormatError

__all__ = ["BAD_NAME", "files_below", "is_name", "path_below"]

BAD_NAME = "not a name that is allowed"
_LONGEST = 200


def is_name(name: str) -> bool:
    """True for a plain, printable name of at most 200 characters: no separator, no control character, no dots only."""
    return (
        0 < len(name) <= _LONGEST
        and name.isprintable()
        and not name.isspace()
        and not set(name) & {"/", "\\", ":"}
        and name.strip(". ") != ""
    )


def path_below(folder: Path, relative: str, where: str) -> Path:
    """The file at a relative path with ``/`` between its parts, which is below ``folder`` even when links are followed.

    ``folder`` itself must be resolved. Raises FormatError at ``where`` for any other path.
    """
    if not relative or not all(is_name(part) for part in relative.split("/")):
        raise FormatError(f"{relative[:80]!r} is no path inside {folder.name}: never leave the folder", where)
    path = (folder / relative).resolve()
    if not path.is_relative_to(folder):
        raise FormatError(f"{relative[:80]!r} is a link that leads out of {folder.name}", where)
    return path


def files_below(folder: Path, suffixes: tuple[str, ...], *, deep: bool = False) -> dict[str, Path]:
    """Files with one of the suffixes: relative path with ``/`` -> file, sorted. A missing folder has none.

    ``deep`` looks into subfolders, too. A link that leads out of the folder is passed over, and so are hidden folders.
    """
    root, found = str(folder.resolve()), {}
    for base, folders, files in os.walk(root):
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        inside = os.path.relpath(base, root).replace(os.sep, "/") + "/"
        for name in files:
            if name.lower().endswith(suffixes):
                path = Path(base, name)
                if not path.is_symlink() or path.resolve().is_relative_to(root):
                    found[inside.removeprefix("./") + name] = path
    return dict(sorted(found.items()))
