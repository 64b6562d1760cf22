"""How many threads compute, and how they wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chronomotion import threads
from chronomotion.errors import ConfigError
from chronomotion.threads import cores, set_up_threads


def test_nothing_that_the_user_says_is_overridden():
    environment = {"OMP_WAIT_POLICY": "ACTIVE", "OMP_NUM_THREADS": "7"}
    set_up_threads(environment=environment)
    assert environment == {"OMP_WAIT_POLICY": "ACTIVE", "KMP_BLOCKTIME": "0", "OMP_NUM_THREADS": "7"}


def test_without_a_word_all_cores_compute_and_wait_asleep():
    environment: dict[str, str] = {}
    set_up_threads(environment=environment)
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["OMP_NUM_THREADS"] == str(cores())


def test_the_flag_wins_over_the_variable_and_both_over_openmp():
    environment = {"OMP_NUM_THREADS": "7", "CHRONOMOTION_THREADS": "3"}
    set_up_threads(environment=environment)
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "3"
    set_up_threads(2, environment)
    assert environment["OMP_NUM_THREADS"] == environment["MKL_NUM_THREADS"] == "2"


@pytest.mark.parametrize(("value", "where"), [("0", "CHRONOMOTION_THREADS"), ("many", "CHRONOMOTION_THREADS")])
def test_a_number_that_is_none_is_refused(value: str, where: str):
    with pytest.raises(ConfigError, match=f"{where} must be a whole number from 1 on, not '{value}'"):
        set_up_threads(environment={"CHRONOMOTION_THREADS": value})
    with pytest.raises(ConfigError, match="--threads must be a whole number from 1 on, not '-2'"):
        set_up_threads(-2, {})


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n"}, 2),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("4:cpu,cpuacct:/x\n0::/\n", {"cpu/x/cpu.cfs_quota_us": "300000\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, 3),
        ("4:cpu:/x\n", {"cpu/x/cpu.cfs_quota_us": "-1\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, 64),
        ("4:memory:/x\nnonsense\n", {}, 64),
        ("0::/a\n", {"a/cpu.max": "nonsense"}, 64),
    ],
)
def test_a_control_group_that_grants_less_is_heeded(group, files, expected, tmp_path: Path, monkeypatch):
    for name, text in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(text)
    (tmp_path / "cgroup").write_text(group)
    monkeypatch.setattr(threads, "_GROUPS", tmp_path / "fs")
    monkeypatch.setattr(threads, "_OWN_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert cores() == expected


@pytest.mark.parametrize("imported", ["chronomotion.model.motion_text", "chronomotion.training.train"])
def test_whoever_imports_our_models_gets_threads_that_wait_asleep(imported: str):
    """In the library as in the command; the variables are there before torch is."""
    code = (
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'torch': print(os.environ.get('OMP_WAIT_POLICY'), os.environ.get('OMP_NUM_THREADS'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        f"import {imported}, torch\n"
        "print(torch.get_num_threads())"
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "KMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**env, "CHRONOMOTION_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["PASSIVE", "1", "1"]
