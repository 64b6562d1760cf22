"""``chronomotion convert``: write motion files in another format."""

from __future__ import annotations

import json
from dataclasses import dataclass
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

Format = Literal["bvh", "glb", "npy", "npz", "features", "humanml3d", "kitml"]


@Parameter(name="*")
@dataclass(frozen=True)
class WritingOptions:
    """What is written."""

    to: Annotated[
        Format | None,
        Parameter(
            name="--format",
            help="bvh or glb (rotations); npy or npz (joints); features (.npy of 263 or 251 numbers per frame): needed "
            "for folders, and where DEST has no suffix. humanml3d or kitml: a folder in the layout of that data set "
            "(new_joints, new_joint_vecs, texts, splits).",
        ),
    ] = None
    features: Annotated[bool, Parameter(negative="", help="Write features instead of joints.")] = False
    skeleton: Annotated[
        Literal["humanml3d", "kitml"] | None,
        Parameter(help="Skeleton to write (kitml: 21 joints, 251 features). Default: that of the file."),
    ] = None
    resample: Annotated[
        float | None,
        Parameter(
            help="Frames per second to write. Default: those of the file; features always have 20 (KIT-ML: 12.5)."
        ),
    ] = None


def run(
    src: Path,
    dest: Path,
    *,
    writing: WritingOptions | None = None,
    table: Path | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Convert a motion file, or a folder of them, to BVH, glTF, joints, features, or the layout of HumanML3D or KIT-ML.

    In a folder, files that cannot be read are listed on standard error, and the others are converted. The same command
    starts an interrupted conversion anew, and leaves a finished one as it is.

    Example: chronomotion convert walk.glb walk.bvh

    Example: chronomotion convert takes joints --format npy

    Example: chronomotion convert takes MyHumanML3D --format humanml3d

    Parameters
    ----------
    src
        Motion file (BVH, AMC, glTF, .npy, .npz), or folder of motion files.
    dest
        File to write; its suffix (.bvh, .glb, .npy, .npz) sets the format. For a folder: the new folder.
    table
        Table of captions or labels for --format humanml3d or kitml. Default: captions.csv or labels.csv in SRC.
    force
        Overwrite existing files, those of another conversion too.
    """
    from chronomotion.corpus.conversion import convert
    from chronomotion.corpus.importers import Reading
    from chronomotion.errors import FormatError

    settings, writing = Reading(**(reading or ReadingOptions()).arguments()), writing or WritingOptions()
    if not src.exists():
        raise FormatError("there is no such file or folder", str(src))
    if writing.to in ("humanml3d", "kitml"):
        conversion = _published(src, dest, writing, settings, table, force=force)
    else:
        if table is not None:
            raise UsageError("--table goes with --format humanml3d or --format kitml, where captions are written")
        form = _form(src, dest, writing)
        conversion = convert(src, dest if src.is_dir() else _file(src, dest, form), form, settings, force=force)
    print(json.dumps(conversion.to_dict(), indent=1) if as_json else _summary(conversion, src, dest))
    if not conversion.converted:
        raise FormatError(f"none of {len(conversion.failed)} motion files could be converted", str(src))


def _published(
    src: Path, dest: Path, writing: WritingOptions, settings: Reading, table: Path | None, *, force: bool
) -> Conversion:
    """Write a folder in the layout of a published data set. Raises UsageError for options that the layout fixes."""
    from chronomotion.corpus.humanml3d_folder import write_published
    from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT

    to = writing.to
    if writing.features or writing.resample is not None or writing.skeleton not in (None, to):
        raise UsageError(f"--format {to} sets what is written: leave --features, --resample and --skeleton out")
    layout = KITML_LAYOUT if to == "kitml" else HUMANML3D_LAYOUT
    return write_published(src, dest, layout, settings, table=table, force=force)


def _form(src: Path, dest: Path, writing: WritingOptions) -> Form:
    """What to write, by --format or by the suffix of the file. Raises UsageError where the options contradict."""
    from chronomotion.corpus.conversion import Form
    from chronomotion.motion.skeleton import HUMANML3D, KITML

    to, features = writing.to, writing.features
    if features and to not in (None, "npy", "features"):
        raise UsageError(f"--features are written as .npy: leave --format {to} out")
    features = features or to == "features"
    expected = ".npy" if features else f".{to}" if to else ""
    suffix = expected if src.is_dir() or dest.is_dir() or not dest.suffix else dest.suffix.lower()
    if not suffix:
        raise UsageError(
            f"{dest}: the format is missing: give --format bvh, glb, npy, npz, features, humanml3d or kitml"
        )
    if expected and suffix != expected:
        raise UsageError(f"{dest} has the suffix {suffix}, but {expected} is to be written: give it that suffix")
    on = {None: None, "humanml3d": HUMANML3D, "kitml": KITML}[writing.skeleton]
    with wrong_usage():
        return Form(suffix, features, on, writing.resample)


def _file(src: Path, dest: Path, form: Form) -> Path:
    """The file to write: in a folder it gets the name of the source."""
    return dest / f"{src.stem}{form.suffix}" if dest.is_dir() or not dest.suffix else dest


def _summary(conversion: Conversion, src: Path, dest: Path) -> str:
    """Counts of converted, failed and noted files, one line each; for a single file its place and length."""
    already = ", by the same command before: nothing to do" if conversion.there_already else ""
    if not src.is_dir() and conversion.converted:
        file = conversion.converted[0]
        return f"{file.path if file.path.exists() else dest}: {file.frames} frames at {file.fps:g} a second{already}"
    lines = [f"converted  {len(conversion.converted):>6}  {dest}{already}"]
    if conversion.failed:
        shown = ", ".join(failure.source.name for failure in conversion.failed[:_SHOWN])
        lines.append(
            f"failed     {len(conversion.failed):>6}  {shown}{', ...' if len(conversion.failed) > _SHOWN else ''}"
        )
    noted = sum(bool(converted.notes) for converted in conversion.converted)
    if noted:
        lines.append(f"noted      {noted:>6}  see them with -v or --json")
    return "\n".join(lines)
