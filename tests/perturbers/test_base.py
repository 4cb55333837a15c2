"""A perturber can stand wherever an attack can."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.metrics import snr
from sottovoce.models.speakers import ECAPATDNN, Similarity
from sottovoce.perturbers import SSED, OnePass
from sottovoce.threats import AwayFrom, SNRFloor, TowardsSpeaker


@torch.no_grad()
def test_its_result_is_an_attacks() -> None:
    torch.manual_seed(0)
    encoder, network = ECAPATDNN(16, 24).eval(), SSED(channels=4, blocks=1)
    waveforms, lengths = pad([0.1 * torch.randn(5000), 0.1 * torch.randn(3001)])
    victim = Similarity(encoder, encoder(waveforms, lengths))
    result = OnePass(network, budget=SNRFloor(40.0))(victim, waveforms, AwayFrom(), lengths=lengths)
    assert network.training and result.queries.tolist() == [0, 0]
    torch.testing.assert_close(result.snr.double(), snr(waveforms, result.adversarial, lengths), rtol=0, atol=1e-2)
    assert (result.snr >= 40 - 1e-3).all() and not result.adversarial[1, 3001:].any()
    torch.testing.assert_close(result.loss, victim(result.adversarial, lengths))
    free = OnePass(network)(victim, waveforms, TowardsSpeaker(), lengths=lengths)
    torch.testing.assert_close(free.adversarial, network.eval()(waveforms, lengths))
    assert free.loss.tolist() == pytest.approx((-victim(free.adversarial, lengths)).tolist())
