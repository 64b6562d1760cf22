"""The card of a motion tokenizer: what it was trained on, how well it gives motions back, and its use."""

from __future__ import annotations

from collections.abc import Mapping

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.tokenizer.config import TokenizerConfig

__all__ = ["tokenizer_card"]

_CARD = """\
# {name}

A motion tokenizer, made with Chronomotion: {frames} frames of {dim} numbers at {fps:g} frames a second are one of \
{codes} codes ({quantiser}).

```python
from chronomotion.generation import MotionTokenizer

tokenizer = MotionTokenizer.from_pretrained("{name}")
codes = tokenizer.encode(features)  # float32 (frames, {dim}), not normalised
features = tokenizer.decode(codes)
```

## Data

| | |
|---|---|
| corpus | {corpus} |
| fingerprint | {fingerprint} |
| licence | {licence} |

## Training

{result}
"""

_QUANTISERS = {"fsq": "finite scalars of {levels} levels", "vq": "a codebook of moving averages"}


def tokenizer_card(name: str, config: TokenizerConfig, corpus: Corpus, result: Mapping[str, int | float]) -> str:
    """The card in Markdown, for a tokenizer in the folder ``name``. ``result`` is how its training ended; ``judged`` is
    minus the sum of its local error and its error along the path, in millimetres.
    """
    steps = f"{result.get('steps', 0)} steps."
    if "judged" in result:
        steps += (
            f" Best after {result['best_step']}: errors of the joints, in the heading frame and where they are over "
        )
        steps += f"8 seconds, are {-result['judged']:.0f} mm together on the split that chose the weights."
    levels = ", ".join(map(str, config.levels))
    return _CARD.format(
        name=name,
        frames=config.frames_per_token,
        dim=config.dim,
        fps=config.fps,
        codes=config.codes,
        quantiser=_QUANTISERS[config.quantiser].format(levels=levels),
        corpus=corpus.folder.resolve().name,
        fingerprint=corpus.fingerprint,
        licence=corpus.info.get("licence", "not recorded"),
        result=steps,
    )
