"""Published checkpoints: those of the CAR paper (ChronAccRet) and of TMR.

Both are the same architecture under other names. ChronAccRet's file holds the whole model, its language model
included; TMR's three files hold the encoders and the decoder, its language model is a frozen DistilBERT from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from chronomotion.errors import ConfigError, ModelError, require
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import DEFAULT_TEXT_MODEL, ModelConfig
from chronomotion.model.language_model import LanguageModel
from chronomotion.model.parts import LoadOptions, ModelParts
from chronomotion.model.stats import find_stats

__all__ = ["is_chronaccret", "is_tmr", "load_chronaccret", "load_tmr"]

_CHRONACCRET = ("best_model_mt.pt", "best_model_tm.pt", "last_model.pt")
"""Weights of a run: the best by motion to text, the best by text to motion, and the last."""
_TMR = ("motion_encoder", "text_encoder", "motion_decoder")
_DISTILBERT = "distilbert-base-uncased"
_LEFT_OUT = ("embeddings.position_ids", "pooler.")
"""Tensors that older versions of transformers saved and that nothing reads."""


def is_chronaccret(place: Path) -> bool:
    """Whether a path is a checkpoint of the CAR paper: a folder with weights, or a file of weights."""
    return _chronaccret_weights(place) is not None


def _chronaccret_weights(place: Path) -> Path | None:
    if place.is_file() and place.suffix == ".pt":
        return place
    return next((place / name for name in _CHRONACCRET if (place / name).is_file()), None)


def is_tmr(folder: Path) -> bool:
    """Whether a folder holds TMR's weights, itself or in ``last_weights``."""
    return _tmr_weights(folder) is not None


def load_chronaccret(place: Path, options: LoadOptions) -> ModelParts:
    """A folder with ``best_model_mt.pt`` (else ``best_model_tm.pt``, else ``last_model.pt``) and
    ``.hydra/config.yaml``; or one of these files, beside its ``.hydra``.

    Raises ModelError when a part is missing, is of an unsupported variant, or does not fit the others.
    """
    path = _chronaccret_weights(place)
    if path is None:
        raise ModelError(f"{place}: none of {', '.join(_CHRONACCRET)}")
    folder = path.parent
    settings = _hydra(folder, path.name)
    config = _chronaccret_config(folder, settings, options.text_model)
    weights = _read_weights(path)
    places = [folder, folder / "stats", *_stats_folders(folder, settings)]
    stats = find_stats(options.stats, places, config.motion_dim, str(folder))
    language_model = _language_model(config)
    return ModelParts(
        config, options.token_states(config), partial(_fill, weights=weights, where=path), stats, language_model
    )


def _hydra(folder: Path, weights: str) -> Mapping[str, Any]:
    path = folder / ".hydra" / "config.yaml"
    yaml = require("yaml", "model")
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ModelError(
            f"{path}: the settings of {weights} cannot be read ({' '.join(str(error).split())})"
        ) from error
    if not isinstance(settings, dict):
        raise ModelError(f"{path}: not the settings of a run, but {type(settings).__name__}")
    return settings


def _chronaccret_config(folder: Path, settings: Mapping[str, Any], text_model: str | None) -> ModelConfig:
    """Our settings from the published ones. Raises ModelError for a missing key, and for variants not supported."""
    try:
        motion, text, model = settings["motion_encoder"], settings["text_encoder"], settings["model"]
        name = str(model["text_model_name"])
        different = [key for key in ("latent_dim", "vae") if motion[key] != text[key]]
        if different:
            raise ModelError(
                f"{folder}: {different[0]} is {motion[different[0]]} for motions and {text[different[0]]} for texts; "
                "only equal ones can be read"
            )
        if name == "ViT-B/32":
            raise ModelError(f"{folder}: OpenAI's CLIP as language model ({name}) cannot be read; BERT's and T5's can")
        return ModelConfig(
            motion_dim=motion["nfeats"],
            fps=_fps(motion["nfeats"]),
            text_model=text_model or name,
            text_dim=text["nfeats"],
            **{key: motion[key] for key in ("latent_dim", "ff_size", "num_layers", "num_heads", "dropout", "vae")},
            decoder=True,
            text_head=not text["vae"],
            text_tokens=model["token_num"],
            t5_decoder=name.startswith("t5-"),
            own_text_model=True,
            tune_text_model=bool(settings["train"]["train_text_encoder"]),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"{folder}: .hydra/config.yaml lacks {error}") from error
    except ConfigError as error:
        raise ModelError(f"{folder}: .hydra/config.yaml: {error}") from error


def _fps(features: int) -> float:
    """KIT-ML's 251 features are at 12.5 frames a second, HumanML3D's 263 at 20."""
    return 12.5 if features == 251 else 20.0


def _stats_folders(folder: Path, settings: Mapping[str, Any]) -> Iterator[Path]:
    """Candidate folders of the statistics: the settings give a path relative to the folder in which the run was
    started, a parent of the run's folder.
    """
    relative = Path(str(settings.get("mean_path", "mean.pt"))).parent
    for above in folder.resolve().parents[:4]:
        yield above / relative


