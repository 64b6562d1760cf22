import itertools
from pathlib import Path

import numpy as np
import pytest
from placed_events import Bag, Chance, Oracle, corpus_of, report_of, stories

from chronomotion.errors import ConfigError
from chronomotion.evaluation.compare import compare
from chronomotion.evaluation.report import Report

OLD = Path(__file__).parent / "reports" / "format_1.json"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of(tmp_path_factory.mktemp("compare") / "c", stories(60, acts=8))


@pytest.fixture(scope="module")
def reports(corpus):
    models = {"chance": Chance(), "oracle": Oracle(), "bag": Bag()}
    return [report_of(model, corpus, model_name=name) for name, model in models.items()]


def figures(comparison):
    return {figure.name: figure for figure in comparison.figures}


def test_gains_are_the_differences_of_the_figures(reports):
    found = compare(reports, ["a", "b", "c"])
    assert found.models == ["chance", "oracle", "bag"]
    car = figures(found)["CAR, events, neutral"]
    assert car.values == [report.car.value for report in reports]
    for figure in found.figures:
        for value, gain in zip(figure.values[1:], figure.gains, strict=True):
            assert gain.value == pytest.approx(value - figure.values[0])
            if gain.low is not None:
                assert gain.low <= gain.value + 1e-9
                assert gain.value <= gain.high + 1e-9
    assert figures(found)["all, t2m R@1"].gains[0].low > 20.0
    assert figures(found)["all, t2m R@1"].gains[1].low is not None


def test_a_model_against_itself_has_no_interval_to_speak_of(reports):
    """Paired: what makes a clip hard is taken away, where an unpaired interval would be many points wide."""
    found = compare([reports[0], reports[0]], ["a.json", "b.json"])
    assert found.models == ["chance (a.json)", "chance (b.json)"]
    car = figures(found)["CAR, events, neutral"]
    assert (car.gains[0].value, car.gains[0].low, car.gains[0].high) == (0.0, 0.0, 0.0)
    assert reports[0].car.high - reports[0].car.low > 5.0


def test_the_interval_is_that_of_clips_drawn_together(reports):
    """The naive twin: draw clips, take both models' answers for them, subtract."""
    one, other = (report.outcomes.order["events, neutral"]["wins"] for report in reports[:2])
    gain = figures(compare(reports[:2], ["a", "b"]))["CAR, events, neutral"].gains[0]
    rng = np.random.default_rng(0)
    drawn = [np.mean([20 * (other[i] - one[i]) for i in rng.integers(60, size=60)]) for _ in range(2000)]
    assert (gain.low, gain.high) == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=2.0)


def test_the_table_stands_in_every_style(reports):
    table = compare(reports[:2], ["a", "b"]).table()
    assert "| figure | chance | oracle | gain |" in table.markdown()
    assert table.latex().startswith(r"\begin{table}")
    assert any(row[0] == "CAR, events, neutral" and row[2] == "100.0" for row in table.rows)


@pytest.mark.parametrize(
    ("field", "value"), [("corpus_fingerprint", "0123"), ("split", "val"), ("shuffles", 3), ("tie_rule", "none")]
)
def test_unlike_reports_are_refused_with_field_and_values(reports, field, value):
    other = reports[1].model_copy(update={field: value})
    with pytest.raises(ConfigError) as caught:
        compare([reports[0], other], ["a.json", "b.json"])
    expected = f"{field} is {getattr(reports[0], field)!r} in a.json and {value!r} in b.json"
    assert str(caught.value).startswith(expected)


def test_unlike_protocols_are_refused(reports):
    changed = reports[1].protocols["all"].model_copy(update={"motions": 59})
    other = reports[1].model_copy(update={"protocols": {**reports[1].protocols, "all": changed}})
    with pytest.raises(ConfigError, match=r"motions of protocol all is 60 in a and 59 in b"):
        compare([reports[0], other], ["a", "b"])


def test_one_report_is_nothing_to_compare(reports):
    with pytest.raises(ConfigError, match="1 report to compare: give two or more"):
        compare(reports[:1], ["a"])


def test_an_old_report_is_compared_without_intervals():
    old = Report.load(OLD)
    found = compare([old, old.model_copy(update={"model": "other"})], ["a", "b"])
    assert all(gain.low is None for figure in found.figures for gain in figure.gains)
    assert {"CAR, events, neutral", "story, t2m R@1"} <= set(figures(found))
    assert "+0.0 |" in found.table().markdown()


def test_only_what_all_reports_have_is_shown(reports):
    without = reports[1].model_copy(
        update={"protocols": dict(itertools.islice(reports[1].protocols.items(), 1)), "order_tolerance": {}}
    )
    names = set(figures(compare([reports[0], without], ["a", "b"])))
    assert "story, t2m R@1" in names
    assert not any(name.startswith(("all,", "order tolerance")) for name in names)
