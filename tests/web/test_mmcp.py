"""MMCP over raw HTTP: a client's requests, checked by the SDK, and what its own reader makes of the answers."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from test_generating import until
from toy_maker import ToyMaker

from chronomotion.motion.motion import Motion
from chronomotion.web.app import Access
from chronomotion.web.limits import Limits

pytest.importorskip("motionmcp", reason="the extra mmcp is not installed")

from motionmcp.backbone import ModelSpec
from motionmcp.client import gltf_parser

from chronomotion.web.generating.mmcp.canonical import CANONICAL, local_rotations


def spec_of(asking):
    (spec,) = asking.get("/mmcp/capabilities").json()["models"]
    return spec


def wish(asking, *segments, options=None, **more):
    """A request of prompts and frames, as a client makes it from the capabilities."""
    spec = spec_of(asking)
    return {
        "protocol_version": "1.0",
        "model": spec["id"],
        "skeleton": spec["canonical_skeleton"],
        "segments": [{"type": "text", "prompt": prompt, "duration_frames": frames} for prompt, frames in segments],
        **({} if options is None else {"options": options}),
        **more,
    }


def sent(asking, *segments, **more):
    return asking.post("/mmcp/generate", json=wish(asking, *segments, **more))


def error(answer, status, code):
    """The message of an error in the protocol's form."""
    assert answer.status_code == status, answer.text
    said = answer.json()["error"]
    assert set(said) == {"code", "message", "details"}
    assert said["code"] == code
    assert "Traceback" not in answer.text
    return said["message"]


def accessor(document, number):
    """Numbers of a glTF document, without any library of ours or of theirs."""
    about = document["accessors"][number]
    view = document["bufferViews"][about["bufferView"]]
    content = base64.b64decode(document["buffers"][view["buffer"]]["uri"].partition(",")[2])
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[about["type"]]
    return np.frombuffer(content, "<f4", about["count"] * width, view["byteOffset"]).reshape(-1, width)


def joints_of(document, sample=0):
    """Places of the nodes by name, (frames, 3), by forward kinematics over the animation's channels."""
    nodes, animation = document["nodes"], document["animations"][sample]
    parents = {child: place for place, node in enumerate(nodes) for child in node.get("children", [])}
    tracks = {(channel["target"]["node"], channel["target"]["path"]):
              accessor(document, animation["samplers"][channel["sampler"]]["output"]).astype(float)
              for channel in animation["channels"]}  # fmt: skip
    world, turned, places = {}, {}, {}
    for place, node in enumerate(nodes):
        x, y, z, w = tracks[place, "rotation"].T
        rows = [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
                2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
                2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]  # fmt: skip
        own = np.stack(rows, -1).reshape(-1, 3, 3)
        if place not in parents:
            turned[place], world[place] = own, tracks[place, "translation"]
        else:
            above = parents[place]
            turned[place] = turned[above] @ own
            world[place] = world[above] + turned[above] @ np.array(node["translation"])
        places[node["name"]] = world[place]
    return places


def on_reference(motion, fps, frames):
    """What a client should see: our joints on the reference body at another rate."""
    from chronomotion.motion.retarget import rescale

    resampled = rescale(motion).resample(fps).positions
    return resampled[np.minimum(np.arange(frames), len(resampled) - 1)]


def test_capabilities_are_what_the_sdk_reads_and_true(making):
    answer = making.get("/mmcp/capabilities").json()
    assert answer["protocol_version"].startswith("1.")
    (model,) = answer["models"]
    ModelSpec.model_validate(model)
    assert (model["id"], model["fps"], model["supported_segments"]) == ("toy", 20.0, ["text"])
    assert model["supported_constraints"] == []
    for name in ("retargeting", "joint_translation", "async", "segment_seed", "loop", "keyframe_reduction"):
        assert model[f"supports_{name}"] is False, name
    assert model["limits"]["max_duration_seconds"] == 20.0
    assert model["limits"]["max_num_samples"] == 8
    assert {option["name"] for option in model["model_options"]} == {"temperature", "top_p"}
    joints = [joint["name"] for joint in model["canonical_skeleton"]["joints"]]
    assert joints[0] == "pelvis"
    assert {"left_wrist", "right_foot", "head"} < set(joints)


