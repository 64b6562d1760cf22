"""The exceptions of Chronomotion: one small tree, each message one line that says what, where and the fix."""

from __future__ import annotations

from types import ModuleType

__all__ = [
    "BusyError",
    "ChronomotionError",
    "ChronomotionWarning",
    "ConfigError",
    "CorpusError",
    "FormatError",
    "MissingExtraError",
    "ModelError",
    "ServiceError",
    "TrainingError",
    "WriteError",
    "missing_extra",
    "require",
]


_EXTRAS = {
    "accelerate": "train", "av": "video", "faiss": "faiss", "fastapi": "serve", "httpx": "client",
    "huggingface_hub": "model", "lancedb": "lancedb", "matplotlib": "plots", "mcp": "mcp", "motionmcp": "mmcp",
    "onnx": "onnx", "onnxruntime": "onnx", "onnxscript": "onnx", "openai": "llm", "PIL": "render", "pygltflib": "gltf",
    "python_multipart": "serve", "ray": "ray", "spacy": "spacy", "threadpoolctl": "serve", "tokenizers": "model",
    "torch": "model", "transformers": "model", "uvicorn": "serve", "yaml": "model",
}  # fmt: skip
"""Packages by the names under which they are imported, and the extra that brings each."""

_BASE = {"cyclopts", "jaxtyping", "numpy", "pyarrow", "pydantic", "safetensors", "tqdm"}
"""Packages that every installation brings, unless it was made without dependencies."""


class ChronomotionError(Exception):
    """Base of every error that a user can cause and mend; the command line prints it as one line, exit status 1."""


class FormatError(ChronomotionError):
    """A file is not what it claims to be. ``where`` names the file and, where known, the line or field."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class CorpusError(ChronomotionError):
    """A corpus folder is missing, incomplete or does not fit the question."""


class BusyError(ChronomotionError):
    """Another process is writing to the same folder."""


class ConfigError(ChronomotionError):
    """A setting is unknown or out of range."""


class ModelError(ChronomotionError):
    """A model cannot be loaded, or does not do what a model has to do."""


class ServiceError(ChronomotionError):
    """A service cannot be reached, or refuses; ``status`` is its HTTP status, 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class TrainingError(ChronomotionError):
    """Training cannot go on, for example because a loss is not finite."""


class WriteError(ChronomotionError, OSError):
    """The disk refuses a file. Made of errno, reason and path, as any OSError."""

    def __str__(self) -> str:
        return f"{self.filename}: cannot be written: {self.strerror}"


class MissingExtraError(ChronomotionError):
    """A package is not installed: one that an extra brings, or, where ``extra`` is "", one that we always need."""

    def __init__(self, package: str, extra: str) -> None:
        what = f"'chronomotion[{extra}]'" if extra else "chronomotion"
        super().__init__(f"this needs the package {package!r}: pip install {what}")


class ChronomotionWarning(UserWarning):
    """Something was mended or left out, and the user should know."""


def missing_extra(error: ImportError) -> MissingExtraError | None:
    """What to install where an import of ours failed; None where the package is none of those that we need."""
    package = (error.name or "").partition(".")[0]
    if package in _EXTRAS or package in _BASE:
        return MissingExtraError(package, _EXTRAS.get(package, ""))
    return None


def require(package: str, extra: str) -> ModuleType:
    """Import an optional package, or raise :class:`MissingExtraError` naming the extra that brings it."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtraError(package.partition(".")[0], extra) from error
