"""Motion files that were sent: each is read by a fresh process with limits, and only numbers come back."""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from threading import Lock

import numpy as np

from chronomotion.atomic_write import scratch_folder
from chronomotion.motion.formats import SUFFIXES, unreadable
from chronomotion.motion.motion import Motion
from chronomotion.web.limits import Limits
from chronomotion.web.problems import ProblemError
from chronomotion.web.upload_reader import ANSWER, FPS

__all__ = ["FileReading", "SentMotion", "UploadReader", "safe_name"]

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from chronomotion.web.upload_reader import main; main()"
)
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""All that the process gets: a thread's buffers and a heap of its own would count as memory."""
_JOINTS = 22
_LONGEST_HEAD = 2**20
_LONGEST_WORD = 60
_NOT_ALONE = {".amc"}
"""Suffixes of files that say nothing without another one beside them."""


@dataclass(frozen=True)
class FileReading:
    """How the reader understood a file, and where it has that from: see RecordingReport, whose words these are."""

    format: str
    rig: str
    frames: int
    fps: float
    fps_from: str
    unit: str
    unit_from: str
    up: str
    up_from: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> FileReading:
        """The reading in an answer that is not trusted. Raises KeyError, TypeError or ValueError."""
        frames, fps = int(str(answer["frames"])), float(str(answer["fps"]))
        if not (math.isfinite(fps) and fps > 0 and frames > 0):
            raise ValueError("no frames, or no rate")
        words = {field.name: str(answer[field.name])[:_LONGEST_WORD] for field in fields(cls)}
        return cls(**{**words, "frames": frames, "fps": fps})  # type: ignore[arg-type]


@dataclass(frozen=True)
class SentMotion:
    """A motion that was read, at 20 frames a second on the 22 joints, and what is in doubt about the file; the motion
    begins ``offset`` seconds after the start of the file.
    """

    motion: Motion
    reading: FileReading
    doubts: tuple[str, ...]
    offset: float = 0.0


class UploadReader:
    """Reads sent files in processes. ``folder`` is for what lies on the disk meanwhile."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        self._limits, self._folder = limits, folder
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._closed = False

    def read(self, blocks: Iterable[bytes], name: str, fps: float | None = None) -> SentMotion:
        """The motion in a file that was sent under a name, block by block; ``fps`` where the file states no rate.

        Raises ProblemError: 415 for a kind of file that is not read, 422 for whatever is wrong with this one.
        """
        name = safe_name(name)
        _check_suffix(name)
        with scratch_folder(self._folder, "upload") as place:
            with (place / name).open("wb") as copy:
                copy.writelines(blocks)
            self._run(place, name, fps)
            return self._answer(place / ANSWER, Path(name).stem)

    def close(self) -> None:
        """End the processes that read."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()

    def _run(self, place: Path, name: str, fps: float | None) -> None:
        limits = self._limits
        settings = {
            "path": [entry for entry in sys.path if Path(entry).is_absolute()],
            "folder": str(place),
            "file": name,
            "fps": fps,
            "memory": limits.upload_memory,
            "cpu": limits.upload_cpu,
            "bytes": limits.upload_bytes,
            "duration": limits.upload_duration,
        }
        process = self._start(settings, place)
        try:
            status = process.wait(limits.upload_seconds)
        except subprocess.TimeoutExpired:
            raise ProblemError(422, f"{name}: reading it takes more than {limits.upload_seconds:g} s") from None
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
            with self._lock:
                self._processes.discard(process)
        if self._closed:
            raise ProblemError(503, "the server is ending", {"Retry-After": "5"})
        if status:
            raise ProblemError(422, f"{name}: {_why_it_ended(status, limits)}")

    def _start(self, settings: Mapping[str, object], place: Path) -> subprocess.Popen[bytes]:
        # -I: nothing of the environment or of the folder is imported. A session of its own: Ctrl-C is not for it.
        command = [sys.executable, "-I", "-c", _START, json.dumps(dict(settings))]
        with self._lock:
            if self._closed:
                raise ProblemError(503, "the server is ending", {"Retry-After": "5"})
            process = subprocess.Popen(
                command,
                cwd=place,
                env=_ENVIRONMENT,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._processes.add(process)
        return process

    def _answer(self, path: Path, name: str) -> SentMotion:
        """What the process wrote. It read a hostile file, so nothing is taken on trust, neither sizes nor numbers."""
        try:
            with path.open("rb") as file:
                head, content = json.loads(file.readline(_LONGEST_HEAD)), file.read()
            if "error" in head:
                raise ProblemError(422, str(head["error"])[:500])
            frames, doubts = int(head["frames"]), tuple(str(doubt)[:300] for doubt in head["doubts"][:5])
            most = self._limits.upload_duration * FPS + 1
            positions = np.frombuffer(content, "<f4").reshape(frames, _JOINTS, 3)
            if frames > most or not np.isfinite(positions).all():
                raise ValueError("what was read is no motion")
            reading, offset = FileReading.of(head["reading"]), float(head["offset"])
            if not 0 <= offset < math.inf:
                raise ValueError("it begins before the file does")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProblemError(422, f"{name}: it cannot be read") from error
        return SentMotion(Motion(positions, FPS, name=name), reading, doubts, offset)


def safe_name(name: str) -> str:
    """A file name of letters, digits and ``._-`` alone, made of whatever a client says: no folder, no hidden file."""
    last = PurePosixPath(name.replace("\\", "/"))
    stem, suffix = last.stem, last.suffix
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:60] or "motion"
    return stem + re.sub(r"[^A-Za-z0-9.]+", "", suffix)[:12].lower()


def can_limit() -> bool:
    """Whether this system can limit what a process takes."""
    try:
        import resource  # noqa: F401
    except ImportError:
        return False
    return True


def _check_suffix(name: str) -> None:
    if not can_limit():
        raise ProblemError(501, "this system cannot limit what a reader of sent files takes, so none are read")
    suffix = Path(name).suffix
    readable = [known for known in SUFFIXES if known not in _NOT_ALONE]
    if suffix not in readable:
        kind = f"files of the kind {suffix!r}" if suffix else "files without a suffix"
        way_out = unreadable(suffix)
        reason = f": {way_out}" if way_out else ""
        raise ProblemError(415, f"{kind} are not read{reason}; known are {', '.join(readable)}")


def _why_it_ended(status: int, limits: Limits) -> str:
    """The signal's meaning. Past the processor's time the kernel sends SIGXCPU, or SIGKILL where both limits agree."""
    if -status in (signal.SIGXCPU, signal.SIGKILL):
        return f"reading it takes more than {limits.upload_cpu} s of processor time"
    if -status == signal.SIGXFSZ:
        return "what is in it is too large"
    return "it cannot be read: the reader of motion files failed on it"
