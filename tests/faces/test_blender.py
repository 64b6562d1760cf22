"""The add-on: its questions to a server without Blender, and a session in Blender's own Python where that is there."""

from __future__ import annotations

import ast
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest
from canned_service import EVENTS, MOTION, TOKEN, canned_service

from chronomotion.blender import ADDON
from chronomotion.motion.formats import read_motion
from chronomotion.motion.formats.bvh_write import bvh_bytes

SESSION = Path(__file__).with_name("blender_session.py")


@pytest.fixture(scope="module")
def addon():
    """The file, loaded where there is no Blender: classes are made, nothing of Blender is called."""
    blender = types.ModuleType("bpy")
    kinds = ("PropertyGroup", "Operator", "UIList", "Panel")
    blender.types = types.SimpleNamespace(**{kind: type(kind, (), {}) for kind in kinds})
    names = ("String", "Float", "Int", "Bool", "Collection")
    blender.props = types.SimpleNamespace(**{f"{name}Property": lambda **_: None for name in names})
    spec = importlib.util.spec_from_file_location("addon_without_blender", ADDON)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "bpy", blender)
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def service():
    with canned_service() as running:
        yield running


def test_it_imports_nothing_but_blender_and_the_standard_library():
    tree = ast.parse(ADDON.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {(node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
             for node in nodes for alias in node.names}  # fmt: skip
    assert {name.partition(".")[0] for name in names} - sys.stdlib_module_names == {"bpy"}


def test_it_is_part_of_the_package():
    assert ADDON.is_file()
    assert "bl_info = {" in ADDON.read_text(encoding="utf-8")


def test_a_search_sends_the_query_and_returns_what_the_panel_shows(addon, service):
    first, second = addon.Server(service.url + "/").search("walks, then falls", 1.5, 7)
    assert json.loads(service.requests[-1][2]) == {"text": "walks, then falls", "order": 1.5, "top": 7}
    assert (first["id"], first["name"], first["score"], first["good"]) == ("7", "walks/take_007", 0.9, True)
    # The event that has no room in the clip has no time to show.
    assert first["events"] == [(EVENTS[0].text, 0.5, 1.25, True)]
    assert (second["id"], second["good"], second["events"]) == ("b.9", False, [])


def test_the_token_is_sent_and_stays_with_this_server(addon):
    with canned_service(TOKEN) as service, canned_service() as other:
        assert len(addon.Server(service.url, TOKEN).search("walks", 1.0, 1)) == 2
        with pytest.raises(addon.ServerError, match=re.escape("the server refuses (401): this service asks for")):
            addon.Server(service.url).search("walks", 1.0, 1)
        service.instead["/api/search"] = (307, "text/plain", b"")
        service.headers["Location"] = f"{other.url}/api/search"
        with pytest.raises(addon.ServerError, match=re.escape("the server refuses (307)")):
            addon.Server(service.url, TOKEN).search("walks", 1.0, 1)
        assert other.requests == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((503, "text/html", b"<html>\nbusy"), "the server refuses (503): Service Unavailable"),
        ((422, "application/problem+json", b'["a list"]'), "the server refuses (422): Unprocessable"),
        ((200, "text/html", b"<html>"), "does not answer as `chronomotion serve` does"),
        ((200, "application/json", b'{"hits": [{"clip": null}]}'), "does not answer as `chronomotion serve` does"),
        ((200, "application/json", b'{"hits": 3}'), "does not answer as `chronomotion serve` does"),
        ((200, "application/json", b"[]"), "does not answer as `chronomotion serve` does"),
    ],
)
def test_another_server_at_that_address(addon, service, answer, message):
    service.instead["/api/search"] = answer
    with pytest.raises(addon.ServerError) as error:
        addon.Server(service.url).search("walks", 1.0, 1)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    "address", ["", "localhost:8000", "ftp://x", "http://", "http://a b", "http://x:port", "http://x\n"]
)
def test_an_address_that_is_none(addon, address):
    with pytest.raises(addon.ServerError, match="is no address: write it as http://127.0.0.1:8000"):
        addon.Server(address).search("walks", 1.0, 1)


