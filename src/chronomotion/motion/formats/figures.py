"""Several figures in one file: two people who dance, or a person and a horse. The first one is read."""

from __future__ import annotations

from chronomotion.motion.formats.rig_tree import SIDES, RigTree

__all__ = ["keep_first_figure"]

_ENDS = (("wrist", "hand", "palm"), ("ankle", "foot", "feet"))


def keep_first_figure(tree: RigTree) -> str:
    """Ignore all figures but the first; returns a warning for the user, "" where there is only one figure."""
    figures = _figures(tree)
    if len(figures) < 2:
        return ""
    tree.keep_only([figures[0], *tree.below(figures[0])])
    names = ", ".join(tree.take.joints[root] for root in figures)
    return f"several skeletons: the file holds {len(figures)} ({names}), and only the first is read"


def _figures(tree: RigTree) -> list[int]:
    """The root of every figure: the joint farthest up that has one head below it, and hands and feet on both sides."""
    heads = [j for j, label in enumerate(tree.labels) if tree.usable[j] and not label.side and label.has("head")]
    heads = [head for head in heads if not set(tree.ancestors(head)) & set(heads)]
    if len(heads) < 2:
        return []
    above = {head: [head, *tree.ancestors(head)] for head in heads}
    figures = []
    for head in heads:
        shared = {joint for other in heads if other != head for joint in above[other]}
        root = [joint for joint in above[head] if joint not in shared][-1]
        if _is_whole(tree, root):
            figures.append(root)
    return figures


def _is_whole(tree: RigTree, root: int) -> bool:
    """True where the joints below a joint have hands and feet on both sides."""
    labels = [tree.labels[joint] for joint in tree.below(root) if tree.usable[joint]]
    return all(any(label.side == side and label.has(*words) for label in labels) for side in SIDES for words in _ENDS)
