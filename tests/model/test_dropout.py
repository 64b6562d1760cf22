import pytest
import torch
from torch import nn

from chronomotion.model.dropout import QuickDropout, dropped, quicken_dropout


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64], ids=str)
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_a_share_is_dropped_and_the_mean_stays(p, kind):
    torch.manual_seed(0)
    x = torch.ones(1000, 101, dtype=kind)
    out = QuickDropout(p)(x)
    dropped = (out == 0).float()
    assert dropped.mean().item() == pytest.approx(p, abs=0.005)  # five standard deviations
    assert out.dtype == kind
    assert out.float().mean().item() == pytest.approx(1, abs=0.01)
    assert len(out.unique()) == 2
    for axis in (0, 1):  # no row and no column is dropped more than others, nor are neighbours dropped together
        assert dropped.mean(dim=axis).std() < 0.06
    pairs = dropped[:, 1:] * dropped[:, :-1]
    assert pairs.mean().item() == pytest.approx(p * p, abs=0.005)


def test_gradients_pass_where_numbers_do():
    x = torch.randn(50, 30, requires_grad=True)
    out = QuickDropout(0.3)(x)
    out.sum().backward()
    assert torch.allclose(x.grad, torch.where(out == 0, 0.0, 1 / 0.7), atol=1e-4)


def test_masks_depend_on_the_seed_alone():
    x, layer = torch.randn(20, 7), QuickDropout(0.5)
    torch.manual_seed(3)
    first = layer(x)
    torch.manual_seed(3)
    assert torch.equal(first, layer(x))
    assert not torch.equal(first, layer(x))


def test_nothing_happens_outside_of_training_or_without_dropout():
    x = torch.randn(5, 5)
    assert QuickDropout(0.5).eval()(x) is x
    assert QuickDropout(0.0)(x) is x


def test_all_can_be_dropped():
    assert not dropped(torch.ones(5, 5), 1.0).any()


def test_every_dropout_of_a_model_is_exchanged():
    layer = nn.TransformerEncoderLayer(16, 2, 32, 0.2, batch_first=True)
    before = layer.state_dict()
    quicken_dropout(layer)
    kinds = [type(module) for module in layer.modules()]
    assert nn.Dropout not in kinds
    assert kinds.count(QuickDropout) == 3
    assert layer.dropout1.p == 0.2
    assert list(layer.state_dict()) == list(before)
    assert torch.equal(layer.eval()(torch.ones(1, 3, 16)), layer(torch.ones(1, 3, 16)))


def test_what_is_dropped_is_zero_whatever_it_was():
    torch.manual_seed(0)
    out = dropped(torch.full((1000,), float("inf")), 0.5)
    assert sorted(out.unique().tolist()) == [0.0, float("inf")]


def test_views_that_are_not_contiguous():
    torch.manual_seed(0)
    x = torch.randn(6, 5).T.requires_grad_()
    out = dropped(x, 0.5)
    out.sum().backward()
    assert torch.allclose(out, x.detach() * x.grad)
