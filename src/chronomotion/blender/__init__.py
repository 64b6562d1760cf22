"""The add-on for Blender: one file, which runs in Blender's Python and imports nothing of this package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ADDON"]

ADDON = Path(__file__).with_name("chronomotion_addon.py")
"""The file to install in Blender."""
