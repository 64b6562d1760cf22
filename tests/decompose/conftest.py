import os
import threading

import pytest
from misbehaving_server import MisbehavingServer

from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposition
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer
from chronomotion.language.decompose.llm.pace import Clock


class Whole:
    """A stand-in for the rules: a caption is one event."""

    source = "whole/1"

    def decompose(self, captions):
        for caption in captions:
            yield Decomposition(caption.text, Events((caption.text,), source=self.source), ("it is one",))


class FakeClock:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.slept = []
        self.time = 0.0
        self.lock = threading.Lock()
        self.clock = Clock(now=lambda: self.time, wall=lambda: 784_111_777.0 + self.time, sleep=self.sleep)

    def sleep(self, seconds):
        with self.lock:
            self.slept.append(seconds)
            self.time += seconds


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def no_keys(monkeypatch):
    """Neither keys nor proxies in the environment, nor settings of the openai SDK."""
    for name in list(os.environ):
        if name.startswith("OPENAI_") or name.lower().endswith("_proxy") or name == "CHRONOMOTION_LLM_KEY":
            monkeypatch.delenv(name)


@pytest.fixture
def server(no_keys):
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def whole():
    return Whole()


@pytest.fixture
def make(server, tmp_path, whole):
    """Makes a decomposer that asks ``server``."""

    def make(clock=None, cache=tmp_path / "answers.jsonl", **settings):
        endpoint = Endpoint(server.url, "toy", **{"concurrency": 2, "retries": 3, "timeout": 5.0, **settings})
        return LlmDecomposer(endpoint, cache, whole, clock=(clock or FakeClock()).clock)

    return make
