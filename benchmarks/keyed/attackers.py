"""Attackers who have the networks and look for the key: 128 numbers, by gradient descent."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from sottovoce.attacks.base import frozen
from sottovoce.perturbers.keyed import KEY_BYTES, KeyedSSED

EXCERPT, BATCH = 25_600, 4
LR = 0.05


def fitted_key(
    network: KeyedSSED, pairs: Sequence[tuple[Tensor, Tensor]], generator: torch.Generator, steps: int
) -> Tensor:
    """The key under which the generator makes one recording of each pair from the other: `(1, 128)`.

    The numbers are not rounded to ±1, since what counts is what the networks make of them.

    Args:
        network: the attacked networks.
        pairs: originals and protected recordings, `(samples,)` each, all under one key.
        generator: draws excerpts.
        steps: steps of the descent.
    """

    def mismatch(keys: Tensor) -> Tensor:
        chosen = [pairs[int(torch.randint(len(pairs), (), generator=generator))] for _ in range(min(BATCH, len(pairs)))]
        starts = [int(torch.randint(max(1, len(own) - EXCERPT), (), generator=generator)) for own, _ in chosen]
        lengths = [min(len(own), EXCERPT) for own, _ in chosen]
        length = min(lengths)
        own, protected = (
            torch.stack([pair[side][start : start + length] for pair, start in zip(chosen, starts, strict=True)])
            for side in (0, 1)
        )
        made = network.perturbed(own, keys.expand(len(own), -1)).waveforms
        return (made - protected).square().sum() / (protected - own).square().sum()

    return _descended(network, mismatch, steps)


def searched_key(network: KeyedSSED, protected: Tensor, steps: int) -> Tensor:
    """The key under which the generator repeats a recording best from what the removal module makes of it: `(128,)`.

    Args:
        network: the attacked networks.
        protected: `(samples,)`, of which the loudest excerpt is used.
        steps: steps of the descent.
    """
    levels = protected.square().unfold(0, min(EXCERPT, len(protected)), 1600).sum(-1)
    start = 1600 * int(levels.argmax())
    heard = protected[None, start : start + EXCERPT]

    def inconsistency(keys: Tensor) -> Tensor:
        removed = network.removed(heard, keys).waveforms
        again = network.perturbed(removed, keys).waveforms
        return (again - heard).square().sum() / heard.square().sum() * 1e3

    return _descended(network, inconsistency, steps)


def _descended(network: KeyedSSED, loss: Callable[[Tensor], Tensor], steps: int) -> Tensor:
    keys = torch.zeros(1, 8 * KEY_BYTES, requires_grad=True)
    optimizer = torch.optim.Adam([keys], lr=LR)
    with frozen([network]):
        for _ in range(steps):
            (keys.grad,) = torch.autograd.grad(loss(keys), keys)
            optimizer.step()
    return keys.detach()
