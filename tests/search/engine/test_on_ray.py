"""Encoding on a cluster of two workers on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray", reason="no ray: pip install 'chronomotion[ray]'")
pytest.importorskip("lancedb", reason="no lancedb: pip install 'chronomotion[ray]'")

from library_toys import model as toy_model

from chronomotion.errors import ConfigError, ModelError
from chronomotion.search.engine import VectorTables, encode_on_ray
from chronomotion.search.stored.encoding import encode_clips
from chronomotion.search.windows import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


HERE = Path(__file__).parent
PLACES = [str(HERE), str(HERE.parent / "library"), str(HERE.parents[1])]
"""Of the models that workers import."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers; a model in them dies once."""
    import ray

    from chronomotion.search.engine.on_ray import _cluster

    os.environ["DYING_MODEL"] = str(tmp_path_factory.mktemp("died") / "once")
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([*PLACES, before])
    with _cluster(workers=2):
        assert ray.cluster_resources()["CPU"] == 2
        yield
    os.environ["PYTHONPATH"] = before


def rows(tables, kind):
    return tables[kind].search().limit(None).to_arrow().sort_by("id")


def test_it_is_what_this_machine_encodes_and_a_killed_worker_loses_nothing(cluster, toy_corpus, tmp_path):
    url = (tmp_path / "tables").as_uri()
    report = encode_on_ray([toy_corpus.folder], url, "dying_model:dying", clips_at_once=10)
    assert Path(os.environ["DYING_MODEL"]).exists()  # a worker was killed
    names = toy_corpus.names
    assert (report.kept, report.added) == (0, len(names))
    features = [np.asarray(toy_corpus.features(name), dtype=np.float32) for name in names]
    expected = encode_clips(toy_model, features, names, toy_corpus.fps)
    tables = VectorTables(url, "dying_model:dying", toy_model.fingerprint)
    clips = tables["clips"].search().limit(None).to_arrow().sort_by("number")
    assert clips["name"].to_pylist() == names
    assert clips["captions"][0].as_py() == [caption.text for caption in toy_corpus.captions(names[0])]
    for kind in KINDS:
        there = rows(tables, kind)
        np.testing.assert_allclose(
            np.array(there["vector"].to_pylist(), dtype=np.float32),
            np.concatenate([each.vectors[kind] for each in expected]).astype(np.float32),
            atol=1e-3,
        )
        spans = np.concatenate([each.spans[kind] for each in expected])
        np.testing.assert_array_equal(np.stack([there["start"], there["end"]], axis=1), spans)
    assert report.windows == sum(tables[kind].count_rows() for kind in (*KINDS, "mirrored"))
    again = encode_on_ray([toy_corpus.folder], url, "dying_model:dying")
    assert (again.kept, again.added, again.windows) == (len(names), 0, 0)


def test_a_run_goes_on_behind_what_was_committed(cluster, toy_corpus, tmp_path, monkeypatch):
    url = str(tmp_path / "tables")
    real, calls = VectorTables.add, []

    def add(self, clips, vectors):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(len(clips))
        return real(self, clips, vectors)

    with monkeypatch.context() as patch:
        patch.setattr(VectorTables, "add", add)
        with pytest.raises(KeyboardInterrupt):
            encode_on_ray([toy_corpus.folder], url, "library_toys:model", clips_at_once=10)
    report = encode_on_ray([toy_corpus.folder], url, "library_toys:model", clips_at_once=10)
    assert (report.kept, report.added) == (20, len(toy_corpus.names) - 20)
    tables = VectorTables(url, "library_toys:model", toy_model.fingerprint)
    assert tables["clips"].search().limit(None).to_arrow().sort_by("number")["name"].to_pylist() == toy_corpus.names


def test_mistakes_are_one_line(cluster, toy_corpus, tmp_path):
    url = str(tmp_path / "tables")
    with pytest.raises(ConfigError, match="nothing to encode: name a corpus"):
        encode_on_ray([], url)
    with pytest.raises(ModelError) as error:
        encode_on_ray([toy_corpus.folder], url, "dying_model:failing")
    assert len(str(error.value).splitlines()) == 1
    assert toy_corpus.names[0] in str(error.value)
    assert "Ray" not in str(error.value)
    with pytest.raises(ModelError, match="a worker of Ray failed: ZeroDivisionError: "):
        encode_on_ray([toy_corpus.folder], url, "dying_model:broken")
