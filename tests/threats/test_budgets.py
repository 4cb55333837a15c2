"""Each projection gives the nearest point of its set, with the right gradient."""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.threats import L2, Budget, LInf, SNRFloor, Unlimited


def projected(budget: Budget, wish: Tensor, originals: Tensor, lengths: Tensor | None = None) -> Tensor:
    return budget.project(wish, budget.limits(originals, lengths), lengths)


class Case(NamedTuple):
    """A budget and the norm that it bounds for `ORIGINAL`, whose energy is 4."""

    budget: Budget
    order: float
    radius: float


ORIGINAL = torch.tensor([[1.0, -1.0, 1.0, -1.0]], dtype=torch.float64)
CASES = {
    "linf": Case(LInf(0.3), math.inf, 0.3),
    "l2": Case(L2(0.7), 2, 0.7),
    "snr": Case(SNRFloor(20.0), 2, 0.2),  # a tenth of the recording's norm
    "snr below 0": Case(SNRFloor(-6.0), 2, 2 * 10**0.3),
}
VECTORS = st.lists(st.floats(min_value=-10, max_value=10), min_size=4, max_size=4).map(
    lambda values: torch.tensor([values], dtype=torch.float64)
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@given(wish=VECTORS, other=VECTORS)
def test_projection_is_inside_nearest_and_idempotent(case: Case, wish: Tensor, other: Tensor) -> None:
    nearest = projected(case.budget, wish, ORIGINAL)
    assert torch.linalg.vector_norm(nearest, case.order) <= case.radius * (1 + 1e-9)
    torch.testing.assert_close(projected(case.budget, nearest, ORIGINAL), nearest, rtol=1e-9, atol=1e-9)
    # A point of a convex set is the nearest to a wish if and only if no direction from it into the set is closer.
    inside = other * min(1.0, case.radius / max(1e-9, float(torch.linalg.vector_norm(other, case.order))))
    assert ((wish - nearest) * (inside - nearest)).sum() <= 1e-6


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_perturbations_inside_are_unchanged(case: Case) -> None:
    inside = torch.full((1, 4), case.radius / 4, dtype=torch.float64)
    assert torch.equal(projected(case.budget, inside, ORIGINAL), inside)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_gradient_is_right_inside_and_outside(case: Case, scale: float) -> None:
    wish = scale * case.radius * torch.tensor([[0.4, -0.3, 0.2, 0.6]], dtype=torch.float64)
    wish.requires_grad_()
    assert torch.autograd.gradcheck(lambda change: projected(case.budget, change, ORIGINAL), wish)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("hair", [-1e-9, 1e-9])
def test_on_the_boundary_the_gradient_does_not_depend_on_rounding(case: Case, hair: float) -> None:
    direction = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
    edge = ((1 + hair) * case.radius * direction).requires_grad_()
    (projected(case.budget, edge, ORIGINAL) * torch.tensor([[1.0, 2.0, 0.0, 0.0]])).sum().backward()
    outward = 1.0 if case.order == math.inf else 0.0  # tangential on a sphere, complete on a face of the cube
    assert edge.grad is not None
    torch.testing.assert_close(edge.grad, edge.new_tensor([[outward, 2.0, 0.0, 0.0]]), rtol=0, atol=1e-6)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_gradient_at_no_change_is_finite(case: Case) -> None:
    nothing = torch.zeros(1, 4, dtype=torch.float64, requires_grad=True)
    projected(case.budget, nothing, ORIGINAL).sum().backward()
    assert nothing.grad is not None and nothing.grad.isfinite().all()


def test_rows_are_projected_separately_and_silence_is_unchanged() -> None:
    originals = 0.5**0.5 * torch.tensor([[1.0, -1.0], [0.0, 0.0]])
    changes = projected(SNRFloor(0.0), torch.tensor([[3.0, 4.0], [3.0, 4.0]]), originals)
    torch.testing.assert_close(changes, torch.tensor([[0.6, 0.8], [0.0, 0.0]]))


def test_unlimited_changes_nothing() -> None:
    wish = torch.tensor([[1e6, -1.0]])
    assert torch.equal(projected(Unlimited(), wish, wish), wish)


@pytest.mark.parametrize("offset", [0.3, -0.7])
def test_a_constant_offset_earns_no_change(offset: float) -> None:
    originals = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))
    wish, floor, lengths = 9.0 * originals.flip(-1), SNRFloor(20.0), torch.tensor([400, 300])
    own = torch.arange(400) < lengths[:, None]
    changes = projected(floor, wish * own, originals * own, lengths)
    torch.testing.assert_close(projected(floor, wish * own, (originals + offset) * own, lengths), changes)
    for row, size, change in zip(originals, lengths.tolist(), changes, strict=True):
        assert change.square().sum() == pytest.approx(0.01 * size * row[:size].var(correction=0).item(), rel=1e-4)


def test_a_constant_row_is_unchanged_as_silence_is() -> None:
    originals = torch.tensor([[0.1], [0.3], [-0.9]]).expand(3, 1001)
    assert not projected(SNRFloor(0.0), torch.ones(3, 1001), originals).any()


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, "1", None])
@pytest.mark.parametrize("kind", [LInf, L2])
def test_what_is_no_radius_is_refused(kind: type[LInf] | type[L2], wrong: object) -> None:
    with pytest.raises(ValueError, match="radius must be a finite number of at least 0; got "):
        kind(wrong)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, "20"])
def test_what_is_no_snr_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="snr must be a finite number; got "):
        SNRFloor(wrong)
