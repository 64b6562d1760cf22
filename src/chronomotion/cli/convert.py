"""``chronomotion convert``: motion files in another format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import Json, ReadingOptions, UsageError, wrong_usage

if TYPE_CHECKING:
    from chronomotion.corpus.conversion import Form
    from chronomotion.corpus.conversion_result import Conversion
    from chronomotion.corpus.importers import Reading

__all__ = ["run"]

_SHOWN = 5


def run(
    src: Path,
    dest: Path,
    *,
    to: Annotated[
        Literal["bvh", "npy", "npz", "features", "humanml3d", "kitml"] | None, Parameter(name="--format")
    ] = None,
    features: Annotated[bool, Parameter(negative="")] = False,
    skeleton: Literal["humanml3d", "kitml"] | None = None,
    resample: float | None = None,
    table: Path | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Convert a motion file, or a folder of them, to BVH, joints, features, or a folder as HumanML3D has it.

    What cannot be read in a folder is listed on standard error, and the rest is converted. The same command after an
    interrupt starts anew, and on a finished folder does nothing.

    Example: chronomotion convert walk.glb walk.bvh

    Example: chronomotion convert takes joints --format npy

    Example: chronomotion convert takes MyHumanML3D --format humanml3d

    Parameters
    ----------
    src
        Motion file of any format that is read, or folder of such files.
    dest
        File to write, its suffix says how (.bvh, .npy, .npz); for a folder, the new folder.
    to
        bvh, npy or npz (joints), features (.npy of 263 or 251 numbers a frame): for folders, and where DEST has no
        suffix. humanml3d or kitml: a folder with new_joints, new_joint_vecs, texts and splits.
    features
        Write features in place of joints.
    skeleton
        Skeleton to write; the file's own unless given (kitml: 21 joints, features of 251 numbers).
    resample
        Frames a second to write; as in the file unless given, and always 20 (KIT-ML 12.5) for features.
    table
        Table of captions or labels, for a folder as HumanML3D has it; captions.csv or labels.csv in SRC unless given.
    force
        Overwrite what is there, also what is of other work.
    """
    from chronomotion.corpus.conversion import convert
    from chronomotion.corpus.importers import Reading
    from chronomotion.errors import FormatError

    settings = Reading(**(reading or ReadingOptions()).arguments())
    if not src.exists():
        raise FormatError("there is no such file or folder", str(src))
    if to in ("humanml3d", "kitml"):
        if features or resample is not None or skeleton not in (None, to):
            raise UsageError(f"--format {to} says what is written: leave --features, --resample and --skeleton out")
        done = _published(src, dest, to, settings, table, force=force)
    else:
        if table is not None:
            raise UsageError("--table goes with --format humanml3d or --format kitml, where captions are written")
        form = _form(src, dest, to, skeleton, resample, features=features)
        done = convert(src, dest if src.is_dir() else _file(src, dest, form), form, settings, force=force)
    print(json.dumps(done.to_dict(), indent=1) if as_json else _told(done, src, dest))
    if not done.converted:
        raise FormatError(f"none of {len(done.failed)} motion files could be converted", str(src))


def _published(src: Path, dest: Path, to: str, settings: Reading, table: Path | None, *, force: bool) -> Conversion:
    from chronomotion.corpus.humanml3d_folder import write_published
    from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT

    layout = KITML_LAYOUT if to == "kitml" else HUMANML3D_LAYOUT
    return write_published(src, dest, layout, settings, table=table, force=force)


def _form(
    src: Path, dest: Path, to: str | None, skeleton: str | None, resample: float | None, *, features: bool
) -> Form:
    """What is to be written, by --format or by the suffix of the file."""
    from chronomotion.corpus.conversion import Form
    from chronomotion.motion.skeleton import HUMANML3D, KITML

    if features and to not in (None, "npy", "features"):
        raise UsageError(f"--features are written as .npy: leave --format {to} out")
    features = features or to == "features"
    wanted = ".npy" if features else f".{to}" if to else ""
    suffix = wanted if src.is_dir() or dest.is_dir() or not dest.suffix else dest.suffix.lower()
    if not suffix:
        raise UsageError(f"{dest}: what is to be written? Give --format bvh, npy, npz, features, humanml3d or kitml")
    if wanted and suffix != wanted:
        raise UsageError(f"{dest} has the suffix {suffix}, but {wanted} is to be written: give it that name")
    on = {None: None, "humanml3d": HUMANML3D, "kitml": KITML}[skeleton]
    with wrong_usage():
        return Form(suffix, features, on, resample)


def _file(src: Path, dest: Path, form: Form) -> Path:
    """The file to write: in a folder it gets the name of the source."""
    return dest / f"{src.stem}{form.suffix}" if dest.is_dir() or not dest.suffix else dest


def _told(done: Conversion, src: Path, dest: Path) -> str:
    """What was done, in a few lines."""
    there = ", by the same command before: nothing to do" if done.there_already else ""
    if not src.is_dir() and done.converted:
        one = done.converted[0]
        return f"{one.path if one.path.exists() else dest}: {one.frames} frames at {one.fps:g} a second{there}"
    lines = [f"converted  {len(done.converted):>6}  {dest}{there}"]
    if done.failed:
        shown = ", ".join(failure.source.name for failure in done.failed[:_SHOWN])
        lines.append(f"failed     {len(done.failed):>6}  {shown}{', ...' if len(done.failed) > _SHOWN else ''}")
    noted = sum(bool(converted.notes) for converted in done.converted)
    if noted:
        lines.append(f"noted      {noted:>6}  see them with -v or --json")
    return "\n".join(lines)
