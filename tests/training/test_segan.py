"""The recipe of SEGAN."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from lightning_fabric import Fabric

from sottovoce.errors import SottovoceError
from sottovoce.training import MixingRange, Recipe, SpeechInNoise, segan

SMALL = segan.Config(width=1 / 32, epochs=4, steps=2, batch=2, validation=2)


def test_an_interrupted_training_ends_in_the_same_weights(
    data: SpeechInNoise, fabric: Fabric, check_resuming: Callable[[Callable[[], Recipe], str, set[str]], None]
) -> None:
    logged = {"discriminator", "adversarial", "l1"}
    check_resuming(lambda: segan.SEGANRecipe(data, SMALL, fabric), "segan", logged)


def test_the_step_size_falls_to_a_tenth_over_the_last_third(data: SpeechInNoise, fabric: Fabric) -> None:
    recipe = segan.SEGANRecipe(data, replace(SMALL, epochs=6, steps=1, lr=1e-3), fabric)
    sizes = []
    for epoch in (0, 4, 5):
        recipe.train_epoch(epoch)
        sizes += [group["lr"] for each in (recipe.optimizer, recipe.critic_optimizer) for group in each.param_groups]
    assert sizes == pytest.approx([1e-3] * 4 + [1e-3 * 0.1**0.5] * 2)


def test_excerpts_that_are_no_chunks_are_refused(
    data: SpeechInNoise, fabric: Fabric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "mixing", MixingRange(seconds=0.5))
    with pytest.raises(SottovoceError, match="16384"):
        segan.SEGANRecipe(data, SMALL, fabric)
