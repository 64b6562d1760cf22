"""How long it takes to encode a pair (a caption and its motion) for evaluation, the language model in the loop.

python benchmarks/evaluation_speed.py [--pairs N] [--naive N] [--repeats N] [--json]

At the published sizes (latent 256, six layers, four heads, motions of up to 224 frames), with two language models:
MiniLM, and one of DistilBERT's size with random weights. The naive twin does what the published evaluation does: one
pair at a time, motions padded to 224 frames and captions to 128 tokens, in float32, and everything again for each of
two protocols. Weights are random: they do not change the time. Beside the clock's time the processor's is printed (of
all threads together), which tells less of what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AutoModel, AutoTokenizer, DistilBertConfig, DistilBertModel

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.evaluation.models import answers_of
from chronomotion.evaluation.questions import Questions
from chronomotion.language.caption import Caption
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import DEFAULT_TEXT_MODEL, ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from machine import machine

FRAMES, TOKENS = 224, 128
PROTOCOLS = 2
CLOCKS: dict[str, Callable[[], float]] = {"the clock": time.perf_counter, "the processor": time.process_time}

Times = dict[str, float]


def main() -> None:
    """Time both ways on one corpus, and print milliseconds a pair."""
    given = _options()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus = pairs_only(
            compose(ProceduralClips(), folder / "c", {"test": given.pairs}, order="uniform"), folder / "p"
        )
        found = {}
        for name, text_model in (("MiniLM", DEFAULT_TEXT_MODEL), ("DistilBERT's size", str(large(folder / "large")))):
            backbone = TextBackbone(text_model)
            model = MotionTextModel(
                ModelConfig(text_model=text_model, text_dim=backbone.dim), stats=corpus.stats
            ).eval()
            found[name] = times(model, backbone, Questions(corpus), given)
    frames = [len(corpus.features(name)) for name in corpus.names]
    if given.json:
        print(json.dumps({"machine": machine(), "threads": torch.get_num_threads(), "milliseconds": found}, indent=1))
        return
    print(
        f"{len(frames)} pairs, {np.mean(frames):.0f} frames on average; {torch.get_num_threads()} threads; {machine()}"
    )
    print("\n| language model | time of | evaluation, ms a pair | naive twin, one protocol | two protocols | ratio |")
    print("|---|---|---|---|---|---|")
    for name, (ours, naive) in found.items():
        for clock in CLOCKS:
            one, both = naive[clock], PROTOCOLS * naive[clock]
            print(f"| {name} | {clock} | {ours[clock]:.1f} | {one:.0f} | {both:.0f} | {both / ours[clock]:.0f} x |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=512, help="pairs of the corpus (default 512)")
    parser.add_argument("--naive", type=int, default=32, help="of which the naive twin encodes as many (default 32)")
    parser.add_argument("--repeats", type=int, default=3, help="runs, of which the fastest counts (default 3)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def pairs_only(corpus: Corpus, folder: Path) -> Corpus:
    """The clips, at most 224 frames of each, and their captions without events: one text and one motion a pair."""
    with CorpusWriter(folder, dim=corpus.dim, fps=corpus.fps, description={}) as writer:
        for number, name in enumerate(corpus.names):
            # A number makes every caption a text of its own, as it is in a data set of people's sentences.
            text = f"{corpus.captions(name)[0].text} take {number}"
            writer.add(Clip(name, corpus.features(name)[:FRAMES], (Caption(text),)))
        return writer.finish({"test": corpus.names})


def large(folder: Path) -> Path:
    """A random language model of DistilBERT's size (66 million parameters) with MiniLM's tokenizer, which is BERT's."""
    tokenizer = AutoTokenizer.from_pretrained(_files_of(DEFAULT_TEXT_MODEL))
    tokenizer.save_pretrained(folder)
    DistilBertModel(DistilBertConfig(vocab_size=len(tokenizer))).save_pretrained(folder)
    return folder


def _files_of(text_model: str) -> str:
    return TextBackbone(text_model)._folder


def times(
    model: MotionTextModel, backbone: TextBackbone, questions: Questions, given: argparse.Namespace
) -> tuple[Times, Times]:
    """Milliseconds a pair: through the evaluation, and one at a time."""

    def evaluation() -> None:
        model.states = TextStates(backbone)  # nothing is remembered from the last run
        answers_of(model, questions)

    naive = naive_twin(model, backbone.name, questions)
    places = np.linspace(0, len(questions.clips) - 1, given.naive).round().astype(int).tolist()

    def one_by_one() -> None:
        for place in places:
            naive(place)

    ours = _milliseconds(evaluation, given.repeats, len(questions.clips))
    return ours, _milliseconds(one_by_one, given.repeats, len(places))


def naive_twin(model: MotionTextModel, text_model: str, questions: Questions) -> Callable[[int], None]:
    """Encodes one pair, padded to the longest there can be, as the published evaluation does."""
    folder = _files_of(text_model)
    tokenizer, language = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    @torch.inference_mode()
    def encode(place: int) -> None:
        text = questions.texts[questions.captions[place]]
        features = questions.features(questions.clips[place])
        motion = torch.zeros(1, FRAMES, features.shape[1])
        motion[0, : len(features)] = torch.from_numpy(np.array(features))
        model.embed_motions(motion, torch.tensor([len(features)]))
        tokens = tokenizer(text, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
        tokens.pop("token_type_ids", None)
        model.embed_states(language(**tokens).last_hidden_state, tokens["attention_mask"].sum(1))

    return encode


def _milliseconds(function: Callable[[], object], repeats: int, pairs: int) -> Times:
    """A pair's share of the fastest of some runs, by each clock, after one that is not counted."""
    function()
    found: dict[str, list[float]] = {name: [] for name in CLOCKS}
    for _ in range(repeats):
        before = {name: clock() for name, clock in CLOCKS.items()}
        function()
        for name, clock in CLOCKS.items():
            found[name].append(clock() - before[name])
    return {name: 1000 * min(seconds) / pairs for name, seconds in found.items()}


if __name__ == "__main__":
    main()
