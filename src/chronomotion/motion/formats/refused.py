"""Kinds of motion file that are not read, and what to do with each."""

from __future__ import annotations

__all__ = ["UNREADABLE", "unreadable"]

_BLENDER = "open it in Blender and export BVH"
_MAYA = "export BVH or GLB from the program that wrote it"
_PICKLE = (
    'pickles are never loaded, because they can run any program; if you trust the file: python -c "import sys, '
    "pickle, numpy; numpy.savez('motion.npz', **pickle.load(open(sys.argv[1], 'rb')))\" FILE"
)
_TORCH = (
    'a file of torch; if you trust the file: python -c "import sys, torch, numpy; '
    "numpy.save('motion.npy', torch.load(sys.argv[1], map_location='cpu', weights_only=True).numpy())\" FILE"
)

_WAYS_OUT: dict[tuple[str, ...], str] = {
    (".fbx", ".dae", ".abc", ".blend", ".usd", ".usda", ".usdc", ".usdz", ".x3d"): _BLENDER,
    (".ma", ".mb", ".max", ".bip", ".c4d", ".hip", ".anim", ".controller", ".uasset", ".iclone"): _MAYA,
    (".vmd", ".vpd"): "open it in Blender with an importer for MMD and export BVH",
    (".c3d", ".trc"): "markers, not joints: solve a skeleton (OpenSim, Mokka, MotionBuilder) and export BVH",
    (".tak", ".mvn", ".mvnx", ".cap", ".htr", ".trb"): "export BVH from the capture program that wrote it",
    (".mot", ".sto"): "joint angles of OpenSim: export BVH, or joint positions as .npy (frames, joints, 3)",
    (".vrm", ".pmx", ".pmd"): "a figure without a motion: read the animation (.vrma, .glb or .bvh)",
    (".pkl", ".pickle", ".p"): _PICKLE,
    (".pt", ".pth"): _TORCH,
    (".h5", ".hdf5", ".mat"): "save the joints as .npy (frames, joints, 3), or poses and trans as .npz",
}
UNREADABLE: dict[str, str] = {suffix: way for suffixes, way in _WAYS_OUT.items() for suffix in suffixes}
"""Suffix, in lower case -> what to do with such a file."""


def unreadable(suffix: str) -> str | None:
    """What to do with a kind of motion file that is not read, in one line; None for a kind that is read or unknown.

    ``suffix`` begins with a dot, in upper or lower case.
    """
    return UNREADABLE.get(suffix.lower())