def test_nobody_answers_and_no_way_online(addon):
    with pytest.raises(addon.ServerError, match="http://127.0.0.1:9: .*: is `chronomotion serve` running there?"):
        addon.Server("http://127.0.0.1:9").file("7")
    with pytest.raises(addon.ServerError, match="motion.example is not this machine, and Blender may not go online"):
        addon.Server("https://motion.example", online=False).file("7")


def test_frames_and_files(addon, service):
    server = addon.Server(service.url, online=False)
    file = server.file("b.9")
    assert (file.text[:9], file.offset) == ("HIERARCHY", 0.5)
    height, diagonal = server.frames("7").box(0.5)
    body = MOTION.positions[15]
    sides = body.max(axis=0) - body.min(axis=0)
    assert height == pytest.approx(sides[1], abs=2e-3)
    assert diagonal == pytest.approx(np.linalg.norm(sides), abs=3e-3)
    assert server.frames("7").box(1e9) == server.frames("7").box(59 / 30)
    with pytest.raises(addon.ServerError, match=r"refuses \(404\): no clip 'no/such' in this library"):
        server.frames("no/such")
    with pytest.raises(addon.ServerError, match="7 bytes are not the frames of a motion"):
        addon.Frames(b"1234567", 20.0)


def test_a_sample_of_a_file_has_rows_from_all_of_it(addon):
    bvh = addon.BvhText.of(bvh_bytes(MOTION).decode())
    assert (len(bvh.rows), bvh.frame_time) == (60, pytest.approx(1 / 30))
    text, times = bvh.sample(4)
    again = addon.BvhText.of(text)
    assert again.rows == [bvh.rows[row] for row in (0, 20, 39, 59)]
    assert times == pytest.approx([0, 20 / 30, 39 / 30, 59 / 30])
    assert len(addon.BvhText.of(text.replace("\n", "\r\n")).rows) == 4
    assert addon.BvhText(bvh.head, 0.1, bvh.rows[:1]).sample(8)[1] == [0.0]


@pytest.mark.parametrize("said", [{}, {"X-Offset": "soon"}, {"X-Offset": "-1"}, {"X-Offset": "nan"}])
def test_a_server_has_to_say_where_in_its_file_a_motion_begins(addon, service, said):
    service.instead["/api/clips/7/file"] = (200, "text/plain", bvh_bytes(MOTION))
    service.headers = said
    with pytest.raises(addon.ServerError, match=r"X-Offset|cannot begin at"):
        addon.Server(service.url, online=False).file("7")


@pytest.mark.parametrize(
    "text", ["", "HIERARCHY\n", "MOTION\nFrames: 2\nFrame Time: x\n1 2\n", "MOTION\nFrames: 0\nFrame Time: 0.1\n",
             "MOTION\nFrames: 1\nFrame Time: 0\n1\n", "MOTION\nFrames: 1\nFrame Time: nan\n1\n"],
)  # fmt: skip
def test_a_file_without_motion(addon, text):
    with pytest.raises(addon.ServerError, match="the server's file holds no motion"):
        addon.BvhText.of(text)


@pytest.mark.parametrize("size", [0.85, 1.0, 1.15])
def test_the_unit_is_the_nearest_one_also_for_small_and_tall_people(addon, size):
    metres = [(1.6, 1.8), (1.0, 1.5), (1.55, 1.7)]
    for name, scale in addon.UNITS.items():
        boxes = [(height * size / scale, diagonal * size / scale) for height, diagonal in metres]
        assert addon.best_unit(boxes, metres)[0] == scale, name


def test_work_in_the_background(addon):
    go = threading.Event()
    task = addon.BackgroundTask(lambda words: go.wait(20) and words, "ready")
    assert not task.done
    go.set()
    assert task.result() == "ready"
    assert task.done
    with pytest.raises(addon.ServerError, match="refused"):
        addon.BackgroundTask(refuse, addon.ServerError("refused")).result()


def refuse(error):
    raise error


