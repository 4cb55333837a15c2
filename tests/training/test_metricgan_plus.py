"""The recipe of MetricGAN+: warm start, adversarial epochs, and resuming."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from lightning_fabric import Fabric

from sottovoce.errors import SottovoceError
from sottovoce.training import Recipe, SpeechInNoise, metricgan_plus


def make(data: SpeechInNoise, fabric: Fabric, **settings: object) -> metricgan_plus.MetricGANPlusRecipe:
    """Threads give the scores that processes give, without seconds of starting up."""
    config = metricgan_plus.Config(validation=1, **settings)
    return metricgan_plus.MetricGANPlusRecipe(data, config, fabric, ThreadPoolExecutor(1))


def test_an_interrupted_training_ends_in_the_same_weights(
    data: SpeechInNoise, fabric: Fabric, check_resuming: Callable[[Callable[[], Recipe], str, set[str]], None]
) -> None:
    epochs = {"warm_epochs": 1, "critic_epochs": 1, "epochs": 4}
    sizes = {"utterances": 4, "warm_utterances": 4, "warm_batch": 2, "history": 0.5}
    logged = {"discriminator", "generator", "train_pesq"}
    check_resuming(lambda: make(data, fabric, **epochs, **sizes), "metricgan-plus", logged)


def test_training_moves_the_warm_loss_down(data: SpeechInNoise, fabric: Fabric) -> None:
    recipe = make(data, fabric, warm_epochs=9, warm_utterances=8, warm_batch=4)
    losses = [recipe.train_epoch(epoch)["warm_loss"] for epoch in range(8)]
    assert losses[-1] < 0.9 * losses[0]


def test_without_warm_start_training_begins_at_its_own_step_size(data: SpeechInNoise, fabric: Fabric) -> None:
    recipe = make(data, fabric, warm_epochs=0, utterances=2, lr=3e-4)
    recipe.train_epoch(0)
    assert [group["lr"] for group in recipe.optimizer.param_groups] == [3e-4]


@pytest.mark.parametrize("kind", ["", "warm_"])
def test_an_epoch_has_at_least_one_batch(kind: str) -> None:
    with pytest.raises(SottovoceError, match=f"^{kind}utterances must be at least {kind}batch, 8; it is 7"):
        metricgan_plus.Config(**{f"{kind}utterances": 7, f"{kind}batch": 8})
