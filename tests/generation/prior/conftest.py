"""A small corpus of toy motions, a tokenizer with random weights, and the corpus as its codes."""

import pytest
from toy_priors import toy_tokenizer, training

from chronomotion.corpus.compose.compose import compose
from chronomotion.generation.prior.coded import coded_corpus
from toys import ToyClips


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prior") / "corpus"
    return compose(ToyClips(), folder, {"train": 24, "val": 6}, order="uniform", events=(1, 3))


@pytest.fixture(scope="session")
def tokenizer(corpus):
    return toy_tokenizer(corpus)


@pytest.fixture(scope="session")
def coded(corpus, tokenizer):
    return coded_corpus(corpus, tokenizer, training().model, twins=True)
