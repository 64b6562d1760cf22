import json
import struct

import numpy as np
import pytest

from chronomotion.cache import ArrayCache

ARRAYS = {
    "rows": np.arange(12, dtype=np.float32).reshape(3, 4),
    "halves": np.linspace(0, 1, 5).astype(np.float16),
    "numbers": np.array([5, -3], np.int64),
    "none": np.empty((0, 7), np.float32),
}


def test_arrays_come_back_as_they_were(tmp_path):
    cache = ArrayCache(tmp_path / "cache")
    assert cache.get("a") is None
    assert list(cache.keys()) == []
    cache.add("a", ARRAYS, {"texts": ["Äh", "b"], "offset": 0.5})
    cache.add("b", {"rows": ARRAYS["rows"].T})
    entry = cache.get("a")
    assert entry.about == {"texts": ["Äh", "b"], "offset": 0.5}
    for name, array in ARRAYS.items():
        assert np.array_equal(entry.arrays[name], array)
        assert entry.arrays[name].dtype == array.dtype
    assert np.array_equal(cache.get("b").arrays["rows"], ARRAYS["rows"].T)
    assert cache.get("b").about is None
    assert list(cache.keys()) == ["a", "b"]
    assert "a" in cache
    assert "c" not in cache


def test_arrays_are_mapped_and_cannot_be_written_to(tmp_path):
    cache = ArrayCache(tmp_path)
    cache.add("a", ARRAYS)
    rows = cache.get("a").arrays["rows"]
    assert isinstance(rows, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1


@pytest.mark.parametrize("keep", [0, 4, 8, 40, -1])
def test_a_file_that_was_cut_is_missing(tmp_path, keep):
    """Whole files only appear by renaming; a disk may still lose the end of one."""
    cache = ArrayCache(tmp_path)
    cache.add("a", ARRAYS, "about")
    path = tmp_path / "a.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert cache.get("a") is None
    cache.add("a", ARRAYS, "about")
    assert cache.get("a").about == "about"


def test_another_kind_of_file_is_missing(tmp_path):
    (tmp_path / "a.safetensors").write_text("something else, longer than eight bytes")
    (tmp_path / "b.safetensors").mkdir()
    assert ArrayCache(tmp_path).get("a") is None
    assert ArrayCache(tmp_path).get("b") is None


@pytest.mark.parametrize(
    ("offsets", "shape"),
    [([0, 12], [3, 4]), ([0, 48], [3, 40]), ([-48, 0], [3, 4]), ([96, 48], [3, 4]), ([0, 48], [-3, -4]), ([0], [3])],
)
def test_a_header_that_contradicts_itself_is_missing(tmp_path, offsets, shape):
    """Its numbers would map bytes of another array, or bytes that are not there."""
    info = {"rows": {"dtype": "F32", "shape": shape, "data_offsets": offsets}, "__metadata__": {"about": "null"}}
    header = json.dumps(info).encode()
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(96))
    assert ArrayCache(tmp_path).get("a") is None


@pytest.mark.parametrize("header", [b"[]", b"3", b"{}", b'{"__metadata__": {"about": 3}}', b"[" * 100_000])
def test_a_header_of_something_else_is_missing(tmp_path, header):
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(96))
    assert ArrayCache(tmp_path).get("a") is None


def test_what_a_killed_process_left_goes_though_nothing_is_written(tmp_path):
    """Killed after the file was in its place, and before its hidden folder was gone."""
    import subprocess
    import sys

    script = (
        "import os, shutil, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from chronomotion.cache.arrays import ArrayCache\n"
        "shutil.rmtree = lambda *given, **named: os.kill(os.getpid(), 9)\n"
        "ArrayCache(Path(sys.argv[1])).add('key', {'a': np.ones(3)})\n"
    )
    folder = tmp_path / "cache"
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert killed.returncode == -9
    assert [path.name.endswith(".part") for path in sorted(folder.iterdir())] == [True, False]
    assert ArrayCache(folder).get("key") is not None
    assert [path.name for path in folder.iterdir()] == ["key.safetensors"]
