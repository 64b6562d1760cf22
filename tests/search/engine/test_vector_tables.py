"""Tables of vectors: what is committed, what a killed writer leaves, whose vectors they are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("lancedb")

from chronomotion.errors import ChronomotionError, FormatError, ModelError
from chronomotion.search.engine.tables import TableClip, VectorTables
from chronomotion.search.stored.encoding import ClipVectors
from chronomotion.search.windows import KINDS, spans_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def vectors_of(frames, seed=0):
    rng = np.random.default_rng(seed)
    spans = {kind: spans_of(kind, frames, 20.0) for kind in KINDS}
    rows = {kind: unit(rng, len(spans[kind])) for kind in KINDS}
    return ClipVectors(spans, rows, unit(rng, len(spans["whole"])))


def unit(rng, count):
    rows = rng.normal(size=(count, 8))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def clip(name, frames=120):
    return TableClip("takes", name, frames, 20.0, ("a person walks",))


@pytest.fixture(params=["path", "url"])
def place(request, tmp_path):
    """A folder of this machine, by its path and by the URL code that an object store goes through."""
    folder = tmp_path / "tables"
    return str(folder) if request.param == "path" else folder.as_uri()


def counts(tables):
    return {name: tables[name].count_rows() for name in ("clips", *KINDS, "mirrored")}


def test_what_is_added_is_there_when_it_is_opened_again(place):
    tables = VectorTables(place, "toy", "toy-1")
    assert (len(tables), tables.known()) == (0, set())
    first, second = vectors_of(120, 1), vectors_of(300, 2)
    added = tables.add([clip("walk"), clip("sit", 300)], [first, second])
    again = VectorTables(place, "toy", "toy-1")
    assert again.known() == {("takes", "walk"), ("takes", "sit")}
    assert sum(counts(again).values()) - 2 == added
    rows = again["short"].search().where("clip = 1").limit(None).to_arrow().sort_by("id")
    np.testing.assert_array_equal(np.stack([rows["start"], rows["end"]], axis=1), second.spans["short"])
    np.testing.assert_array_equal(np.array(rows["vector"].to_pylist(), dtype=np.float16), second.vectors["short"])
    assert again["clips"].search().where("number = 0").to_list()[0]["captions"] == ["a person walks"]
    again.add([clip("run")], [vectors_of(60, 3)])
    assert again["clips"].search().where("name = 'run'").to_list()[0]["number"] == 2


def test_a_search_by_vector_finds_the_window(place):
    tables = VectorTables(place, "toy", "toy-1")
    vectors = [vectors_of(200, seed) for seed in range(4)]
    tables.add([clip(f"take{seed}", 200) for seed in range(4)], vectors)
    asked = vectors[2].vectors["short"][5].astype(np.float32)
    (best,) = tables["short"].search(asked).distance_type("dot").limit(1).to_list()
    assert (best["clip"], [best["start"], best["end"]]) == (2, vectors[2].spans["short"][5].tolist())


@pytest.mark.parametrize("last", ["whole", "mirrored"])
def test_what_a_killed_writer_has_not_committed_is_removed(place, last, monkeypatch):
    tables = VectorTables(place, "toy", "toy-1")
    tables.add([clip("walk")], [vectors_of(120)])
    before = counts(tables)

    class Killed(BaseException):
        pass

    class Table:
        def __init__(self, table):
            self.table = table

        def add(self, rows):
            self.table.add(rows)
            raise Killed

    monkeypatch.setitem(tables._tables, last, Table(tables[last]))
    with pytest.raises(Killed):
        tables.add([clip("sit")], [vectors_of(300)])
    left = VectorTables(place, "toy", "toy-1")
    assert counts(left) == before
    left.add([clip("sit")], [vectors_of(300)])
    assert left.known() == {("takes", "walk"), ("takes", "sit")}


def test_tables_that_were_not_finished_are_made_anew(place, monkeypatch):
    tables = VectorTables(place, "toy", "toy-1")
    real = tables._store.create_table

    class Killed(BaseException):
        pass

    def create(name, *arguments, **options):
        if name == "about":
            raise Killed
        return real(name, *arguments, **options)

    monkeypatch.setattr(tables._store, "create_table", create)
    with pytest.raises(Killed):
        tables.add([clip("walk")], [vectors_of(120)])
    again = VectorTables(place, "other", "other-1")  # nothing is in them: any model may
    again.add([clip("walk")], [vectors_of(120)])
    assert len(VectorTables(place, "other", "other-1")) == 1


def test_vectors_of_another_model_are_refused(place):
    VectorTables(place, "toy", "toy-1").add([clip("walk")], [vectors_of(120)])
    with pytest.raises(ModelError) as error:
        VectorTables(place, "new", "new-2")
    said = str(error.value)
    assert said == (
        f"{place} was made with the model toy (toy-1), this one is new (new-2): their vectors cannot be compared; "
        "write to another place"
    )


@pytest.mark.parametrize("url", ["nosuch://bucket/tables", "s3://"])
def test_a_place_that_is_none_is_one_line(url):
    with pytest.raises(ChronomotionError) as error:
        VectorTables(url, "toy", "toy-1")
    assert isinstance(error.value, FormatError)
    assert len(str(error.value).splitlines()) == 1