def test_a_client_gets_the_motion_that_was_made(making):
    answer = sent(making, ("a person walks", 40), ("a person sits down", 20), options={"seed": 5, "num_samples": 2})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "model/gltf+json"
    document = answer.json()
    assert [wish.seed for wish in making.service.maker.asked] == [5, 6]
    assert making.service.maker.asked[0].events == ("a person walks.", "a person sits down.")
    assert making.service.maker.asked[0].seconds == pytest.approx((2.0, 1.0))
    extension = document["extensions"]["MMCP_motion"]
    assert (extension["fps"], [row["num_frames"] for row in extension["samples"]]) == (20.0, [60, 60])
    assert len(document["animations"]) == 2
    for sample, asked in enumerate(making.service.maker.asked):
        (made,) = ToyMaker().make([asked])
        right = on_reference(made.motion, 20.0, 60)
        joints = joints_of(document, sample)
        for number, name in enumerate(made.motion.skeleton.joints):
            np.testing.assert_allclose(joints[name], right[:, number], atol=1e-3, err_msg=name)


def test_the_clients_own_reader_reads_it(making):
    document = sent(making, ("a person walks", 30)).json()
    (sample,) = gltf_parser.parse_gltf_samples(document)
    assert sample is not None


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 12.5])
def test_any_rate_and_exactly_as_many_frames(making, fps):
    frames = round(2.13 * fps)
    document = sent(making, ("a person walks", frames), timing={"fps": fps}, options={"seed": 1}).json()
    times = accessor(document, document["animations"][0]["samplers"][0]["input"])[:, 0]
    assert len(times) == frames
    np.testing.assert_allclose(times, np.arange(frames) / fps, atol=1e-5)
    (asked,) = making.service.maker.asked
    assert asked.seconds == pytest.approx((2.2,)), "the next whole step: what is longer is cut off"
    (made,) = ToyMaker().make([asked])
    right = on_reference(made.motion, fps, frames)
    joints = joints_of(document)
    for number, name in enumerate(made.motion.skeleton.joints):
        np.testing.assert_allclose(joints[name], right[:, number], atol=5e-3, err_msg=name)


def test_segments_do_not_drift_and_prompts_may_tell_several_events(making):
    segments = [("a person walks", 21)] * 3 + [("a person bows, then sits down", 43)]
    assert sent(making, *segments).status_code == 200
    (asked,) = making.service.maker.asked
    assert len(asked.events) == 5
    assert sum(asked.seconds) == pytest.approx(5.4), "106 frames are 5.3 s, and a step is .2"
    assert sum(asked.seconds[:3]) == pytest.approx(3.15, abs=0.11)


def test_options_reach_the_generator(making):
    options = {"seed": 3, "guidance": {"type": "regular", "weight": [2.5]}, "post_processing": False,
               "model_options": {"temperature": 0.5, "top_p": 0.8}, "diffusion_steps": 50}  # fmt: skip
    document = sent(making, ("a person walks", 20), options=options).json()
    (asked,) = making.service.maker.asked
    assert (asked.seed, asked.guidance, asked.temperature, asked.top_p, asked.clean) == (3, 2.5, 0.5, 0.8, False)
    (note,) = document["extensions"]["MMCP_motion"]["notes"]
    assert (note["code"], "diffusion_steps" in note["message"]) == ("option_ignored", True)
    assert "notes" not in sent(making, ("a person walks", 20)).json()["extensions"]["MMCP_motion"]
    seeds = [asked.seed for asked in making.service.maker.asked[1:]]
    sent(making, ("a person walks", 20))
    assert making.service.maker.asked[-1].seed != seeds[0], "without a seed another one each time"
    assert sent(making, ("walks", 20), options={"guidance": {"type": "nocfg", "weight": []}}).status_code == 200
    assert making.service.maker.asked[-1].guidance == 1.0


def test_a_batch(making):
    one, other = wish(making, ("a person walks", 20)), wish(making, ("a person sits", 20), model="other")
    answer = making.post("/mmcp/generate", json={"protocol_version": "1.0", "requests": [one, other]})
    assert answer.status_code == 200
    first, second = answer.json()["results"]
    assert first["gltf"]["animations"]
    assert second["error"]["code"] == "unknown_model"


