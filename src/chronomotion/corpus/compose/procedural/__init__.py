"""Motion clips of single actions, made by rule: varied, recognisable, with feet that stay where they are put."""

from chronomotion.corpus.compose.procedural.actions import ACTIONS, perform

__all__ = ["ACTIONS", "perform"]
