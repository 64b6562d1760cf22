"""Options of ``chronomotion import`` that mean something to BONES-SEED alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from chronomotion.corpus.importers.seed.options import SeedOptions

__all__ = ["SeedChoice"]


@Parameter(name="*")
@dataclass(frozen=True)
class SeedChoice:
    """What of BONES-SEED comes in."""

    skeleton: Annotated[
        Literal["uniform", "proportional"],
        Parameter(help="BONES-SEED: takes on one skeleton for all, or on each actor's own."),
    ] = "uniform"
    split_files: Annotated[
        Path | None,
        Parameter(help="BONES-SEED: folder of train_split_paths.txt and its test lists. Default: drawn by script."),
    ] = None
    package: Annotated[
        list[str] | None,
        Parameter(negative="", consume_multiple=True, help="BONES-SEED: packages to import. Default: all."),
    ] = None
    limit: Annotated[
        int | None, Parameter(help="BONES-SEED: most takes to import, the first of the metadata. Default: all.")
    ] = None
    mirror: Annotated[bool, Parameter(help="BONES-SEED: import mirror images.")] = True
    propagated: Annotated[
        bool, Parameter(help="BONES-SEED: import timelines that were carried over from another take.")
    ] = True
    timeline: Annotated[bool, Parameter(help="BONES-SEED: import timelines; without them no labels are needed.")] = True

    def options(self) -> SeedOptions | None:
        """As :func:`chronomotion.corpus.importers.import_corpus` takes them; None where nothing was chosen."""
        from chronomotion.corpus.importers.seed.options import SeedOptions

        if self == SeedChoice():
            return None
        return SeedOptions(
            skeleton=self.skeleton,
            split_files=self.split_files,
            packages=tuple(self.package or ()),
            limit=self.limit,
            mirror=self.mirror,
            propagated=self.propagated,
            timeline=self.timeline,
        )