REFUSED = {
    "another model": ({"model": "other"}, 400, "unknown_model"),
    "another protocol": ({"protocol_version": "9.0"}, 400, "version_unsupported"),
    "no version": ({"protocol_version": None}, 422, "schema_validation"),
    "no segments": ({"segments": []}, 422, "schema_validation"),
    "an unconditioned segment": ({"segments": [{"type": "unconditioned", "duration_frames": 20}]}, 400,
                                 "unsupported_segment"),
    "a pose": ({"segments": [{"type": "pose", "prompt": "sits"}]}, 400, "unsupported_segment"),
    "a video": ({"segments": [{"type": "video_reference", "duration_frames": 20, "video": {"url": "https://a.b/c"}}]},
                400, "unsupported_segment"),
    "a path": ({"constraints": [{"type": "root_path", "frames": [0], "positions_xz": [[0, 0]]}]}, 400,
               "unsupported_constraint"),
    "another skeleton": ({"skeleton": {"joints": [{"name": "Hips", "rest_translation": [0, 1, 0],
                                                   "rest_rotation": [0, 0, 0, 1]}]}}, 400, "retargeting_unsupported"),
    "a loop": ({"options": {"loop": True}}, 400, "invalid_options"),
    "nine samples": ({"options": {"num_samples": 9}}, 400, "invalid_options"),
    "a dial that there is not": ({"options": {"model_options": {"heat": 1}}}, 400, "invalid_options"),
    "a dial beyond": ({"options": {"model_options": {"temperature": 99}}}, 400, "invalid_options"),
    "separated guidance": ({"options": {"guidance": {"type": "separated", "weight": [1, 1]}}}, 400, "invalid_options"),
    "guidance of 1,000": ({"options": {"guidance": {"type": "regular", "weight": [1000]}}}, 400, "invalid_options"),
    "1,000,000 frames a second": ({"timing": {"fps": 1e6}}, 400, "invalid_options"),
    "a frame in 10 s": ({"timing": {"fps": 0.1}}, 400, "invalid_options"),
}  # fmt: skip
SEGMENTS = {
    "an empty prompt": ({"prompt": ""}, 422, "schema_validation"),
    "a blank prompt": ({"prompt": " \n "}, 400, "invalid_options"),
    "2,000 words": ({"prompt": "walk " * 2000}, 400, "invalid_options"),
    "a control character": ({"prompt": "a\x00b"}, 400, "invalid_options"),
    "ten minutes": ({"duration_frames": 12000}, 400, "invalid_options"),
    "no frames": ({"duration_frames": 0}, 422, "schema_validation"),
    "a seed of its own": ({"seed": 1}, 400, "invalid_options"),
    "German": ({"language": "de"}, 400, "invalid_options"),
    "sixty events": ({"prompt": "He walks. He sits. " * 30}, 400, "invalid_options"),
}


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(making, changes, status, code):
    answer = making.post("/mmcp/generate", json={**wish(making, ("a person walks", 20)), **changes})
    assert error(answer, status, code)
    assert making.service.maker.asked == []


@pytest.mark.parametrize(("changes", "status", "code"), SEGMENTS.values(), ids=SEGMENTS)
def test_what_segments_are_refused(making, changes, status, code):
    body = wish(making, ("a person walks", 20))
    body["segments"][0] |= changes
    assert error(making.post("/mmcp/generate", json=body), status, code)
    assert making.service.maker.asked == []


@pytest.mark.parametrize("change", ["offset", "turn", "parent"])
def test_a_skeleton_with_our_names_and_other_bones_is_refused(making, change):
    body = wish(making, ("a person walks", 20))
    joint = body["skeleton"]["joints"][-1]
    if change == "offset":
        joint["rest_translation"][0] += 0.05
    elif change == "turn":
        joint["rest_rotation"] = [0, 1, 0, 0]
    else:
        joint["parent"] = "pelvis"
    error(making.post("/mmcp/generate", json=body), 400, "retargeting_unsupported")


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "no text": b"\xff\xfe",
    "half a character": b'{"model": "\\ud800"}',
    "a number that is none": b'{"timing": {"fps": NaN}}',
    "a number without end": b'{"timing": {"fps": 1e999}}',
    "a number of 5,000 digits": b'{"duration_frames": ' + b"9" * 5000 + b"}",
    "nested deep": b"[" * 20_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies_that_are_none(making, body):
    error(making.post("/mmcp/generate", content=body, headers={"content-type": "application/json"}), 422,
          "schema_validation")  # fmt: skip


def test_other_paths_and_methods(making):
    for path in ("/mmcp", "/mmcp/", "/mmcp/docs", "/mmcp/redoc", "/mmcp/openapi.json", "/mmcp/health"):
        assert making.get(path).status_code == 404, path
    assert making.get("/mmcp/generate").status_code == 405
    assert making.post("/mmcp/capabilities", json={}).status_code == 405


def test_without_a_generator_there_is_no_mmcp(asking):
    assert asking.get("/mmcp/capabilities").status_code == 404


