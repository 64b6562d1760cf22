"""Motion clips of single actions, made by rule: varied, recognisable, with feet that stay where they are put."""

from chronomotion.corpus.compose.procedural.actions import ACTIONS, VARIED_ACTIONS, perform, perform_varied

__all__ = ["ACTIONS", "VARIED_ACTIONS", "perform", "perform_varied"]
