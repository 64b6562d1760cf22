import logging

import numpy as np
import pytest

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.labelled import LabelledClips
from chronomotion.corpus.label_tables import read_labels
from chronomotion.errors import CorpusError
from toys import move


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    """A folder of toy takes as arrays of joints, and its table."""
    folder = tmp_path_factory.mktemp("takes")
    rows = ["file,label,style"]
    for action in ("nod", "raise-left-hand", "lift-left-leg"):
        for i in range(6):
            clip = move(action, np.random.default_rng([len(action), i]), frames=20 + 20 * i)
            np.save(folder / f"{action}-{i}.npy", clip.positions)
            rows.append(f"{action}-{i}.npy,{action},plain")
    rows.append("nod-0.npy,rare,plain")
    table = folder.parent / f"{folder.name}.csv"
    table.write_text("\n".join(rows) + "\n")
    return folder, table


def test_clips_are_split_before_anything_is_composed(takes, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        source = LabelledClips(*takes, least=5, longest=2.5)
    assert "left out, fewer than 5 clips: rare (1)" in caplog.text
    assert source.actions == ("lift-left-leg", "nod", "raise-left-hand")
    for label in source.actions:
        names = {split: {clip.name for clip in source.clips(label, split)} for split in ("train", "val", "test")}
        assert all(names.values())
        assert sum(map(len, names.values())) == len(set().union(*names.values())) == 6  # no take is in two splits
    assert source.clip("nod", "test", 3).duration <= 2.5
    corpus = compose(source, tmp_path / "c", {"train": 4, "test": 4}, order="uniform", events=(2, 3))
    again = compose(
        LabelledClips(*takes, least=5, longest=2.5),
        tmp_path / "d",
        {"train": 4, "test": 4},
        order="uniform",
        events=(2, 3),
    )
    assert corpus.fingerprint == again.fingerprint


def test_a_bad_file_does_not_stop_the_others(takes, tmp_path, caplog):
    folder, table = takes
    bad = tmp_path / "takes"
    bad.mkdir()
    for path in folder.iterdir():
        (bad / path.name).write_bytes(path.read_bytes())
    (bad / "nod-3.npy").write_bytes(b"not an array")
    with caplog.at_level(logging.WARNING):
        source = LabelledClips(bad, table, least=5)
    assert "left out: " in caplog.text
    assert "nod-3.npy" in caplog.text
    assert len({clip.name for split in ("train", "val", "test") for clip in source.clips("nod", split)}) == 5


def test_tables_and_folders_that_do_not_fit(takes, tmp_path):
    folder, table = takes
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CorpusError, match="the folder is empty, expected the files that"):
        LabelledClips(empty, table)
    with pytest.raises(CorpusError, match="no such folder of clips"):
        LabelledClips(tmp_path / "nowhere", table)
    other = tmp_path / "labels.csv"
    other.write_text("file,label\nnod-0.npy,nod\nkick-0.npy,kick\n")
    with pytest.raises(CorpusError, match=r"label 'kick' has no clip in .* \(first looked for: kick-0\.npy\)"):
        LabelledClips(folder, other)
    other.write_text("file,label\n" + "".join(f"nod-{i}.npy,nod\n" for i in range(6)))
    with pytest.raises(CorpusError, match="1 labels have 6 readable clips or more, at least 2 are needed"):
        LabelledClips(folder, other, least=6)
    other.write_text("name,label\nnod-0.npy,nod\n")
    with pytest.raises(CorpusError, match=r"labels\.csv:1: expected the columns file,label; found name, label"):
        read_labels(other)
    other.write_text("file,label\n")
    with pytest.raises(CorpusError, match="no rows"):
        read_labels(other)


def test_training_clips_come_mirrored_under_the_mirrored_label(tmp_path):
    rows = ["file,label"]
    for action in ("raise-left-hand", "raise-right-hand"):
        for i in range(6):
            np.save(tmp_path / f"{action}-{i}.npy", move(action, np.random.default_rng(i), frames=30).positions)
            rows.append(f"{action}-{i}.npy,{action}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    source = LabelledClips(tmp_path, tmp_path / "labels.csv", least=5)
    for side, wrist in (("left", 20), ("right", 21)):
        clips = source.clips(f"raise-{side}-hand", "train")
        assert {clip.name.split("-")[1] for clip in clips} == {"left", "right"}
        for clip in clips:
            height = clip.positions[:, [20, 21], 1].max(axis=0)
            assert height[wrist - 20] > height[21 - wrist] + 0.1
        assert len(source.clips(f"raise-{side}-hand", "test")) == 1
    lengths = {source.clip("raise-left-hand", "train", i).frames for i in range(20)}
    assert min(lengths) < 28 < 32 < max(lengths)
    assert {source.clip("raise-left-hand", "test", i).frames for i in range(20)} == {30}


def test_names_of_the_table_mean_files_of_the_folder(takes, tmp_path, caplog):
    """Stems, other letters and another machine's paths find their clips; a path out of the folder finds nothing."""
    folder, table = takes
    np.save(tmp_path / "outside.npy", move("nod", np.random.default_rng(1), frames=30).positions)
    rows = [line.split(",") for line in table.read_text().splitlines()[1:]]
    stems = [name.removesuffix(".npy") for name, *_ in rows]
    spelt = [f"C:\\clips\\{stem}.npy" if at % 2 else stem.upper() for at, stem in enumerate(stems)]
    lines = [f"{name};{label}" for name, (_, label, _) in zip(spelt, rows, strict=True)]
    outside = f"{tmp_path / 'outside.npy'};nod"
    other = tmp_path / "labels.csv"
    other.write_text("\n".join(["Clip;Action", *lines, outside]) + "\n")
    source, plain = LabelledClips(folder, other, least=5), LabelledClips(folder, table, least=5)
    assert "outside.npy: there is no such motion file" in caplog.text
    for label in plain.actions:
        for split in ("train", "val", "test"):
            expected = [clip.name for clip in plain.clips(label, split)]
            assert [clip.name for clip in source.clips(label, split)] == expected
