"""``index.json``: the one file of an index that is ever replaced. What it does not name is not part of the index."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from chronomotion.atomic_write import atomic_write, remove_left_parts
from chronomotion.errors import FormatError

__all__ = ["FORMAT_VERSION", "MANIFEST", "Manifest", "generation_folder", "is_index", "read_header", "sweep"]

MANIFEST = "index.json"
FORMAT = "chronomotion index"
FORMAT_VERSION = 1
_GENERATION = "generation-"


@dataclass(frozen=True)
class Manifest:
    """An index at a moment.

    - ``kind`` as it was asked for, ``auto`` too, and ``base``: the kind of what the last folding made ("" before it);
    - ``generation``: the number of its folder; ``files``: the folded files in it, and their bytes, never changed;
    - ``folded`` rows in them, ``added`` rows after them in the tail and ``removed`` entries in the list of the removed,
      as many as count: what a killed writer left behind these does not.
    """

    kind: str
    dim: int
    base: str = ""
    generation: int = 0
    folded: int = 0
    added: int = 0
    removed: int = 0
    files: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder. Raises FormatError when it is none of ours, or is damaged."""
        header = read_header(folder)
        try:
            return cls(**{entry.name: _of_type(header[entry.name], cls, entry.name) for entry in fields(cls)})
        except (KeyError, TypeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise FormatError(f"the file is damaged: {reason}; make the index again", str(folder / MANIFEST)) from error

    def write(self, folder: Path) -> None:
        """Replace the manifest of a folder."""
        write_header(folder, asdict(self))

    @property
    def live(self) -> int:
        """How many rows can be found."""
        return self.folded + self.added - self.removed


def write_header(folder: Path, content: dict[str, Any]) -> None:
    """Replace ``index.json``. Raises WriteError when the disk refuses."""
    text = json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION, **content}, indent=1)
    with atomic_write(folder / MANIFEST) as part:
        part.write_text(text + "\n", encoding="utf-8")


def read_header(folder: Path) -> dict[str, Any]:
    """What ``index.json`` says. Raises FormatError when it is missing, damaged, or of another version."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FormatError(f"there is no {MANIFEST} here: this is no index", str(folder)) from error
    except (OSError, ValueError) as error:
        raise FormatError(f"the file is damaged ({error}); make the index again", str(path)) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError(f"not the file of an index (no format {FORMAT!r})", str(path))
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise FormatError(
            f"format_version {version}, but this program knows {FORMAT_VERSION}; update chronomotion or make the index "
            "again",
            str(path),
        )
    return content


def is_index(folder: Path) -> bool:
    """Whether there is an index in a folder, of whatever version."""
    return (folder / MANIFEST).exists()


def generation_folder(folder: Path, generation: int) -> Path:
    """Where the files of a generation lie."""
    return folder / f"{_GENERATION}{generation}"


def sweep(folder: Path, manifest: Manifest) -> None:
    """Remove what killed writers left, and generations that the manifest does not name. Whoever has mapped their files
    goes on reading them.
    """
    remove_left_parts(folder)
    keep = generation_folder(folder, manifest.generation)
    for path in folder.glob(f"{_GENERATION}*"):
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)


def _of_type(value: Any, owner: type, name: str) -> Any:
    """A value of the type that the field's default, or its annotation, has; numbers are not negative."""
    expected = {"str": str, "int": int}.get(str(owner.__annotations__[name]), dict)
    if not isinstance(value, expected) or isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise TypeError(f"{name} is {value!r}")
    return value
