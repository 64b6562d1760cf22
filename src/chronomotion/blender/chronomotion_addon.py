"""Chronomotion for Blender: search motions by what happens in them, and import them at the cursor.

Talks to a running ``chronomotion serve``. One file, Blender's own Python only. The first half knows nothing of Blender:
questions to the server, and what of its answers is needed; the second half is the panel and its two operators.
"""

import http.client
import ipaddress
import json
import math
import re
import struct
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import bpy

bl_info = {
    "name": "Chronomotion",
    "author": "The Chronomotion founders",
    "version": (0, 1, 0),
    "blender": (4, 2, 0),
    "location": "3D View > Sidebar > Chronomotion",
    "description": "Search motions by what happens, in order, and import them",
    "category": "Animation",
}

DEFAULT_ADDRESS = "http://127.0.0.1:8000"
_TIMEOUT = 60.0
_LARGEST = 256 << 20
"""Bytes of an answer: a take of two hours as BVH has fewer."""


class ServerError(Exception):
    """The server cannot be reached, or refuses: one line for the user."""


class Server(NamedTuple):
    """Where questions go. ``online``: whether Blender's preferences allow addresses beyond this machine."""

    address: str
    token: str = ""
    online: bool = True

    def search(self, query: str, order: float, top: int) -> list[dict[str, Any]]:
        """Hits, best first, as the server's JSON has them."""
        body = json.dumps({"text": query, "order": order, "top": top}).encode()
        try:
            hits = json.loads(self._ask("/api/search", body)[0])["hits"]
            return [_checked_hit(hit) for hit in hits]
        except (ValueError, KeyError, TypeError) as error:
            raise ServerError(f"{self.address} does not answer as `chronomotion serve` does") from error

    def file(self, clip: str) -> "ClipFile":
        """A clip's BVH."""
        content, headers = self._ask(f"/api/clips/{quote(clip, safe='')}/file")
        try:
            offset = float(headers["X-Offset"])
        except (TypeError, ValueError) as error:
            raise ServerError(f"{self.address} does not say where in its file the motion begins (X-Offset)") from error
        if not 0 <= offset < math.inf:
            raise ServerError(f"{self.address}: a motion cannot begin at {offset} s of its file")
        return ClipFile(content.decode("utf-8", "replace"), offset)

    def frames(self, clip: str) -> "Frames":
        """Where a clip's joints are, in metres."""
        content, headers = self._ask(f"/api/clips/{quote(clip, safe='')}/frames")
        try:
            return Frames(content, float(headers["X-Fps"]))
        except (TypeError, ValueError) as error:
            raise ServerError(f"{self.address} does not say how fast its frames are (X-Fps)") from error

    def _ask(self, path: str, body: bytes | None = None) -> tuple[bytes, Any]:
        """Content and headers of an answer."""
        request, local = self._request(path, body)
        handlers: list[Any] = [_NoRedirects()]
        if local:
            handlers.append(urllib.request.ProxyHandler({}))  # a proxy cannot reach this machine
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=_TIMEOUT) as answer:
                content, headers = answer.read(_LARGEST + 1), answer.headers
        except urllib.error.HTTPError as error:
            raise ServerError(_problem(error)) from error
        except (OSError, http.client.HTTPException) as error:
            reason = _in_one_line(str(getattr(error, "reason", error)) or type(error).__name__)
            raise ServerError(f"{self.address}: {reason}: is `chronomotion serve` running there?") from error
        if len(content) > _LARGEST:
            raise ServerError(f"{self.address}: an answer of more than {_LARGEST >> 20} MiB is not read")
        return content, headers

    def _request(self, path: str, body: bytes | None) -> tuple[urllib.request.Request, bool]:
        """The request, and whether it stays on this machine. Raises ServerError for what is no address or token."""
        try:
            parts = urlsplit(self.address)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"} or re.search(r"[\s\x00-\x1f]", self.address):
            raise ServerError(f"{self.address!r} is no address: write it as {DEFAULT_ADDRESS}")
        local = _is_local(host)
        if not local and not self.online:
            raise ServerError(f"{host} is not this machine, and Blender may not go online: Preferences > System")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            if not (self.token.isascii() and self.token.isprintable()):
                raise ServerError("the token has characters that no token has")
            headers["Authorization"] = f"Bearer {self.token}"
        return urllib.request.Request(self.address.rstrip("/") + path, body, headers), local


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """urllib would take the token along to another server."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Frames:
    """float16 positions (frames, 22, 3) in metres, y up."""

    JOINTS = 22

    def __init__(self, content: bytes, fps: float) -> None:
        self._content, self._size, self._fps = content, self.JOINTS * 6, fps
        if not content or len(content) % self._size:
            raise ServerError(f"{len(content)} bytes are not the frames of a motion")

    def box(self, seconds: float) -> tuple[float, float]:
        """(height, diagonal) of the box around the joints at a time."""
        last = len(self._content) // self._size - 1
        at = min(max(round(seconds * self._fps), 0), last) * self._size
        values = struct.unpack(f"<{self.JOINTS * 3}e", self._content[at : at + self._size])
        sides = [max(values[axis::3]) - min(values[axis::3]) for axis in range(3)]
        return sides[1], math.hypot(*sides)


def _checked_hit(hit: dict[str, Any]) -> dict[str, Any]:
    """What is needed of a hit, with the types that it has to have. Raises KeyError, TypeError or ValueError."""
    clip = hit["clip"]
    found = [event for event in hit["events"] if event["span"] is not None]
    return {
        "id": str(clip["id"]),
        "name": str(clip["name"]),
        "duration": float(clip["duration"]),
        "score": float("nan") if hit["score"] is None else float(hit["score"]),
        "good": bool(hit["good"]),
        "events": [
            (str(event["text"]), float(event["span"][0]), float(event["span"][1]), bool(event["found"]))
            for event in found
        ],
    }


def _problem(error: urllib.error.HTTPError) -> str:
    """A refusal in one line: the detail of its problem (RFC 9457), or the status alone."""
    detail = error.reason
    with suppress(ValueError, OSError, http.client.HTTPException, AttributeError):
        detail = json.loads(error.read(1 << 16)).get("detail") or detail
    return _in_one_line(f"the server refuses ({error.code}): {detail}")


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ClipFile(NamedTuple):
    """The BVH of a clip, and the seconds in it before the clip begins: the library has cut off a T-pose."""

    text: str
    offset: float


class BvhText(NamedTuple):
    """A BVH file: what stands above its rows, how long a frame is, and the rows."""

    head: str
    frame_time: float
    rows: list[str]

    @classmethod
    def of(cls, text: str) -> "BvhText":
        """Raises ServerError when there is no motion in the file."""
        match = re.search(r"^\s*Frames\s*:\s*\d+\s*^\s*Frame\s+Time\s*:\s*(\S+)\s*?$", text, re.M | re.I)
        rows = [] if match is None else [row for row in text[match.end() :].splitlines() if row.strip()]
        try:
            seconds = float(match[1]) if match is not None else 0.0
        except ValueError:
            seconds = 0.0
        if match is None or not rows or not 0 < seconds < math.inf:
            raise ServerError("the server's file holds no motion: MOTION, Frames and Frame Time are missing or empty")
        return cls(text[: match.start()], seconds, rows)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self.rows) - 1) * self.frame_time

    def sample(self, count: int) -> tuple[str, list[float]]:
        """The file with a few of its rows, spread over it, and their times in seconds."""
        chosen = sorted({round(place * (len(self.rows) - 1) / max(1, count - 1)) for place in range(count)})
        rows = "\n".join(self.rows[row] for row in chosen)
        text = f"{self.head}\nFrames: {len(chosen)}\nFrame Time: {self.frame_time}\n{rows}\n"
        return text, [row * self.frame_time for row in chosen]


UNITS = {"centimetres": 0.01, "metres": 1.0, "millimetres": 0.001, "inches": 0.0254, "decimetres": 0.1, "CMU": 0.056444}
"""Metres of a unit of files in the wild. The server's own files are in centimetres."""


