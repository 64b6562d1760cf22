"""The files of a folder that a stranger packed: which may be read, and which are passed over and why."""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from chronomotion.names import link_roots

__all__ = ["FolderScan", "shown"]

LINK_OUT = "link that leads out of the folder (--follow-links reads it)"
LINK_BROKEN = "broken link"
LINK_AGAIN = "link to a folder that is read already"
HIDDEN = "hidden"
APPLE = "left by macOS, holds no data"
SPECIAL = "neither file nor folder"
CLOSED = "cannot be opened"
_APPLE_FOLDER = "__macosx"


def shown(path: str) -> str:
    """A path of the file system as it can be printed: as it is, or with what cannot be printed escaped."""
    return path if path.isprintable() else repr(path)


class FolderScan:
    """Looks through a folder once or several times and remembers what it passed over.

    Links are followed where they end inside the folder, or in the files of the hub's repository whose snapshot the
    folder is (:func:`chronomotion.names.link_roots`); with ``follow_links`` wherever they end. Every folder is read
    once, whatever links lead to it, so that no circle of links is endless. Hidden files and folders, what macOS packs
    beside files, sockets and devices are never opened.
    """

    def __init__(self, folder: Path, *, follow_links: bool = False) -> None:
        self.folder, self.root, self.follow_links = folder, folder.resolve(), follow_links
        self._base, self._roots = self.root, link_roots(self.root)
        self._passed: dict[str, str] = {}

    @property
    def passed(self) -> dict[str, str]:
        """Path in the folder -> why it was passed over, sorted."""
        return dict(sorted(self._passed.items()))

    def target(self, passed: str) -> str:
        """Where a link that was passed over leads; nothing for what is no link."""
        path = self._base / passed
        return f"leads to {shown(os.fspath(path.readlink()))}" if path.is_symlink() else ""

    def below(self, name: str) -> FolderScan:
        """The same look at a subfolder as the source itself; its links may end wherever those of this folder may."""
        scan = FolderScan(self.folder / name, follow_links=self.follow_links)
        scan._roots = tuple(dict.fromkeys((*self._roots, *link_roots(scan.root))))
        scan._base, scan._passed = self._base, self._passed
        return scan

    def subfolders(self, folder: Path | None = None) -> list[str]:
        """Names of the folders directly below ``folder`` (the source itself unless given) that may be read, sorted."""
        return [entry.name for entry in self._entries(folder or self.root) if self._is_folder(entry)]

    def file(self, name: str) -> Path | None:
        """The file at a path in the folder, where there is one that may be read."""
        path = self.root / name
        if not os.path.lexists(path):
            return None
        return path if self._may_read(path) and path.is_file() else None

    def is_folder(self, path: Path) -> bool:
        """True for a folder below this one that may be read."""
        return os.path.lexists(path) and self._may_read(path) and path.is_dir()

    def files(self, suffixes: tuple[str, ...], folder: Path | None = None, *, deep: bool = False) -> dict[str, Path]:
        """Files with one of the suffixes: path relative to ``folder`` (the source unless given) -> file, sorted.

        ``deep`` looks into subfolders, too. A folder that is missing or may not be read has none.
        """
        top = folder or self.root
        if folder is not None and not self.is_folder(folder):
            return {}
        files: dict[str, Path] = {}
        for path in self._walk(top, deep):
            for entry in self._entries(path):
                if entry.name.lower().endswith(suffixes) and self._is_file(entry):
                    files[os.path.relpath(entry.path, top).replace(os.sep, "/")] = Path(entry.path)
        return dict(sorted(files.items()))

    def _walk(self, top: Path, deep: bool) -> Iterator[Path]:
        """Folders to read: those that lie there first, then those that links lead to."""
        seen = {os.path.realpath(top)}
        plain, linked = [top], list[str]()
        while plain or linked:
            if not plain:
                path = heapq.heappop(linked)
                real = os.path.realpath(path)
                # A link to a folder that holds the source would bring everything in a second time.
                if real in seen or self.root.is_relative_to(real):
                    self._pass(path, LINK_AGAIN)
                    continue
                seen.add(real)
                plain.append(Path(path))
            folder = plain.pop()
            yield folder
            for entry in self._entries(folder) if deep else ():
                if not self._is_folder(entry):
                    continue
                if entry.is_symlink():
                    heapq.heappush(linked, entry.path)
                elif (real := os.path.realpath(entry.path)) not in seen:
                    seen.add(real)
                    plain.append(Path(entry.path))

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._pass(folder, f"{CLOSED} ({error.strerror})")
            return []

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            if entry.is_symlink() and not entry.is_dir() and not Path(entry.path).exists():
                # It may have been a folder; a file that is read has a suffix and is looked at as such.
                return "." not in entry.name and self._is_reached(entry)
            return entry.is_dir() and self._is_shown(entry) and self._is_reached(entry)
        except OSError:
            return self._is_reached(entry)

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        if not self._is_shown(entry) or not self._is_reached(entry):
            return False
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            self._pass(entry.path, f"{CLOSED} ({error.strerror})")
            return False
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            self._pass(entry.path, SPECIAL)
        return stat.S_ISREG(mode)

    def _is_shown(self, entry: os.DirEntry[str]) -> bool:
        apple = entry.name.startswith("._") or entry.name.lower() == _APPLE_FOLDER
        if apple or entry.name.startswith("."):
            self._pass(entry.path, APPLE if apple else HIDDEN)
            return False
        return True

    def _is_reached(self, entry: os.DirEntry[str]) -> bool:
        """False for a link that is passed over. What is no link is as good as the folder that it lies in."""
        return not entry.is_symlink() or self._may_read(Path(entry.path))

    def _may_read(self, path: Path) -> bool:
        try:
            target = path.resolve(strict=True)
        except PermissionError as error:
            self._pass(path, f"{CLOSED} ({error.strerror})")
            return False
        except (OSError, RuntimeError):  # a link to nothing, or to itself
            self._pass(path, LINK_BROKEN)
            return False
        if self.follow_links or any(target.is_relative_to(root) for root in self._roots):
            return True
        self._pass(path, LINK_OUT)
        return False

    def _pass(self, path: Path | str, reason: str) -> None:
        self._passed[os.path.relpath(path, self._base).replace(os.sep, "/")] = reason
