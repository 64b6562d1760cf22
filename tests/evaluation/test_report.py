import json
from pathlib import Path

import pytest
from placed_events import Chance, Oracle, asked, corpus_of, report_of, stories

from chronomotion.errors import FormatError
from chronomotion.evaluation.measure import measure
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import HEADLINE
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.evaluation.report_text import latex, markdown

OLD = Path(__file__).parent / "reports" / "format_1.json"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of(tmp_path_factory.mktemp("report") / "c", stories(60, acts=8))


def test_a_report_is_saved_and_read_again(corpus, tmp_path):
    report = report_of(Oracle(), corpus, model_name="oracle")
    report.save(tmp_path / "reports" / "oracle.json")
    assert Report.load(tmp_path / "reports" / "oracle.json") == report
    assert "| CAR | 100.0 [100.0, 100.0] |" in (tmp_path / "reports" / "oracle.md").read_text()
    assert r"CAR & 100.0 {[}100.0, 100.0{]} &" in (tmp_path / "reports" / "oracle.tex").read_text()
    assert report.corpus_fingerprint == corpus.fingerprint
    assert report.retrieval["t2m"]["R@1"] == 100.0
    assert report.order_tolerance["R@1"] < 50.0
    assert report.car == report.order[HEADLINE].car


def test_single_clips_are_told_on_one_line_each_list(corpus):
    report = report_of(Chance(), corpus)
    text = report.to_json()
    assert json.loads(text) == json.loads(report.model_dump_json())
    assert max(map(len, text.splitlines())) > 100
    assert len(text.splitlines()) < 1200
    wins = report.outcomes.order[HEADLINE]["wins"]
    assert 100 * sum(wins) / (report.shuffles * len(wins)) == pytest.approx(report.car.value)
    ranks = report.outcomes.ranks["all"].t2m
    assert 100 * sum(one < 10 for one in ranks) / len(ranks) == report.protocols["all"].t2m["R@10"]


def test_a_large_report_stays_small(tmp_path):
    """4,384 clips have to stay below a few megabytes: what a clip takes is measured on fewer."""
    corpus = corpus_of(tmp_path / "c", stories(300, acts=8))
    assert len(report_of(Chance(), corpus).to_json()) / 300 * 4384 < 2e6


def test_a_file_of_format_1_is_read():
    old, raw = Report.load(OLD), json.loads(OLD.read_text())
    assert raw["format_version"] == 1
    assert old.car.value == raw["car"]["value"]
    assert old.car_by_events["3"].low == raw["car_by_events"]["3"]["low"]
    assert old.blind_mean.value == raw["blind_mean"]["value"]
    assert old.headline.margins.median == raw["margin_median"]
    assert old.retrieval["m2t"] == raw["retrieval"]["m2t"]
    assert old.outcomes is None
    assert f"| CAR | {old.car} |" in markdown(old)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "not a report of ours"),
        ("[]", "not a report of ours"),
        ('{"format_version": 3}', "format_version 3, this version reads 1 and 2"),
        ('{"format_version": 1}', "not a report of ours"),
        ('{"format_version": 2, "car": 5}', "not a report of ours"),
    ],
)
def test_what_is_no_report_is_told_in_one_line(tmp_path, content, message):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(FormatError) as caught:
        Report.load(path)
    assert f"{path}: " in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_report_of_composed_motions_has_every_table(toy_corpus):
    report = measure(*asked(Chance(), toy_corpus), model_name="50 % & more_or_less")
    text = markdown(report)
    for words in ("re-ordered motion", "by number of events", "story_distractors, motion to text", "Order tolerance"):
        assert words in text
    assert "threshold was left out: it needs sentence embeddings" in text
    assert text.startswith("# 50 % & more_or_less on corpus, split test\n")
    assert r"story\_distractors, motion to text" in latex(report)
    assert latex(report).count(r"\begin{table}") == latex(report).count(r"\end{table}") == 5


def test_a_table_keeps_its_cells_apart():
    table = ReportTable("a_b", ["x", "y"], [["50 % | more", "[1, 2]"]])
    assert table.markdown() == "**a_b**\n\n| x | y |\n| --- | ---: |\n| 50 % \\| more | [1, 2] |\n"
    assert r"50 \% | more & {[}1, 2{]} \\" in table.latex()
    assert r"\caption{a\_b}" in table.latex()


def test_a_report_shows_itself_in_a_line(corpus):
    report = report_of(Oracle(), corpus, model_name="oracle")
    assert len(repr(report)) < 200
    assert f"oracle on {report.corpus}" in repr(report)
    assert f"CAR {report.car}" in repr(report)
    assert str(report) == repr(report)
