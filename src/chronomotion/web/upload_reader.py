"""The process that reads one sent motion file, and ends. The file may have been made to do harm.

Before anything of the file is read, the process gives up what reading does not need: memory, time, size of files, other
programs, the network, files outside its folder. It answers in a file of that folder: a line of JSON, then positions.
Numpy is all that it imports.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from threading import Thread
from typing import Any

__all__ = ["ANSWER", "FPS", "main"]

ANSWER = "answer.bin"
FPS = 20.0
"""Frames a second of what is answered: those of the features that are searched."""

_FORBIDDEN = ("socket.", "subprocess.", "ctypes.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
              "os.kill", "os.putenv", "pty.", "shutil.", "os.link", "os.symlink", "os.chmod", "os.chown")  # fmt: skip
"""Beginnings of the audit events of what no reader of motion files does."""
_MOST_DOUBTS = 5


def main() -> None:
    """Read the file that the arguments name. Standard input is held by the server: where it ends, the server has."""
    settings: dict[str, Any] = json.loads(sys.argv[1])
    os.chdir(settings["folder"])
    Thread(target=_end_with_server, daemon=True).start()
    # Imported first: modules are files outside the folder.
    from chronomotion.motion import features, formats  # noqa: F401

    _give_up(settings)
    try:
        head, content = _read(settings)
    except MemoryError:
        head, content = {"error": f"reading it takes more than {settings['memory'] >> 20} MiB of memory"}, b""
    except Exception as error:  # whatever a file provokes is a fault of the file, and one line
        head, content = {"error": _in_a_line(error)}, b""
    Path(ANSWER).write_bytes(json.dumps(head).encode() + b"\n" + content)


def _read(settings: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    from chronomotion.errors import FormatError
    from chronomotion.motion.features import features_of
    from chronomotion.motion.formats import read_recording
    from chronomotion.motion.skeleton import HUMANML3D

    path = Path(settings["file"])
    recording = read_recording(path, trim="auto", fps=settings["fps"])
    motion, longest = recording.motion, settings["duration"]
    if motion.skeleton != HUMANML3D:
        raise FormatError(f"motions on the skeleton {motion.skeleton.name!r} cannot be searched with", str(path))
    if motion.duration > longest:
        raise FormatError(f"the motion lasts {motion.duration:.1f} s, but at most {longest:g} s are taken", str(path))
    motion = motion.resample(FPS)
    features_of(motion)  # what cannot be searched with is refused here, not by every search
    report = recording.report
    reading = {
        "format": report.format,
        "rig": report.family,
        "frames": report.frames,
        "fps": report.fps,
        "fps_from": report.fps_from,
        "unit": report.unit,
        "unit_from": report.unit_from,
        "up": report.up,
        "up_from": report.up_from,
    }
    offset = report.trimmed / report.fps
    head = {"frames": motion.frames, "offset": offset, "reading": reading, "doubts": report.warnings[:_MOST_DOUBTS]}
    return head, motion.positions.astype("<f4").tobytes()


def _in_a_line(error: Exception) -> str:
    from chronomotion.errors import ChronomotionError

    if isinstance(error, ChronomotionError):
        return " ".join(str(error).split())
    return f"it cannot be read: {type(error).__name__}"


def _end_with_server() -> None:
    while os.read(0, 1):  # not sys.stdin, whose lock would hold up the end of the process
        pass
    os._exit(1)


def _give_up(settings: dict[str, Any]) -> None:
    """Limits of the operating system, then an audit hook, which cannot be taken back."""
    import resource

    limits = {"RLIMIT_AS": settings["memory"], "RLIMIT_CPU": settings["cpu"], "RLIMIT_FSIZE": settings["bytes"],
              "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 64}  # fmt: skip
    for name, most in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            if sys.platform == "linux":  # elsewhere some limits are not kept; time still is, by the server
                raise
    folder = os.path.realpath(settings["folder"])
    readable = tuple(os.path.realpath(place) + os.sep for place in (*sys.path, sys.prefix, sys.base_prefix) if place)

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            _check_opened(given, folder, readable)
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not for a reader of motion files")

    sys.addaudithook(heard)


def _check_opened(given: tuple[Any, ...], folder: str, readable: tuple[str, ...]) -> None:
    """Raises PermissionError for a file outside the folder, but for modules, which may be read."""
    path, flags = given[0], given[2]
    if isinstance(path, int):
        return
    place = os.path.realpath(os.fsdecode(path))
    writes = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if not place.startswith(folder + os.sep) and (writes or not place.startswith(readable)):
        raise PermissionError("files outside its folder are not for a reader of motion files")
