"""The page and its files."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

__all__ = ["add_page"]

_FOLDER = Path(__file__).parents[1] / "static"
_CHECKED = {"Cache-Control": "no-cache"}
"""A browser asks each time whether the file is still the same."""


class _PageFiles(StaticFiles):
    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers.update(_CHECKED)
        return response


def add_page(app: FastAPI) -> None:
    """The page at ``/`` and its files at ``/static/``."""
    app.mount("/static", _PageFiles(directory=_FOLDER))

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(_FOLDER / "index.html", headers=_CHECKED)
