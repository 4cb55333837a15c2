"""The generator and the removal module: shapes, ranges, batches, and that the two can be undone by each other."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio import pad
from sottovoce.perturbers import SSED, MaskedNoise, refine


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    network = SSED(channels=4, blocks=2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.uniform_(-0.1, 0.1)  # type: ignore[union-attr]
    return network.eval()


def test_the_full_size_network_has_the_layers_of_the_notes() -> None:
    weights = {name: tuple(p.shape) for name, p in MaskedNoise().named_parameters() if p.ndim > 1}
    assert weights["first.conv.weight"] == (32, 1, 7)
    assert weights["down.weight"] == (64, 32, 3)
    assert [shape for name, shape in weights.items() if name.startswith("blocks")] == [(64, 64, 3)] * 12
    for decoder in ("noise", "mask"):
        assert weights[f"{decoder}.up.weight"] == (64, 32, 3) and weights[f"{decoder}.out.weight"] == (1, 32, 7)


@torch.no_grad()
@given(samples=st.integers(1, 200))
def test_any_length_comes_back_and_no_sample_moves_by_more_than_epsilon(network: SSED, samples: int) -> None:
    waveforms = torch.rand(2, samples) * 2 - 1
    for changed in (network(waveforms), network.remove(waveforms)):
        assert changed.shape == waveforms.shape
        assert (changed - waveforms).abs().max() <= 0.05 + 1e-6 and changed.abs().max() <= 1


@torch.no_grad()
def test_the_parts_make_the_whole(network: SSED) -> None:
    waveforms = 0.1 * torch.randn(2, 500)
    changed, noise, mask = network.perturbed(waveforms)
    assert noise.abs().max() <= 1 and mask.min() >= 0 and mask.max() <= 1
    torch.testing.assert_close(changed, waveforms + 0.05 * noise * mask)
    assert not torch.equal(network.removed(waveforms).noise, noise)


@torch.no_grad()
def test_a_padded_batch_gives_what_its_rows_give(network: SSED) -> None:
    rows = [0.1 * torch.randn(size) for size in (301, 90, 1000, 301, 2)]
    batch, lengths = pad(rows)
    for transform in (network, network.remove):
        for row, found in zip(rows, transform(batch, lengths), strict=True):
            torch.testing.assert_close(found[: len(row)], transform(row[None])[0], rtol=0, atol=1e-6)
            assert not found[len(row) :].any()


@torch.no_grad()
def test_an_output_sample_depends_on_its_context_and_on_nothing_else(network: SSED) -> None:
    context, place = network.generator.context, 600
    waveforms = 0.1 * torch.randn(1, 1200)
    inside = torch.zeros(1200, dtype=torch.bool)
    inside[place - context : place + context + 1] = True
    elsewhere = torch.where(inside, waveforms, 0.1 * torch.randn(1, 1200))
    assert torch.equal(network(elsewhere)[0, place], network(waveforms)[0, place])
    near = torch.where(inside, 0.1 * torch.randn(1, 1200), waveforms)
    assert not torch.equal(network(near)[0, place], network(waveforms)[0, place])


@torch.no_grad()
def test_a_normalised_mask_reaches_from_zero_to_one() -> None:
    torch.manual_seed(0)
    mask = SSED(channels=4, blocks=1, normalised=True).eval().perturbed(torch.randn(3, 400)).mask
    torch.testing.assert_close(mask.amin(1), torch.zeros(3))
    torch.testing.assert_close(mask.amax(1), torch.ones(3))


def test_gradients_reach_both_networks() -> None:
    network = SSED(channels=4, blocks=1)
    network.removed(network.perturbed(0.1 * torch.randn(2, 300)).waveforms).waveforms.square().sum().backward()
    for part in (network.generator, network.removal):
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in part.parameters())


@torch.no_grad()
def test_who_has_the_generator_can_solve_for_the_original(network: SSED) -> None:
    original = 0.2 * torch.randn(1, 6000, generator=torch.Generator().manual_seed(0))
    perturbed = network(original)
    found = refine(perturbed, perturbed, network, steps=200)
    before, after = ((each - original).square().mean() for each in (perturbed, found))
    assert after < 1e-3 * before


@pytest.mark.parametrize("epsilon", [0.0, -0.01, float("nan")])
def test_no_largest_change_is_refused(epsilon: float) -> None:
    with pytest.raises(ValueError, match="epsilon must be a finite number above 0; got "):
        SSED(channels=2, blocks=1, epsilon=epsilon)
