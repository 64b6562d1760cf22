"""The project's description for an index page: README.md, whose links lead there to the repository.

Everything else of the package is in pyproject.toml. An index shows the description alone, without the files beside it,
so that a link to docs/results.md leads nowhere and a picture is broken. The address of the repository is told in ONE
place, as Repository in [project.urls]; while there is none, links become their words and the file's name, a sentence
says where those files are, and pictures are left out.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from setuptools import setup

_HERE = Path(__file__).parent
_RELATIVE = re.compile(r"(?P<picture>!?)\[(?P<words>[^\[\]]*)\]\((?P<path>(?![a-z]+:|#)[^()\s]+)\)")
_CAPTION = re.compile(r"(?<=!!)\n\*[^*\n]+\*\n")


def description(readme: str, repository: str | None) -> str:
    """README.md with links that work anywhere. ``repository`` is an address such as https://host/owner/name."""
    if repository:
        base = repository.rstrip("/")
        return _RELATIVE.sub(lambda link: _absolute(link, base), readme)
    # "!!" marks a picture's place until the caption below it has gone as well.
    without = _RELATIVE.sub(lambda link: "!!" if link["picture"] else _told(link), readme)
    return _CAPTION.sub("", without).replace("!!", "") + "\nFiles named above are in the source distribution.\n"


def _absolute(link: re.Match[str], base: str) -> str:
    kind = "raw" if link["picture"] else "tree" if link["path"].endswith("/") else "blob"
    return f"{link['picture']}[{link['words']}]({base}/{kind}/HEAD/{link['path']})"


def _told(link: re.Match[str]) -> str:
    return link["path"] if link["words"] == link["path"] else f"{link['words']} ({link['path']})"


if __name__ == "__main__":
    project = tomllib.loads((_HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    setup(
        long_description=description(
            (_HERE / "README.md").read_text(encoding="utf-8"), project.get("urls", {}).get("Repository")
        ),
        long_description_content_type="text/markdown",
    )
