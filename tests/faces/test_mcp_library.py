"""`chronomotion mcp LIB`, as a program starts it, of a library on the disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp")

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import chronomotion


def test_tools_of_a_real_library(library, environment, tmp_path):
    async def conversation():
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "chronomotion", "mcp", str(library), "--to", str(tmp_path / "written")],
            env=environment,
        )
        async with Client(stdio_client(server)) as client:
            return [
                await client.call_tool(name, arguments)
                for name, arguments in [
                    ("search_motions", {"query": "a person moves 2", "top": 2}),
                    ("similar_motions", {"motion": "take1", "top": 4}),
                    ("locate_events", {"motion": 2, "query": "a person raises the left hand, then nods"}),
                    ("get_motion", {"motion": "take3"}),
                    ("get_motion", {"motion": "take3", "file_format": "bvh"}),
                    ("search_motions", {"query": "walks", "where": "size < 3"}),
                    ("locate_events", {"motion": "take9", "query": "nods"}),
                ]
            ]

    results = anyio.run(conversation)
    assert [result.is_error for result in results] == [False] * 5 + [True] * 2, results
    search, similar, located, original, written = (result.structured_content for result in results[:5])
    assert len(search["motions"]) == 2
    assert search["searched"] == 4
    assert {one["name"] for one in similar["motions"]} <= {f"take{number}" for number in range(4)}
    assert [len(one["event"]) > 0 for one in located["result"]] == [True, True]
    assert Path(original["path"]) == library.parent / "takes" / "take3.npz"
    assert (original["frames"], original["written"]) == (search["motions"][0]["duration"] * 20, False)
    assert written["written"]
    motion = chronomotion.read_motion(written["path"])
    assert (motion.frames, motion.fps) == (written["frames"], written["fps"])
    for result in results[5:]:
        (block,) = result.content
        assert len(block.text.splitlines()) == 1
    assert "size" in results[5].content[0].text
    assert "no clip 'take9'" in results[6].content[0].text


def test_a_folder_that_is_no_library_is_one_line(environment, tmp_path):
    command = [sys.executable, "-m", "chronomotion", "mcp", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path) in done.stderr
