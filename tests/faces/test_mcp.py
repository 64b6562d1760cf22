"""The library's tools, driven by the SDK's own client over standard input and output of a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mcp")

import anyio
from canned_service import MOTION, RESULT
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from toy_takes import ToyLibrary

import chronomotion
from chronomotion.mcp_server import mcp_server
from chronomotion.search.records import MotionReference, Query

HERE = Path(__file__).parent
SOURCE = Path(chronomotion.__file__).parents[1]
ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(map(str, (SOURCE, HERE, HERE.parent)))}
TOOLS = ["search_motions", "locate_events", "similar_motions", "get_motion"]


@asynccontextmanager
async def stdio_process(folder, errors):
    arguments = [str(HERE / "toy_takes.py"), str(folder / "take_007.bvh"), str(folder / "written")]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=ENVIRONMENT)
    async with Client(stdio_client(server, errlog=errors)) as client:
        yield client


def test_a_conversation_with_the_process(tmp_path):
    """One process for all of it: starting one is what takes long."""

    async def conversation(errors):
        async with stdio_process(tmp_path, errors) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            results = [
                await client.call_tool("search_motions", {"query": "a person walks, then falls"}),
                await client.call_tool("locate_events", {"motion": "7", "query": "a person walks"}),
                await client.call_tool("get_motion", {"motion": 7}),
                await client.call_tool("get_motion", {"motion": "sits"}),
                await client.call_tool("search_motions", {"query": "crash"}),
                await client.call_tool("search_motions", {"query": "walks", "where": "size < 3"}),
            ]
            return client.instructions, tools, results

    (tmp_path / "take_007.bvh").write_text("HIERARCHY")
    with (tmp_path / "errors.txt").open("w+") as errors:
        instructions, tools, results = anyio.run(conversation, errors)
        errors.seek(0)
        log = errors.read()
    assert list(tools) == TOOLS
    assert "in which order" in instructions
    search, located, original, written, crash, refused = results
    told = search.structured_content
    assert [one["name"] for one in told["motions"]] == ["walks/take_007", "sits"]
    assert told["motions"][0]["events"][0] == {
        "event": "a person walks", "found": True, "confidence": 0.99, "start": 0.5, "end": 1.25,
    }  # fmt: skip
    assert told["motions"][0]["events"][1]["start"] is None
    assert [one["order_margin"] for one in told["motions"]] == [0.25, None]
    assert [one["good"] for one in told["motions"]] == [True, False]
    assert (told["good"], told["searched"], told["notes"]) == (1, 2, list(RESULT.notes))
    assert [one["event"] for one in located.structured_content["result"]] == ["a person walks"]
    assert original.structured_content["path"] == str(tmp_path / "take_007.bvh")
    assert (original.structured_content["written"], original.structured_content["offset"]) == (False, 0.25)
    assert written.structured_content["offset"] == 0
    assert {block.type for block in (*original.content, *written.content)} == {"text"}  # never bytes
    assert not written.is_error, (written, log)
    path = Path(written.structured_content["path"])
    assert path.parent == tmp_path / "written"
    np.testing.assert_allclose(chronomotion.read_motion(path).positions.shape, MOTION.positions.shape)
    assert crash.is_error
    assert [block.text for block in crash.content] == ["Error executing tool search_motions"]
    assert "a secret of the server" in log
    assert refused.is_error
    assert [block.text for block in refused.content] == ["where: there is no field 'size': name, date, duration, label"]
    assert "a stray line on standard output" in log


def called(library, tool, arguments, folder=None):
    """A tool's result, without a process."""

    async def call():
        async with Client(mcp_server(library, folder)) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(call)


def test_schemas_say_what_every_argument_is():
    async def listed():
        async with Client(mcp_server(ToyLibrary())) as client:
            return (await client.list_tools()).tools

    for tool in anyio.run(listed):
        assert len(tool.description) > 60
        assert tool.input_schema["additionalProperties"] is False
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), f"{tool.name}: {name}"
        assert tool.output_schema["type"] == "object"
        assert tool.annotations.read_only_hint == (tool.name != "get_motion")


def test_the_query_reaches_the_library_whole(tmp_path):
    library = ToyLibrary()
    arguments = {"query": "walks", "order": 2, "where": "duration < 8", "without": ["falls"], "top": 3, "offset": 3}
    called(library, "search_motions", arguments)
    called(library, "similar_motions", {"motion": "7", "start": 0.5, "end": 1.5, "top": 4})
    take = tmp_path / "take.bvh"
    take.touch()
    called(library, "similar_motions", {"motion": str(take)})
    assert library.asked == [
        Query(text="walks", order=2.0, where="duration < 8", without=("falls",), top=3, offset=3),
        Query(like=MotionReference("walks/take_007", 0.5, 1.5), top=4),
        Query(like=MotionReference(str(take))),
    ]


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search_motions", {"query": "walks", "limit": 3}, "search_motions has no argument 'limit'; there are query, "),
        ("search_motions", {}, "query is missing"),
        ("search_motions", {"query": ""}, "query: string should have at least 1 character, not ''"),
        ("search_motions", {"query": "walks", "order": 3}, "order must be at most 2, not 3"),
        ("search_motions", {"query": "walks", "top": "all"}, "top: input should be a valid integer"),
        ("locate_events", {"motion": "nowhere", "query": "walks"}, "takes has no clip 'nowhere'"),
        ("locate_events", {"motion": "11", "query": "walks"}, "takes has no clip 11"),
        ("similar_motions", {"motion": "/nowhere/take.bvh"}, "takes has no clip '/nowhere/take.bvh'"),
        ("get_motion", {"motion": 7, "file_format": "fbx"}, "file_format must be one of original, bvh, not 'fbx'"),
        ("get_motion", {"motion": True}, "takes has no clip"),
    ],
)
def test_a_mistake_is_a_tool_error_in_one_line(tool, arguments, message):
    result = called(ToyLibrary(), tool, arguments)
    assert result.is_error
    (block,) = result.content
    assert block.text.startswith(message)
    assert len(block.text.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_a_tool_error(tmp_path):
    (tmp_path / "file").touch()
    result = called(ToyLibrary(), "get_motion", {"motion": 9}, tmp_path / "file")
    assert result.is_error
    assert "cannot be written" in result.content[0].text


def test_bvh_is_written_also_where_the_original_is_there(tmp_path):
    original = tmp_path / "take_007.c3d"
    original.touch()
    result = called(ToyLibrary(original), "get_motion", {"motion": 7, "file_format": "bvh"}, tmp_path / "out")
    told = result.structured_content
    assert (told["path"], told["written"]) == (str(tmp_path / "out" / "7.bvh"), True)
    assert (told["frames"], told["fps"], told["duration"]) == (60, 30.0, 2.0)


@pytest.mark.parametrize(("number", "message"), [(signal.SIGTERM, "ended by SIGTERM"), (signal.SIGINT, "interrupted")])
def test_a_signal_ends_it_while_the_client_is_there(tmp_path, number, message):
    arguments = [sys.executable, str(HERE / "toy_takes.py"), str(tmp_path / "x"), str(tmp_path)]
    environment = {**os.environ, **ENVIRONMENT}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(arguments, env=environment, **pipes) as process:
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        assert b'"id":1' in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=20) == 128 + number
        assert process.stderr.read() == f"chronomotion: {message}\n".encode()


def test_it_ends_with_its_input(tmp_path):
    arguments = [sys.executable, str(HERE / "toy_takes.py"), str(tmp_path / "x"), str(tmp_path)]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(arguments, input=b"no message\n", capture_output=True, env=environment, timeout=60)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
