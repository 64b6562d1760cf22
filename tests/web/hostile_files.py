"""Motion files made to do harm, by name: content, and what the answer says of each."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  End Site
  {
    OFFSET 0 10 0
  }
}
MOTION
Frames: %s
Frame Time: %s
"""


def npy_header(shape, dtype="<f4"):
    """The beginning of a .npy that announces a shape."""
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def bomb(mebibytes):
    """An archive of a few kB with an array of so many MiB of zeros."""
    frames = mebibytes * 2**20 // (22 * 3 * 4)
    return zipped({"positions.npy": npy_header((frames, 22, 3)) + bytes(frames * 22 * 3 * 4)})


def array(values):
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=True)
    return stream.getvalue()


def deep(levels):
    """A skeleton of a chain of so many joints."""
    joints = "".join(f"JOINT j{n}\n{{\nOFFSET 0 1 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n" for n in range(levels))
    return f"HIERARCHY\nROOT r\n{{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n{joints}".encode()


def nan_motion():
    values = np.zeros((40, 22, 3), np.float32)
    values[:, :, 1] = np.linspace(0, 1.7, 22)
    values[20] = np.nan
    return values


HOSTILE = {
    "empty.bvh": lambda: b"",
    "empty.npz": lambda: b"",
    "noise.bvh": lambda: np.random.default_rng(0).bytes(100_000),
    "noise.npy": lambda: np.random.default_rng(0).bytes(100_000),
    "noise.npz": lambda: np.random.default_rng(0).bytes(100_000),
    "noise.glb": lambda: np.random.default_rng(0).bytes(100_000),
    "noise.gltf": lambda: (
        b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "../../../../etc/passwd", "byteLength": 9}]}'
    ),
    "bomb-small.npz": lambda: bomb(64),
    "bomb.npz": lambda: bomb(400),
    "bomb-larger.npz": lambda: bomb(600),
    "many-members.npz": lambda: zipped({f"a{n}.npy": b"x" for n in range(5000)}),
    "lying.npz": lambda: zipped({"positions.npy": npy_header((10**9, 22, 3))}),
    "lying.npy": lambda: npy_header((10**12, 22, 3)) + b"x",
    "negative.npy": lambda: npy_header((-1, 22, 3)),
    "pickle.npy": lambda: array(np.array([{"a": 1}], dtype=object)),
    "infinite-frames.bvh": lambda: (BVH % (10**12, 0.05)).encode() + b"0 0 0 0 0 0\n" * 10,
    "digits.bvh": lambda: (BVH % ("9" * 5000, 0.05)).encode(),
    "negative-frames.bvh": lambda: (BVH % (-5, 0.05)).encode(),
    "nan-rate.bvh": lambda: (BVH % (2, "nan")).encode() + b"0 0 0 0 0 0\n" * 2,
    "endless-hierarchy.bvh": lambda: deep(200_000),
    "endless-line.bvh": lambda: b"HIERARCHY " + b"x" * 30_000_000,
    "endless-brackets.gltf": lambda: b"[" * 1_000_000,
    "nan.npy": lambda: array(nan_motion()),
    "far-away.npy": lambda: array(np.full((40, 22, 3), 1e30, np.float32)),
    "no-frames.npy": lambda: array(np.zeros((0, 22, 3), np.float32)),
    "text.npy": lambda: array(np.array(["a", "b"])),
}
"""Name -> what makes the content: some take a while to make. None of them is a motion."""
