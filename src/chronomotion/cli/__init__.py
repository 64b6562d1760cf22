"""The command line: one file for every verb, thin: parse, call, print."""

from chronomotion.cli.app import main

__all__ = ["main"]