def best_unit(imported: Sequence[tuple[float, float]], metres: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(scale, misfit) of boxes (height, diagonal) of the file, against those of the same times in metres.

    The library's body is not the person of the file: the scale is the known unit that comes nearest.
    """

    def misfit(scale: float) -> float:
        pairs = zip(sum(imported, ()), sum(metres, ()), strict=True)
        ratios = [(size * scale + 1e-6) / (true + 1e-6) for size, true in pairs]
        return sum(abs(math.log(ratio)) for ratio in ratios) / len(ratios)

    scale = min(UNITS.values(), key=misfit)
    return scale, misfit(scale)


# Below this line: Blender.

_FORWARD = {"Y": "-Z", "Z": "Y"}
"""Axis of a file that becomes Blender's y, by the one that points up."""
_SAMPLES = 8
_LONGEST_NAME = 60


def _import_bvh(text: str, name: str, up: str, **options: Any) -> Any:
    """Import the text of a BVH, whose axis ``up`` points up, as an armature with this name.

    Raises ServerError when Blender refuses it.
    """
    stem = re.sub(r"[^\w.-]+", "_", name.rpartition("/")[2])[-_LONGEST_NAME:] or "motion"
    before = set(bpy.data.objects)
    with tempfile.TemporaryDirectory(dir=bpy.app.tempdir or None) as folder:
        path = Path(folder, f"{stem}.bvh")
        path.write_text(text, encoding="utf-8")
        try:
            bpy.ops.import_anim.bvh(filepath=str(path), axis_up=up, axis_forward=_FORWARD[up], **options)
        except (RuntimeError, ValueError, KeyError, IndexError) as error:
            _remove(set(bpy.data.objects) - before)
            raise ServerError(f"Blender cannot import {name}: {_in_one_line(str(error))}") from error
    made = [other for other in bpy.data.objects if other not in before and other.type == "ARMATURE"]
    if not made:
        raise ServerError(f"Blender cannot import {name}: there is no skeleton in the file")
    return made[0]


def _remove(objects: Iterable[Any]) -> None:
    """Remove armatures and what came with them."""
    for other in list(objects):
        data, animation = other.data, other.animation_data
        action = animation.action if animation else None
        bpy.data.objects.remove(other)
        if isinstance(data, bpy.types.Armature):
            bpy.data.armatures.remove(data)
        if action is not None:
            bpy.data.actions.remove(action)


def _boxes(context: Any, text: str, name: str, up: str, times: Sequence[float]) -> list[tuple[float, float]]:
    """(height, diagonal) of the box around the joints in every row of a short file."""
    armature = _import_bvh(text, name, up, frame_start=1, global_scale=1.0)
    boxes = []
    for row in range(len(times)):
        context.scene.frame_set(1 + row)
        heads = [armature.matrix_world @ bone.head for bone in armature.pose.bones]
        sides = [max(head[axis] for head in heads) - min(head[axis] for head in heads) for axis in range(3)]
        boxes.append((sides[2], math.hypot(*sides)))
    _remove([armature])
    return boxes


def _axes_and_scale(context: Any, bvh: BvhText, offset: float, frames: Frames, name: str) -> tuple[str, float]:
    """Which axis of the file points up, and how many metres its unit is: those with which its body has the size, and
    the height, that the server's frames have at the same times."""
    text, times = bvh.sample(_SAMPLES)
    metres = [frames.box(seconds - offset) for seconds in times]
    fits = {up: best_unit(_boxes(context, text, name, up, times), metres) for up in _FORWARD}
    up = min(fits, key=lambda axis: fits[axis][1])
    return up, fits[up][0]


class Imported(NamedTuple):
    """What an import has made: the armature, and the first and last frame of its motion."""

    armature: Any
    start: int
    end: int


def import_motion(
    context: Any,
    file: ClipFile,
    frames: Frames,
    name: str,
    events: Iterable[tuple[str, float, float, bool]] = (),
    *,
    take_rate: bool = False,
) -> Imported:
    """Import a BVH at the 3D cursor, in metres; its first frame is the scene's first one.

    The scene's range becomes that of the file, and markers stand where events begin. The scene keeps its frame rate,
    and the motion its speed, unless ``take_rate`` gives the scene the motion's rate. Raises ServerError.
    """
    bvh = BvhText.of(file.text)
    scene = context.scene
    start, before = scene.frame_start, scene.frame_current
    if context.object is not None and context.object.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        up, scale = _axes_and_scale(context, bvh, file.offset, frames, name)
        options = {"update_scene_fps": True} if take_rate else {"use_fps_scale": True}
        armature = _import_bvh(file.text, name, up, global_scale=scale, frame_start=start, **options)
    except ServerError:
        scene.frame_set(before)
        raise
    rate = scene.render.fps / scene.render.fps_base
    end = start + max(1, round(bvh.duration * rate))
    scene.frame_start, scene.frame_end = start, end
    scene.frame_set(start)
    root = armature.matrix_world @ armature.pose.bones[0].head
    cursor = scene.cursor.location
    armature.location += type(cursor)((cursor.x - root.x, cursor.y - root.y, cursor.z))
    for event, begin, _, found in events:
        if found:
            scene.timeline_markers.new(event, frame=start + round((file.offset + begin) * rate))
    context.view_layer.update()
    return Imported(armature, start, end)


class BackgroundTask:
    """A function on a thread of its own, so that the window does not freeze; asked from a timer whether it is done."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(function, *arguments), daemon=True)
        self._thread.start()

    def _run(self, function: Callable[..., Any], *arguments: Any) -> None:
        try:
            self._result = function(*arguments)
        except BaseException as error:
            self._error = error

    @property
    def done(self) -> bool:
        """Whether there is a result, or an error."""
        return not self._thread.is_alive()

    def result(self) -> Any:
        """The result. Raises what the function raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result


class CHRONOMOTION_PG_event(bpy.types.PropertyGroup):
    """An event of a hit."""

    text: bpy.props.StringProperty()
    start: bpy.props.FloatProperty()
    end: bpy.props.FloatProperty()
    found: bpy.props.BoolProperty()


class CHRONOMOTION_PG_hit(bpy.types.PropertyGroup):
    """A clip that was found."""

    clip: bpy.props.StringProperty()
    score: bpy.props.FloatProperty()
    duration: bpy.props.FloatProperty()
    good: bpy.props.BoolProperty()
    events: bpy.props.CollectionProperty(type=CHRONOMOTION_PG_event)


class CHRONOMOTION_PG_settings(bpy.types.PropertyGroup):
    """What is asked, and where; saved with the scene."""

    address: bpy.props.StringProperty(
        name="Server", default=DEFAULT_ADDRESS, description="Address of chronomotion serve"
    )
    query: bpy.props.StringProperty(name="Query", description="What happens, in order: walks, turns around, then sits")
    order: bpy.props.FloatProperty(
        name="Order", default=1.0, min=0.0, max=2.0,
        description="0: the order of events does not matter; 1: it does; up to 2: stricter",
    )  # fmt: skip
    top: bpy.props.IntProperty(name="Results", default=10, min=1, max=100)
    take_rate: bpy.props.BoolProperty(
        name="Scene takes the clip's rate", description="Otherwise keys are placed at the scene's frame rate"
    )


class CHRONOMOTION_PG_results(bpy.types.PropertyGroup):
    """Hits of the last search; forgotten when Blender ends, as is the token."""

    token: bpy.props.StringProperty(name="Token", subtype="PASSWORD", description="Only if the server asks for one")
    hits: bpy.props.CollectionProperty(type=CHRONOMOTION_PG_hit)
    active: bpy.props.IntProperty()
    state: bpy.props.StringProperty()


def _server(context: Any) -> Server:
    settings, results = context.scene.chronomotion, context.window_manager.chronomotion
    return Server(settings.address.strip(), results.token.strip(), bool(bpy.app.online_access))


class _Asking:
    """An operator that asks the server: on a thread while Blender has a window, at once where a script calls it."""

    _task: BackgroundTask | None = None
    _timer: Any = None
    state = ""

    def question(self, context: Any) -> tuple[Any, ...]:
        """A function that asks the server, and its arguments; nothing in it touches Blender."""
        raise NotImplementedError

    def answered(self, context: Any, answer: Any) -> str:
        """Put the answer in place; returns what is said to the user."""
        raise NotImplementedError

    def execute(self, context: Any) -> set[str]:
        """Ask and wait."""
        try:
            function, *arguments = self.question(context)
            return self._finish(context, lambda: function(*arguments))
        except ServerError as error:
            return self._refuse(context, error)

    def invoke(self, context: Any, _: Any) -> set[str]:
        """Ask, and look now and then whether the answer is there."""
        if bpy.app.background or context.window is None:
            return self.execute(context)
        try:
            self._task = BackgroundTask(*self.question(context))
        except ServerError as error:
            return self._refuse(context, error)
        context.window_manager.chronomotion.state = self.state
        self._timer = context.window_manager.event_timer_add(0.1, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """Escape gives up; everything else goes on as ever."""
        if event.type == "ESC":
            return self._refuse(context, ServerError("given up"))
        if event.type != "TIMER" or self._task is None or not self._task.done:
            return {"PASS_THROUGH"}
        return self._finish(context, self._task.result)

    def _finish(self, context: Any, result: Callable[[], Any]) -> set[str]:
        try:
            words = self.answered(context, result())
        except ServerError as error:
            return self._refuse(context, error)
        self._end(context)
        self.report({"INFO"}, words)  # type: ignore[attr-defined]
        return {"FINISHED"}

    def _refuse(self, context: Any, error: ServerError) -> set[str]:
        self._end(context)
        self.report({"ERROR"}, str(error))  # type: ignore[attr-defined]
        return {"CANCELLED"}

    def _end(self, context: Any) -> None:
        context.window_manager.chronomotion.state = ""
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        for area in context.screen.areas if context.screen else ():
            area.tag_redraw()


class CHRONOMOTION_OT_search(_Asking, bpy.types.Operator):
    """Search the server for motions"""

    bl_idname = "chronomotion.search"
    bl_label = "Search"
    state = "Searching"

    def question(self, context: Any) -> tuple[Any, ...]:
        """The search."""
        settings = context.scene.chronomotion
        query = settings.query.strip()
        if not query:
            raise ServerError("the query is empty: write what happens")
        return _server(context).search, query, settings.order, settings.top

    def answered(self, context: Any, answer: list[dict[str, Any]]) -> str:
        """List the hits."""
        results = context.window_manager.chronomotion
        results.hits.clear()
        results.active = 0
        for found in answer:
            hit = results.hits.add()
            hit.name, hit.clip = found["name"], found["id"]
            hit.score, hit.duration, hit.good = found["score"], found["duration"], found["good"]
            for text, start, end, there in found["events"]:
                event = hit.events.add()
                event.text, event.start, event.end, event.found = text, start, end, there
        return f"{len(answer)} motions"


class CHRONOMOTION_OT_import_hit(_Asking, bpy.types.Operator):
    """Import the selected motion at the 3D cursor, with markers where its events begin"""

    bl_idname = "chronomotion.import_hit"
    bl_label = "Import"
    bl_options = {"REGISTER", "UNDO"}
    state = "Importing"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether a hit is selected."""
        results = context.window_manager.chronomotion
        return bool(0 <= results.active < len(results.hits))

    def question(self, context: Any) -> tuple[Any, ...]:
        """The file, and where the joints are."""
        results = context.window_manager.chronomotion
        hit, server = results.hits[results.active], _server(context)
        events = [(event.text, event.start, event.end, event.found) for event in hit.events]
        clip, name = hit.clip, hit.name
        return lambda: (server.file(clip), server.frames(clip), name, events), *()

    def answered(self, context: Any, answer: tuple[Any, ...]) -> str:
        """Import it."""
        imported = import_motion(context, *answer, take_rate=context.scene.chronomotion.take_rate)
        return f"{imported.armature.name}: frames {imported.start} to {imported.end}"


class CHRONOMOTION_UL_hits(bpy.types.UIList):
    """The hits."""

    def draw_item(  # Blender counts the arguments
        self, _context: Any, layout: Any, _data: Any, hit: Any, _icon: Any, _active: Any, _property: Any
    ) -> None:
        """One hit; what is probably not what was searched is dimmed."""
        row = layout.row()
        row.active = hit.good
        row.label(text=hit.name)
        row.label(text=f"{hit.duration:.1f} s   {hit.score:.2f}")


class CHRONOMOTION_PT_panel(bpy.types.Panel):
    """The panel in the sidebar of the 3D view."""

    bl_label = "Chronomotion"
    bl_idname = "CHRONOMOTION_PT_panel"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Chronomotion"

    def draw(self, context: Any) -> None:
        """Settings, hits, and the events of the selected one."""
        layout, settings = self.layout, context.scene.chronomotion
        results = context.window_manager.chronomotion
        layout.prop(settings, "address")
        layout.prop(results, "token")
        layout.prop(settings, "query")
        layout.prop(settings, "order", slider=True)
        layout.prop(settings, "top")
        row = layout.row()
        row.enabled = not results.state
        row.operator("chronomotion.search", text=results.state or "Search", icon="VIEWZOOM")
        layout.template_list("CHRONOMOTION_UL_hits", "", results, "hits", results, "active")
        if 0 <= results.active < len(results.hits):
            box = layout.box()
            for event in results.hits[results.active].events:
                line = box.row()
                line.active = event.found
                line.label(text=f"{event.start:.1f} to {event.end:.1f} s   {event.text}")
            layout.prop(settings, "take_rate")
            row = layout.row()
            row.enabled = not results.state
            row.operator("chronomotion.import_hit", icon="IMPORT")


_CLASSES = (
    CHRONOMOTION_PG_event, CHRONOMOTION_PG_hit, CHRONOMOTION_PG_settings, CHRONOMOTION_PG_results,
    CHRONOMOTION_OT_search, CHRONOMOTION_OT_import_hit, CHRONOMOTION_UL_hits, CHRONOMOTION_PT_panel,
)  # fmt: skip


def register() -> None:
    """Make the panel and its operators known."""
    for kind in _CLASSES:
        bpy.utils.register_class(kind)
    bpy.types.Scene.chronomotion = bpy.props.PointerProperty(type=CHRONOMOTION_PG_settings)
    bpy.types.WindowManager.chronomotion = bpy.props.PointerProperty(type=CHRONOMOTION_PG_results)


def unregister() -> None:
    """Take them back."""
    del bpy.types.WindowManager.chronomotion
    del bpy.types.Scene.chronomotion
    for kind in reversed(_CLASSES):
        bpy.utils.unregister_class(kind)


if __name__ == "__main__":
    register()