def test_the_token_the_origin_and_the_size_hold_here_too(serving):
    token = "a-token-of-32-letters-0123456789"
    asking = serving(maker=ToyMaker(), access=Access(token=token), limits=Limits(json_bytes=1000))
    right = {"authorization": f"Bearer {token}"}
    assert asking.get("/mmcp/capabilities").status_code == 401
    assert asking.get("/mmcp/capabilities", headers=right).status_code == 200
    assert asking.get("/mmcp/capabilities", headers={**right, "origin": "https://evil.example"}).status_code == 403
    assert asking.get("/mmcp/capabilities", headers={**right, "host": "evil.example"}).status_code == 403
    answer = asking.post("/mmcp/generate", content=b" " * 1001, headers=right)
    assert answer.status_code == 413


def test_what_fails_while_it_is_made(making):
    assert (
        error(sent(making, ("broken", 20)), 500, "internal_error") == "an unexpected error; the server's log has more"
    )
    assert "secret" not in sent(making, ("broken", 20)).text


def test_only_so_many_wait(serving):
    asking = serving(maker=ToyMaker(), limits=Limits(waiting_generations=0))
    body = wish(asking, ("a person walks", 20))
    asking.post("/api/generate", json={"text": "held"})
    answer = asking.post("/mmcp/generate", json=body)
    error(answer, 503, "resource_exhausted")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_client_that_goes_away_is_worked_for_no_longer(making):
    import asyncio

    maker, body = making.service.maker, wish(making, ("held", 20), options={"num_samples": 8, "seed": 0})

    async def leave():
        task = asyncio.create_task(ask())
        while not maker.asked:
            await asyncio.sleep(0.01)
        gone.set()
        await task

    async def ask():
        scope = {"type": "http", "method": "POST", "path": "/mmcp/generate", "raw_path": b"/mmcp/generate",
                 "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 8000),
                 "client": ("127.0.0.1", 1), "headers": [(b"host", b"127.0.0.1:8000")]}  # fmt: skip
        messages = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

        async def receive():
            if messages:
                return messages.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            answers.append(message)

        await making.app(scope, receive, send)

    answers, gone = [], asyncio.Event()
    asyncio.run(asyncio.wait_for(leave(), 20))
    assert answers == []
    maker.go.set()
    last = making.post("/api/generate", json={"text": "last"}).json()["id"]
    until(making, last, lambda said: said["state"] == "done")
    assert [asked.text for asked in maker.asked] == ["held", "last"]


def test_a_missing_extra_is_named_in_a_line(serving, monkeypatch, caplog):
    import sys

    monkeypatch.setitem(sys.modules, "motionmcp", None)
    caplog.set_level("INFO", "chronomotion.web")
    asking = serving(maker=ToyMaker())
    line = "this needs the package 'motionmcp': pip install 'chronomotion[mmcp]'"
    assert line in caplog.text
    answer = asking.get("/mmcp/capabilities")
    assert (answer.status_code, answer.json()["detail"]) == (501, line)
    assert asking.get("/api/generate/about").status_code == 200


def turning(frames=40):
    """Someone who spins, bends to the ground and lies down."""
    maker = ToyMaker()
    pose = maker.pose - maker.pose[0]
    angles = np.linspace(0, 2 * np.pi, frames)
    tilts = np.linspace(0, np.pi / 2, frames)
    about_y = [[[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]] for a in angles]
    about_x = [[[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]] for a in tilts]
    return Motion(np.einsum("fab,fbc,jc->fja", about_y, about_x, pose) + maker.pose[0], 20.0)


@pytest.mark.parametrize("motion", [turning(), Motion(turning().positions[:1], 20.0)], ids=["turning", "one frame"])
def test_joints_land_where_they_are(motion):
    """By the SDK's own forward kinematics too."""
    local, roots = local_rotations(motion)
    right = on_reference(motion, 20.0, motion.frames)
    assert np.allclose(local @ local.swapaxes(-1, -2), np.eye(3), atol=1e-6)
    world, places = [], []
    for at, joint in enumerate(CANONICAL):
        if joint.parent < 0:
            world.append(local[:, at]), places.append(roots)
        else:
            world.append(world[joint.parent] @ local[:, at])
            places.append(places[joint.parent] + world[joint.parent] @ joint.offset)
    by_name = dict(zip([joint.name for joint in CANONICAL], places, strict=True))
    for number, name in enumerate(motion.skeleton.joints):
        np.testing.assert_allclose(by_name[name], right[:, number], atol=1e-4, err_msg=name)