def _language_model(config: ModelConfig) -> LanguageModel:
    """The language model without its weights, which the checkpoint brings."""
    if config.text_model == _DISTILBERT:
        return _distilbert(config)
    return TextBackbone.of(config).module(weights=False)


def _distilbert(config: ModelConfig) -> LanguageModel:
    """DistilBERT without a download: the default sizes, and BERT's vocabulary, which the packaged model has too."""
    transformers = require("transformers", "model")
    packaged = TextBackbone(DEFAULT_TEXT_MODEL).module(weights=False)
    with torch.random.fork_rng(devices=[]):
        bare = transformers.DistilBertModel(transformers.DistilBertConfig())
    return LanguageModel(bare, packaged.tokenizer, config.text_tokens).eval()


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # many exception types: a pickle of other objects, a truncated file, no file
        raise ModelError(f"{path}: cannot be read as weights ({str(error).splitlines()[0]})") from error
    if not isinstance(weights, dict) or not all(isinstance(tensor, Tensor) for tensor in weights.values()):
        raise ModelError(f"{path}: holds {type(weights).__name__}, not a state dict of tensors")
    return weights


def _renamed(weights: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """The weights under our names."""
    for name, tensor in weights.items():
        part, _, rest = name.partition(".")
        if part == "text_model":
            rest = rest.removeprefix("text_model.")
            if not rest.startswith(_LEFT_OUT):
                yield f"language_model.model.{rest}", tensor
        else:
            ours = rest.replace("seqTransEncoder", "transformer").replace("seqTransDecoder", "transformer")
            yield f"{part}.{ours}", tensor


def _fill(model: nn.Module, weights: Mapping[str, Tensor], where: Path) -> None:
    try:
        stats = {name: tensor for name, tensor in model.named_buffers() if name in ("mean", "std")}
        model.load_state_dict({**stats, **dict(_renamed(weights))})
    except RuntimeError as error:
        reasons = [line.strip() for line in str(error).splitlines()[1:]]
        raise ModelError(f"{where}: does not fit its settings ({'; '.join(reasons[:2])})") from error


def _tmr_weights(folder: Path) -> Path | None:
    for place in (folder, folder / "last_weights"):
        if all((place / f"{name}.pt").is_file() for name in _TMR[:2]):
            return place
    return None


def load_tmr(folder: Path, options: LoadOptions) -> ModelParts:
    """TMR's run folder (or its ``last_weights``): motion_encoder.pt, text_encoder.pt and, where present,
    motion_decoder.pt.

    Raises ModelError when a part is missing or does not fit the others.
    """
    place = _tmr_weights(folder)
    if place is None:
        raise ModelError(f"{folder}: no motion_encoder.pt and text_encoder.pt, there or in last_weights")
    weights: dict[str, Tensor] = {}
    for part in _TMR:
        if (place / f"{part}.pt").is_file():
            weights |= {f"{part}.{name}": tensor for name, tensor in _read_weights(place / f"{part}.pt").items()}
    run = place.parent if place.name == "last_weights" else folder
    config = _tmr_config(weights, run, options.text_model or _DISTILBERT)
    stats = find_stats(options.stats, [place, run, run / "stats"], config.motion_dim, str(folder))
    return ModelParts(config, options.token_states(config), partial(_fill, weights=weights, where=place), stats)


def _tmr_config(weights: Mapping[str, Tensor], run: Path, text_model: str) -> ModelConfig:
    """Sizes from the shapes of the weights; the others from the run's settings, else the published values."""
    try:
        latent, motion_dim = weights["motion_encoder.projection.weight"].shape
        layers = {name.split(".")[3] for name in weights if name.startswith("motion_encoder.seqTransEncoder.layers.")}
        first = "motion_encoder.seqTransEncoder.layers.0.linear1.weight"
        settings = _tmr_settings(run)
        return ModelConfig(
            motion_dim=motion_dim,
            fps=_fps(motion_dim),
            text_model=text_model,
            text_dim=weights["text_encoder.projection.weight"].shape[1],
            latent_dim=latent,
            ff_size=len(weights[first]),
            num_layers=len(layers),
            num_heads=int(settings.get("num_heads", 4)),
            dropout=float(settings.get("dropout", 0.1)),
            vae=len(weights["motion_encoder.tokens"]) == 2,
            decoder="motion_decoder.final_layer.weight" in weights,
            text_tokens=512,  # TMR cuts nothing
        )
    except KeyError as error:
        raise ModelError(f"{run}: the weights have no {error}, which TMR's have") from error


def _tmr_settings(run: Path) -> Mapping[str, Any]:
    path = run / "config.json"
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))["model"]["motion_encoder"] if path.is_file() else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not the settings of a TMR run ({error!r})") from error
    return settings if isinstance(settings, dict) else {}
