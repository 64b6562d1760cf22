"""Motion files on their way into a library: read in a closed process, then indexed, one at a time."""

from __future__ import annotations

import logging
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Literal

from chronomotion.atomic_write import scratch_folder
from chronomotion.errors import BusyError, ChronomotionError, ConfigError, FormatError, WriteError
from chronomotion.motion.formats import write_motion
from chronomotion.web.collection import Collection
from chronomotion.web.limits import Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import ProblemError
from chronomotion.web.searchable import Extensible
from chronomotion.web.uploads import SentMotion, UploadReader, safe_name

__all__ = ["Addition", "Additions"]

log = logging.getLogger(__name__)

State = Literal["waiting", "working", "done", "failed"]

_BLOCK = 2**20
_REMEMBERED = 200
_FAULT = "an unexpected error; the server's log has more"


@dataclass(frozen=True)
class Addition:
    """A file that is being added to a library, and what became of it.

    - ``clip``: the id of its clip; ``clip_name``: what that is called there; ``is_new`` is False where the library had
      the same file already;
    - ``problem``: why there is none, in one line.
    """

    id: str
    library: str
    sent: SentMotion
    state: State = "waiting"
    clip: str | None = None
    clip_name: str | None = None
    is_new: bool = True
    problem: str | None = None


class Additions:
    """Adds files to the libraries of ``collection``; none where ``allowed`` is False."""

    def __init__(self, collection: Collection, reader: UploadReader, limits: Limits, *, allowed: bool = True) -> None:
        self._collection, self._reader, self._allowed = collection, reader, allowed
        self.pool = BoundedPool(1, limits.additions, "add")
        self._lock = Lock()
        self._known: dict[str, Addition] = {}

    def names(self) -> list[str]:
        """Names of the libraries that files can be added to."""
        return [each.name for each in self._open()]

    def get(self, addition_id: str) -> Addition:
        """What has become of a file. Raises ProblemError, status 404, for an id that there is not."""
        with self._lock:
            known = self._known.get(addition_id)
        if known is None:
            raise ProblemError(404, f"nothing is being added under {addition_id[:100]!r}")
        return known

    def receive(self, blocks: Iterable[bytes], name: str, library: str | None, fps: float | None = None) -> Addition:
        """Take a file that was sent, read it in a closed process, and have it indexed.

        Raises ProblemError: 403 where nothing may be added, 415 and 422 for a file that cannot be read and for a
        library that there is not, 503 where too many wait.
        """
        home = self._library(library)
        name = safe_name(name)
        with ExitStack() as stack:
            folder = stack.enter_context(scratch_folder(Path(tempfile.gettempdir()), "addition"))
            file = folder / name
            with file.open("wb") as copy:
                copy.writelines(blocks)
            with file.open("rb") as content:
                sent = self._reader.read(iter(partial(content.read, _BLOCK), b""), name, fps)
            if fps is not None:  # it states no rate: what is kept does
                file = file.with_suffix(".npz")
                write_motion(sent.motion, file)
            addition = Addition(secrets.token_urlsafe(16), home.name, sent)
            self._note(addition)
            job = self.pool.submit(self._add, addition, home, file)
            left = stack.pop_all()
            job.add_done_callback(lambda _: left.close())
        return addition

    def _open(self) -> list[Extensible]:
        libraries = self._collection.libraries() if self._allowed else []
        return [each for each in libraries if isinstance(each, Extensible) and each.can_be_changed]

    def _library(self, name: str | None) -> Extensible:
        libraries = self._open()
        if not libraries:
            raise ProblemError(403, "nothing can be added to what is served here")
        chosen = [each for each in libraries if name in (None, each.name)]
        if len(chosen) != 1:
            names = ", ".join(each.name for each in libraries)
            wrong = "say which library" if name is None else f"no library {name[:100]!r} can be added to"
            raise ProblemError(422, f"library: {wrong}: {names}")
        return chosen[0]

    def _note(self, addition: Addition) -> None:
        with self._lock:
            self._known[addition.id] = addition
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]

    def _add(self, addition: Addition, library: Extensible, file: Path) -> None:
        self._note(replace(addition, state="working"))
        try:
            added = library.add(file, addition.sent)
            served = self._collection.renewed(library.folder)
            clip = self._collection.id_of(served, added.clip.number)
            done = replace(addition, state="done", clip=clip, clip_name=added.clip.name, is_new=added.is_new)
        except Exception as error:
            done = replace(addition, state="failed", problem=_why(error, library.name))
        self._note(done)


def _why(error: Exception, library: str) -> str:
    """What went wrong, in a line that names no folder of this machine."""
    if isinstance(error, BusyError):
        return f"another program is changing {library}: try again when it has finished"
    if isinstance(error, WriteError):
        return f"{library} cannot be written to: {error.strerror}"
    if isinstance(error, ConfigError | FormatError):
        return " ".join(str(error).split())
    log.error("adding to %s: %s", library, error, exc_info=not isinstance(error, ChronomotionError))
    return _FAULT
