"""Rotations for positions: what a file of rotations needs to show a motion that is known by its joints only."""

from chronomotion.motion.posing.pose import Node, PosedSkeleton, pose_for_file, pose_skeleton

__all__ = ["Node", "PosedSkeleton", "pose_for_file", "pose_skeleton"]