def in_inches_with_z_up(text):
    """The same motion in another program's axes and unit: y becomes z, z becomes -y."""
    head, _, rows = text.partition("MOTION\n")
    number = r"(-?[\d.]+)"

    def turned(match):
        x, y, z = (float(value) / 2.54 for value in match.groups())
        return f"OFFSET {x:.6f} {-z:.6f} {y:.6f}"

    head = re.sub(rf"OFFSET {number} {number} {number}", turned, head)
    names = {"Yposition": "Zposition", "Zposition": "Yposition", "Zrotation": "Yrotation", "Yrotation": "Zrotation"}
    channels = re.findall(r"[XYZ](?:position|rotation)", head)
    head = re.sub("|".join(names), lambda match: names[match[0]], head)
    lines = rows.splitlines()
    for place, line in enumerate(lines[2:], start=2):
        values = [float(value) for value in line.split()]
        lines[place] = " ".join(
            f"{value * (-1 if name[0] == 'Z' else 1) / (2.54 if name.endswith('position') else 1):.6f}"
            for name, value in zip(channels, values, strict=True)
        )
    return f"{head}MOTION\n" + "\n".join(lines) + "\n"


def blender_python():
    """A Python that has bpy."""
    named = os.environ.get("CHRONOMOTION_BPY")
    if named:
        return named
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("no bpy: pip install bpy==4.5.0 in an environment, and set CHRONOMOTION_BPY to its Python")
    return sys.executable


def blender_session(url, token):
    """What the session tells that is run in Blender's Python."""
    command = [blender_python(), str(SESSION), str(ADDON), url, token]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    told = [line.removeprefix("TOLD ") for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert told, done.stderr
    return json.loads(told[0])


@pytest.mark.slow
def test_a_session_in_blender(tmp_path):
    blender_python()
    text = bvh_bytes(MOTION).decode()
    with canned_service(TOKEN) as service:
        service.instead["/api/clips/b.9/file"] = (200, "text/plain", in_inches_with_z_up(text).encode())
        service.headers["X-Offset"] = "0"
        told = blender_session(service.url, TOKEN)
    assert "the query is empty: write what happens" in told["empty"]
    assert "is `chronomotion serve` running there?" in told["nobody"]
    assert "the server refuses (401): this service asks for a token" in told["no token"]
    assert [(hit["clip"], hit["good"]) for hit in told["hits"]] == [("7", True), ("b.9", False)]
    assert told["hits"][0]["events"] == [["a person walks", 0.5, 1.25, True]]
    (tmp_path / "take.bvh").write_text(text)
    places = read_motion(tmp_path / "take.bvh").positions
    first, second = told["first"], told["second"]
    # 24 frames a second: 59 steps of 1/30 s are 47.2 frames, and half a second is 12.
    assert (first["name"], first["fps"], first["range"]) == ("take_007", 24.0, [11, 58])
    assert first["markers"] == {"a person walks": 11 + 12 + 12}  # half a second of the file was cut off
    assert (second["name"], second["fps"], second["range"]) == ("sits", 30.0, [11, 70])
    # The short file by which units and axes are found leaves nothing behind.
    assert (second["armatures"], second["actions"]) == (["sits", "take_007"], 2)
    assert_heads(first["heads"][0], places[0], places[0])
    assert_heads(first["heads"][1], (places[58] + 3 * places[59]) / 4, places[0], tolerance=0.01)
    assert_heads(second["heads"][0], places[0], places[0])
    assert_heads(second["heads"][1], places[59], places[0])


def assert_heads(heads, places, at_first, tolerance=0.002):
    """Joints are where the motion has them, from the cursor at (3, 2, 1) on: z up, and the body's front to -y."""
    from chronomotion.motion.skeleton import HUMANML3D

    assert not math.isnan(sum(sum(head) for head in heads.values()))
    x, _, z = at_first[0]
    expected = np.stack([places[:, 0] - x + 3, -(places[:, 2] - z) + 2, places[:, 1] + 1], axis=-1)
    np.testing.assert_allclose([heads[name] for name in HUMANML3D.joints], expected, atol=tolerance)
