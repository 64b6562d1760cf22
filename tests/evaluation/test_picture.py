import sys

import pytest
from placed_events import Bag, Chance, asked, corpus_of, report_of, stories

from chronomotion.errors import ConfigError, CorpusError, MissingExtraError
from chronomotion.evaluation.measure import measure
from chronomotion.evaluation.picture import draw


@pytest.fixture(scope="module")
def report(toy_corpus):
    return measure(*asked(Chance(), toy_corpus), model_name="chance")


def test_without_a_suffix_both_pictures_are_drawn_and_hold_the_figures(report, tmp_path):
    svg, png = draw(report, tmp_path / "new folder" / "report")
    assert png.read_bytes().startswith(b"\x89PNG")
    text = svg.read_text()
    for words in (
        f"{report.car.value:.1f}",
        f"blind: other motions ({report.blind_exchange.value:.1f})",
        f"blind: mean motion ({report.blind_mean.value:.1f})",
        f"{report.swapped.car_both_ways.value:.1f}",
        "Does chance know which came first?",
        f"median {report.headline.margins.median:.3f}",
        "bars and bands are 95 % intervals",
    ):
        assert words in text


def test_ties_are_drawn_as_such(tmp_path):
    (path,) = draw(report_of(Bag(), corpus_of(tmp_path / "c", stories(20, acts=8))), tmp_path / "bag.svg")
    assert "right order first: 0.0 % of clips" in path.read_text()
    assert "tied: 100.0 % of clips" in path.read_text()


def test_the_same_report_gives_the_same_bytes(report, tmp_path):
    (one,), (other,) = draw(report, tmp_path / "a.svg"), draw(report, tmp_path / "b.svg")
    assert one.read_bytes() == other.read_bytes()


def test_a_report_without_made_motions_or_histogram_is_drawn(tmp_path):
    report = report_of(Chance(), corpus_of(tmp_path / "c", stories(20, acts=8)))
    bare = report.headline.model_copy(update={"margins": None, "blind_mean": None})
    (path,) = draw(report.model_copy(update={"order": {"events, neutral": bare}}), tmp_path / "bare.svg")
    text = path.read_text()
    assert "both ways, re-ordered" not in text
    assert "blind: mean motion" not in text
    assert "By how much" not in text


def test_what_cannot_be_drawn(report, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"x\.gif: a picture is written as \.svg or \.png, not \.gif"):
        draw(report, tmp_path / "x.gif")
    with pytest.raises(CorpusError, match="CAR was not measured"):
        draw(report.model_copy(update={"order": {}, "left_out": {"order": "needs events"}}), tmp_path / "x.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"'matplotlib': pip install 'chronomotion\[plots\]'"):
        draw(report, tmp_path / "x.svg")
    assert not list(tmp_path.iterdir())
