import numpy as np
import pytest
from PIL import Image

from chronomotion.corpus.pictures import clip_strip
from chronomotion.errors import CorpusError
from chronomotion.search import CorpusSearch


class ByLength:
    """Puts a motion at an angle that its length gives, a text at that of the number it holds."""

    def encode_motion(self, motions):
        return np.array([[np.cos(len(m) / 200), np.sin(len(m) / 200)] for m in motions])

    def encode_text(self, texts):
        return np.array([[np.cos(int(t) / 200), np.sin(int(t) / 200)] for t in texts])


def test_the_nearest_motions_come_first(toy_corpus):
    library = CorpusSearch(ByLength(), toy_corpus)
    wanted = len(toy_corpus.features("train-00007"))
    hits = library.search(str(wanted), top=5)
    assert len(toy_corpus.features(hits[0].clip)) == wanted
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score == pytest.approx(1.0)
    assert {hit.clip for hit in CorpusSearch(ByLength(), toy_corpus, toy_corpus.split("test")).search("50", 3)} <= set(
        toy_corpus.split("test")
    )


def test_nothing_to_search(toy_corpus):
    with pytest.raises(CorpusError, match="no clips to search"):
        CorpusSearch(ByLength(), toy_corpus, [])


def test_a_strip_of_a_clip(toy_corpus, tmp_path):
    path = clip_strip(toy_corpus, "test-00000", tmp_path / "new" / "clip.png")
    with Image.open(path) as image:
        assert image.width == 1600
        assert len(image.convert("RGB").resize((200, 60)).getcolors(12000)) > 50
