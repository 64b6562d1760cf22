"""Codes of motions and motions of codes: alone, together, saved and loaded."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from toy_motions import LENGTHS, motions, small_tokenizer

from chronomotion.errors import ConfigError, FormatError, ModelError
from chronomotion.generation import MotionTokenizer
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.statistics import averaged_in_groups
from chronomotion.motion.layout import HUMANML3D_LAYOUT


@pytest.fixture(params=["fsq", "vq"])
def tokenizer(request):
    return small_tokenizer(quantiser=request.param)


def test_codes_of_a_motion_do_not_depend_on_what_is_encoded_with_it(tokenizer):
    together = tokenizer.encode(motions())
    assert [len(codes) for codes in together] == [length // 4 for length in LENGTHS]
    for rows, codes in zip(motions(), together, strict=True):
        assert np.array_equal(tokenizer.encode(rows), codes)
        assert codes.dtype == np.int64
    assert len(set(np.concatenate(together).tolist())) > 5
    backwards = tokenizer.encode(motions()[::-1])
    assert all(np.array_equal(one, other) for one, other in zip(together, backwards[::-1], strict=True))


def test_the_last_frames_that_make_no_token_change_nothing(tokenizer):
    rows = motions()[2]
    assert len(rows) % 4 == 3
    assert np.array_equal(tokenizer.encode(rows), tokenizer.encode(rows[:-3]))


def test_motions_of_codes_are_the_same_bytes_whatever_is_decoded_with_them(tokenizer):
    codes = tokenizer.encode(motions())
    together = tokenizer.decode(codes)
    for rows, row in zip(together, codes, strict=True):
        assert rows.shape == (4 * len(row), 263)
        assert rows.dtype == np.float32
        assert tokenizer.decode(row).tobytes() == rows.tobytes()


def test_what_is_decoded_is_what_the_net_gives(tokenizer):
    rows = torch.from_numpy(np.stack(motions()[:2]))
    with torch.inference_mode():
        whole = tokenizer(tokenizer.normalised(rows))
        wanted = tokenizer.natural(whole.motions).numpy()
    codes = tokenizer.encode(motions()[:2])
    assert np.array_equal(np.stack(codes), whole.codes.numpy())
    np.testing.assert_allclose(np.stack(tokenizer.decode(codes)), wanted, atol=1e-4)


def test_the_mode_of_training_stays(tokenizer):
    tokenizer.train()
    tokenizer.encode(motions())
    assert tokenizer.training
    assert tokenizer.quantizer.training


def test_normalised_and_back_with_weights_of_columns():
    tokenizer = small_tokenizer(root_weight=5.0, contact_weight=2.0)
    rows = torch.from_numpy(motions()[0])
    normalised = tokenizer.normalised(rows)
    columns = HUMANML3D_LAYOUT.columns
    plain = (rows - tokenizer.mean) / tokenizer.std
    torch.testing.assert_close(normalised[:, :4], 5 * plain[:, :4])  # turn, path and height
    torch.testing.assert_close(normalised[:, columns.contacts], 2 * plain[:, columns.contacts])
    torch.testing.assert_close(normalised[:, 4:-4], plain[:, 4:-4])
    torch.testing.assert_close(tokenizer.natural(normalised), rows, rtol=1e-4, atol=1e-5)


def test_the_published_statistics_are_a_weight_of_25():
    """The published network divides by standard deviations that are 25 times smaller for root and contacts."""
    mean, std = (np.array([number], dtype=np.float32).repeat(263) for number in (0.5, 2.0))
    smaller = std.copy()
    smaller[[0, 1, 2, 3, 259, 260, 261, 262]] /= 25
    weights = {"root_weight": 25.0, "contact_weight": 25.0}
    named = MotionTokenizer(TokenizerConfig(width=8, depth=1, **weights), (mean, std))
    divided = MotionTokenizer(TokenizerConfig(width=8, depth=1), (mean, smaller))
    rows = torch.from_numpy(motions()[0])
    torch.testing.assert_close(named.normalised(rows), divided.normalised(rows))


def test_standard_deviations_are_averaged_in_groups():
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=263), rng.uniform(0.5, 2.0, 263)
    same, averaged = averaged_in_groups((mean, std), HUMANML3D_LAYOUT)
    assert np.array_equal(same, mean.astype(np.float32))
    first = 0
    for width in (1, 2, 1, 63, 126, 66, 4):
        np.testing.assert_allclose(averaged[first : first + width], std[first : first + width].mean(), rtol=1e-6)
        first += width


def test_a_saved_tokenizer_is_the_same(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    again = MotionTokenizer.from_pretrained(tmp_path)
    assert again.config == tokenizer.config
    assert again.fingerprint == tokenizer.fingerprint
    assert not again.training
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    assert json.loads((tmp_path / "config.json").read_text())["kind"] == "motion-tokenizer"
    assert all(np.array_equal(*both) for both in zip(tokenizer.encode(motions()), again.encode(motions()), strict=True))
    if tokenizer.config.quantiser == "vq":
        assert {"quantizer.sums", "quantizer.counts"} <= set(load_file(tmp_path / "model.safetensors"))


def test_a_fingerprint_tells_settings_weights_and_statistics_apart(tokenizer):
    first = tokenizer.fingerprint
    with torch.no_grad():
        tokenizer.std[7] += 0.1
    second = tokenizer.fingerprint
    with torch.no_grad():
        tokenizer.decoder.model[0].bias[0] += 0.1
    assert len({first, second, tokenizer.fingerprint, small_tokenizer(root_weight=2.0).fingerprint}) == 4


def test_bad_motions_are_one_line(tokenizer):
    with pytest.raises(FormatError, match=r"^features of shape \(30, 251\), this tokenizer reads \(frames, 263\)$"):
        tokenizer.encode(motions(251, (30,))[0])
    rows = motions()[3]
    rows[17, 5] = np.nan
    with pytest.raises(FormatError, match=r"^motion 2 of 2: feature row 17 of 120 holds a number that is not finite$"):
        tokenizer.encode([motions()[0], rows])


@pytest.mark.parametrize("code", [-1, 100000])
def test_codes_that_there_are_not(tokenizer, code):
    with pytest.raises(FormatError, match=f"^code {code}: this tokenizer has codes 0 to {tokenizer.codes - 1}$"):
        tokenizer.decode(np.array([0, 1, code]))


def test_nothing_is_nothing(tokenizer):
    assert tokenizer.encode([]) == []
    assert tokenizer.decode([]) == []
    assert tokenizer.decode(np.zeros(0, dtype=np.int64)).shape == (0, 263)


def test_a_width_without_features_is_refused():
    with pytest.raises(FormatError, match="67"):
        MotionTokenizer(TokenizerConfig(dim=67), (np.zeros(67), np.ones(67)))
    with pytest.raises(ModelError, match=r"stats: mean and std of shapes \(251,\) and \(251,\)"):
        MotionTokenizer(TokenizerConfig(), (np.zeros(251), np.ones(251)))


def change(name, value):
    def changed(folder):
        path = folder / "config.json"
        info = json.loads(path.read_text())
        (info if name in info else info["tokenizer"])[name] = value
        path.write_text(json.dumps(info))

    return changed


def other_tensors(edit):
    def changed(folder):
        tensors = load_file(folder / "model.safetensors")
        edit(tensors)
        save_file(tensors, folder / "model.safetensors")

    return changed


DAMAGES = {
    "cut": (lambda folder: (folder / "model.safetensors").write_bytes(b"\0" * 20), "model.safetensors: cannot be read"),
    "without weights": (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors: cannot be read"),
    "not json": (lambda folder: (folder / "config.json").write_text("{"), "config.json: cannot be read"),
    "a later version": (change("format_version", 2), "format_version 2, this version reads 1"),
    "another kind": (change("kind", "motion-prior"), "does not say kind 'motion-tokenizer'"),
    "another width": (change("width", 24), "does not go with config.json: size mismatch for encoder"),
    "an unknown setting": (change("tokenizer", {"widths": 3}), "not the settings of a motion tokenizer .*widths"),
    "an impossible setting": (change("levels", [8, 0]), "not the settings .*levels.1 must be at least 3, not 0"),
    "without mean": (other_tensors(lambda tensors: tensors.pop("mean")), "has no mean and std"),
    "a deviation of 0": (other_tensors(lambda tensors: tensors["std"].zero_()), "feature 0 is 0.0, not positive"),
    "a weight less": (other_tensors(lambda tensors: tensors.pop("encoder.model.0.bias")), "[Mm]issing .*encoder.model"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_one_line(damage, tmp_path):
    small_tokenizer().save_pretrained(tmp_path)
    change_folder, message = DAMAGES[damage]
    change_folder(tmp_path)
    with pytest.raises(ModelError, match=message) as raised:
        MotionTokenizer.from_pretrained(tmp_path)
    assert "\n" not in str(raised.value)


def test_other_folders_are_told(tmp_path, toy_corpus):
    def refused(folder):
        with pytest.raises(ModelError) as raised:
            MotionTokenizer.from_pretrained(folder)
        return str(raised.value).replace(str(folder), "HERE")

    assert refused(tmp_path / "none") == "HERE does not hold a motion tokenizer: there is no such folder"
    assert "it is a corpus; `chronomotion train-generator HERE DEST`" in refused(toy_corpus.folder)
    (tmp_path / "config.json").write_text('{"format_version": 1, "model": {"latent_dim": 64}}')
    assert refused(tmp_path) == "HERE does not hold a motion tokenizer: it is a motion-text model"
    assert "it is a file" in refused(tmp_path / "config.json")
    (tmp_path / "config.json").write_text('{"format_version": 1, "kind": "motion-prior"}')
    small_tokenizer().save_pretrained(tmp_path / "tokenizer")
    assert "it is a generator; its tokenizer is HERE/tokenizer" in refused(tmp_path)
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "checkpoint.pt").touch()
    assert "its training was interrupted" in refused(tmp_path / "begun")


def test_a_device_that_is_not_there(tmp_path):
    small_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="device 'cuda:77' cannot be used here"):
        MotionTokenizer.from_pretrained(tmp_path, device="cuda:77")
