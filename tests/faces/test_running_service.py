"""The client, and Blender's session, with `chronomotion serve` of a library on the disk."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from test_blender import blender_session

from chronomotion import Client, read_motion
from chronomotion.errors import ServiceError

TOKEN = "a-token-of-twenty-letters"


@pytest.fixture(scope="module")
def service(library, environment, tmp_path_factory):
    """The address of a running service."""
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    command = [sys.executable, "-m", "chronomotion", "serve", str(library), "--port", "0", "--token-file", str(token)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as server:
        lines = []
        for line in server.stdout:
            lines.append(line)
            address = re.search(r"at (http://\S+)", line)
            if address:
                break
        else:
            raise AssertionError("".join(lines))
        threading.Thread(target=server.stdout.read, daemon=True).start()  # a full pipe would stop the server
        yield address[1]
        server.terminate()
        assert server.wait(timeout=30) in (0, 143)


def test_every_method_of_the_client(service, library, tmp_path):
    with Client(service, TOKEN) as client:
        told = client.library()
        assert (told.clips, told.name) == (4, "library")
        result = client.search("a person moves 2", top=3, order=1.5, rerank=10, fold=False)
        assert (len(result.hits), result.total) == (3, 4)
        clip = result.hits[0].clip
        assert client.clip(clip.id) == clip
        frames = client.frames(clip)
        assert frames.shape == (clip.frames, 22, 3)
        motion = read_motion(client.file(clip, tmp_path))
        # The file is of the motion on the reference body, for the takes are no BVH; float16 has three digits.
        np.testing.assert_allclose(motion.positions, frames, atol=5e-3)
        events = client.events(clip, "a person walks, then nods")
        assert [math.isfinite(event.presence) for event in events] == [True, True]
        assert all(caption.text for caption in client.captions(clip))
        take = library.parent / "takes" / "take3.npz"
        similar = client.search(like=client.upload(take), top=4, fold=False).hits
        assert (similar[0].clip.name, similar[0].score) == ("take3", pytest.approx(1, abs=1e-4))
        same = client.search(
            like=client.upload(client.file(clip, tmp_path / "x.bvh")), where='name = "take3"', fold=False
        )
        assert [hit.clip.name for hit in same.hits] == ["take3"]
        with pytest.raises(ServiceError, match=r"/api/clips/99: Not Found: .*99.* \(404\)") as refusal:
            client.clip("99")
        assert refusal.value.status == 404
        with pytest.raises(ServiceError, match=r"\(422\)"):
            client.search("walks", where="size < 3")
    with Client(service) as stranger, pytest.raises(ServiceError, match="token"):
        stranger.library()


@pytest.mark.slow
def test_a_session_in_blender(service):
    told = blender_session(service, TOKEN)
    assert 1 <= len(told["hits"]) <= 4  # near-duplicates are folded
    assert told["first"]["name"] == told["hits"][0]["name"]
    # 29 frames at 20 a second are 33.6 at 24.
    assert told["first"]["range"] == [11, 45]
    assert told["second"]["fps"] == 20.0
    height = [head[2] for head in told["first"]["heads"][0].values()]
    assert 1.2 < max(height) - min(height) < 1.9
    assert told["first"]["heads"][0]["pelvis"][:2] == pytest.approx([3.0, 2.0], abs=1e-3)
