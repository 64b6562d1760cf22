"""Finite scalars, and the codebook of moving averages."""

import numpy as np
import pytest
import torch

from chronomotion.errors import ConfigError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.quantisers import FiniteScalar, MovingAverageCodebook, quantiser_of

LEVELS = [(8, 5, 5, 5), (3, 4), (4,), (7, 3, 6)]


@pytest.mark.parametrize("levels", LEVELS)
def test_every_code_is_a_vector_and_back(levels):
    quantiser = FiniteScalar(levels)
    codes = torch.arange(quantiser.codes)
    vectors = quantiser.vectors(codes)
    assert len({tuple(row) for row in vectors.tolist()}) == np.prod(levels)
    assert vectors.abs().max() == 1
    half = torch.tensor(levels) // 2
    steps = torch.round(vectors * half) + half
    assert torch.equal((steps * torch.tensor(np.cumprod([1, *levels[:-1]]))).sum(dim=1).long(), codes)


@pytest.mark.parametrize("levels", LEVELS)
def test_every_level_is_reached_and_none_beyond(levels):
    quantiser = FiniteScalar(levels)
    scale = torch.linspace(-20, 20, 4001)[:, None].expand(-1, len(levels))
    vectors, codes, commitment = quantiser(scale)
    for scalar, count in enumerate(levels):
        reached = sorted(set(torch.round(vectors[:, scalar] * (count // 2)).int().tolist()))
        assert reached == list(range(-(count // 2), (count + 1) // 2))
    assert codes.min() == 0
    assert codes.max() == quantiser.codes - 1
    torch.testing.assert_close(commitment, torch.relu(scale.abs() - 2).square().mean())
    assert torch.equal(quantiser.vectors(codes), vectors)


def test_latents_far_outside_come_back():
    """Where tanh has no slope left, the commitment has."""
    latents = torch.tensor([[40.0, -1.9, -30.0]]).requires_grad_()
    vectors, _, commitment = FiniteScalar((8, 5, 5))(latents)
    vectors.sum().backward(retain_graph=True)
    assert latents.grad[0, 0] == latents.grad[0, 2] == 0
    commitment.backward()
    assert latents.grad[0, 0] > 0 > latents.grad[0, 2]


def test_zero_is_in_the_middle_of_a_level_and_levels_are_as_wide_as_the_bound_lets_them():
    """Of an even number of levels half a step more lies below: -4 .. 3 of 8, -2 .. 2 of 5."""
    quantiser = FiniteScalar((8, 5))
    assert quantiser(torch.zeros(1, 2)).vectors.tolist() == [[0.0, 0.0]]
    far = quantiser(torch.tensor([[-9.0, -9.0], [9.0, 9.0]])).vectors
    assert far.tolist() == [[-1.0, -1.0], [0.75, 1.0]]


def test_the_gradient_of_finite_scalars_is_that_of_the_bound():
    latents = torch.randn(50, 3, dtype=torch.float32, generator=torch.Generator().manual_seed(0)).requires_grad_()
    quantiser = FiniteScalar((8, 5, 4))
    weights = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))
    (quantiser(latents).vectors * weights).sum().backward()
    reach = (torch.tensor([8.0, 5.0, 4.0]) - 1) * 0.999 / 2
    shift = torch.atanh(torch.tensor([0.5, 0.0, 0.5]) / reach)
    slope = (1 - torch.tanh(latents.detach() + shift) ** 2) * reach / torch.tensor([4.0, 2.0, 2.0])
    torch.testing.assert_close(latents.grad, weights * slope, rtol=1e-4, atol=1e-6)


def updated(codebook, sums, counts, rows, decay, least):
    """One step of the averages, row by row."""
    nearest = [int(((row - codebook) ** 2).sum(axis=1).argmin()) for row in rows]
    sums, counts = decay * sums, decay * counts
    for row, code in zip(rows, nearest, strict=True):
        sums[code] += (1 - decay) * row
        counts[code] += 1 - decay
    new = [sums[i] / counts[i] if counts[i] >= least else rows[i] for i in range(len(codebook))]
    return np.array(new), sums, counts, nearest


def test_averages_move_as_published():
    rng = np.random.default_rng(0)
    book = MovingAverageCodebook(6, 3, decay=0.9, reset_below=1.2).train()
    batches = [rng.normal(size=(2, 10, 3)).astype(np.float32) for _ in range(5)]
    codebook = sums = batches[0].reshape(-1, 3)[:6].astype(float)  # the first batch fills it
    counts = np.ones(6)
    reset = 0
    for batch in batches:
        _, codes, _ = book(torch.from_numpy(batch))
        codebook, sums, counts, nearest = updated(codebook, sums, counts, batch.reshape(-1, 3).astype(float), 0.9, 1.2)
        assert codes.reshape(-1).tolist() == nearest
        book.advance()
        np.testing.assert_allclose(book.codebook.numpy(), codebook, atol=1e-6)
        np.testing.assert_allclose(book.counts.numpy(), counts, atol=1e-6)
        reset += int((counts < 1.2).sum())
    assert 0 < reset < 30  # some codes were replaced, not all


def test_a_batch_of_fewer_rows_than_codes_is_repeated_with_little_noise():
    rows = torch.eye(4)
    book = MovingAverageCodebook(10, 4).train()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        book(rows)
        book.advance()
    off = torch.cdist(book.codebook, rows).min(dim=1).values
    assert len(book.codebook.unique(dim=0)) == 10
    assert off.max() < 0.03


def test_what_was_gathered_for_a_step_that_was_not_taken_is_forgotten():
    rng = torch.Generator().manual_seed(0)
    batches = [torch.randn(20, 3, generator=rng) for _ in range(3)]
    whole, interrupted = MovingAverageCodebook(5, 3).train(), MovingAverageCodebook(5, 3).train()
    for batch in batches:
        whole(batch)
        whole.advance()
        before = {name: value.clone() for name, value in interrupted.state_dict().items()}
        interrupted(batch)
        assert all(torch.equal(before[name], value) for name, value in interrupted.state_dict().items())
        interrupted.forget()
        interrupted(batch)
        interrupted.advance()
    assert all(torch.equal(whole.state_dict()[name], value) for name, value in interrupted.state_dict().items())


def test_batches_of_one_step_are_added_up():
    """As one batch of both would be, but for the rows that replace codes."""
    rng = torch.Generator().manual_seed(0)
    first, second = (torch.randn(30, 3, generator=rng) for _ in range(2))
    parts, whole = (MovingAverageCodebook(5, 3, reset_below=0.0).train() for _ in range(2))
    parts(first)
    parts(second)
    parts.advance()
    whole(torch.cat([first, second]))
    whole.advance()
    torch.testing.assert_close(parts.codebook, whole.codebook)
    torch.testing.assert_close(parts.counts, whole.counts)


def test_a_codebook_that_is_used_stays_as_it_is():
    book = MovingAverageCodebook(5, 3).train()
    book(torch.randn(20, 3))
    book.advance()
    before = book.codebook.clone()
    vectors, codes, _ = book.eval()(torch.randn(2, 7, 3))
    book.advance()
    assert torch.equal(book.codebook, before)
    torch.testing.assert_close(vectors, book.vectors(codes))
    assert codes.shape == (2, 7)


def test_the_commitment_pulls_latents_to_their_codes():
    book = MovingAverageCodebook(5, 3).train()
    book(torch.randn(20, 3))
    book.advance()
    latents = torch.randn(20, 3, requires_grad=True)
    vectors, codes, commitment = book(latents)
    commitment.backward()
    torch.testing.assert_close(latents.grad, 2 / 60 * (latents.detach() - book.codebook[codes]))
    latents.grad = None
    vectors.sum().backward()  # straight through
    assert torch.equal(latents.grad, torch.ones(20, 3))


def test_a_configuration_says_which():
    assert quantiser_of(TokenizerConfig()).codes == 1000
    book = quantiser_of(TokenizerConfig(quantiser="vq", width=16, codebook_size=32, decay=0.5, reset_below=0.25))
    assert (book.codes, book.dim, book.decay, book.reset_below) == (32, 16, 0.5, 0.25)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"levels": ()}, r"tokenizer\.model\.levels is empty"),
        ({"levels": (1000, 1000)}, "1000000 codes are more than 65536"),
        ({"levels": (8, 2)}, r"tokenizer\.model\.levels\.1 must be at least 3, not 2"),
        ({"down": 9}, r"tokenizer\.model\.down must be at most 6, not 9"),
        ({"decay": 1.0}, r"tokenizer\.model\.decay must be below 1"),
        ({"quantiser": "lfq"}, r"tokenizer\.model\.quantiser must be one of fsq, vq"),
    ],
)
def test_impossible_sizes_are_one_line(values, message):
    with pytest.raises(ConfigError, match=message):
        TokenizerConfig(**values)
