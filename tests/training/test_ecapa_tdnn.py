"""The recipe of ECAPA-TDNN: the margin by hand, and training that generalises to other speakers."""

import math
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch.nn import functional

from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.training import Voices, ecapa_tdnn, run
from sottovoce.training.ecapa_tdnn import AngularMargin


def test_the_margin_is_added_to_the_angle() -> None:
    torch.manual_seed(0)
    head, embeddings, classes = AngularMargin(8, 5), torch.randn(6, 8), torch.tensor([0, 1, 2, 3, 4, 0])
    cosines = functional.normalize(embeddings) @ functional.normalize(head.weight).T
    angles = cosines.acos()
    for row, number in enumerate(classes.tolist()):
        angles[row, number] += 0.2
    assert angles.max() < math.pi
    wanted = functional.cross_entropy(30 * angles.cos(), classes)
    loss, right = head(embeddings, classes)
    torch.testing.assert_close(loss, wanted, rtol=1e-4, atol=1e-4)
    assert right == (cosines.argmax(1) == classes).sum()


def test_beyond_a_half_turn_the_loss_goes_on_falling() -> None:
    head = AngularMargin(2, 2)
    with torch.no_grad():
        head.weight.copy_(torch.eye(2))
    angles = torch.linspace(0, math.pi, 200)
    losses = torch.stack([head(torch.tensor([[a.cos(), a.sin()]]), torch.tensor([0]))[0] for a in angles])
    assert (losses.diff()[:100] >= 0).all() and losses.isfinite().all()
    right = torch.tensor([[-1.0, 0.0]], requires_grad=True)
    head(right, torch.tensor([0]))[0].backward()
    assert right.grad is not None and right.grad.isfinite().all()


def test_ecapa_tdnn_learns_voices_it_has_not_heard(voices: Voices, fabric: Fabric, tmp_path: Path) -> None:
    config = ecapa_tdnn.Config(channels=32, aggregated=48, epochs=6, utterances=96, batch=16, seconds=0.6)
    best = run(ecapa_tdnn.ECAPATDNNRecipe(voices, config, fabric), tmp_path, fabric)
    trained = load_speaker_encoder(str(best))
    recipe = ecapa_tdnn.ECAPATDNNRecipe(voices, config, fabric)
    recipe.network.load_state_dict(trained.state_dict())
    torch.manual_seed(0)
    assert recipe.validate()["eer"] < 0.35
    assert recipe.train_epoch(0)["accuracy"] > 3 / voices.classes


def test_an_epoch_has_at_least_one_batch() -> None:
    with pytest.raises(SottovoceError, match="utterances must be at least the batch, 32; it is 31"):
        ecapa_tdnn.Config(utterances=31)
