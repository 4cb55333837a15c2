"""A padded batch gives what its rows give one by one, whatever the encoder."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import ECAPATDNN, CAMPPlus, Resemblyzer, SpeakerEncoder, load_speaker_encoder
from sottovoce.weights import Card

SMALL = {
    "ecapa-tdnn": lambda: ECAPATDNN(16, 24),
    "resemblyzer": Resemblyzer,
    "campplus": lambda: CAMPPlus(head=4, channels=16, growth=4, layers=(2, 2, 2)),
}


@pytest.fixture(params=SMALL)
def encoder(request: pytest.FixtureRequest) -> SpeakerEncoder:
    torch.manual_seed(0)
    return SMALL[request.param]().eval()


@torch.no_grad()
def test_rows_of_any_length_in_any_order(encoder: SpeakerEncoder) -> None:
    rows = [0.1 * torch.randn(size) for size in (9000, 720, 30_011, 720, 9000)]
    batch, lengths = pad(rows)
    together = encoder(batch, lengths)
    torch.testing.assert_close(together, torch.cat([encoder(row[None]) for row in rows]), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(5))
    batch[lengths[:, None] <= torch.arange(batch.shape[1])] = 1.0  # what lies in the padding does not matter
    torch.testing.assert_close(encoder(batch, lengths), together)


@torch.no_grad()
def test_the_shortest_row_is_embedded_and_a_shorter_one_refused(encoder: SpeakerEncoder) -> None:
    assert encoder(torch.randn(1, encoder.shortest)).isfinite().all()
    with pytest.raises(SottovoceError, match="too short to tell a voice"):
        encoder(torch.randn(1, encoder.shortest - 1))
    with pytest.raises(SottovoceError, match="too short to tell a voice"):
        encoder(torch.randn(2, 16_000), torch.tensor([16_000, encoder.shortest - 1]))


@pytest.mark.parametrize(("metrics", "threshold"), [({"cosine at equal error": 0.4}, 0.4), ({}, None)])
def test_the_threshold_is_the_cards(metrics: dict[str, float], threshold: float | None) -> None:
    network = ECAPATDNN(16, 24)
    card = Card(
        name="small", kind="speaker encoder", architecture="ecapa-tdnn", config=network.config, data="none",
        recipe="none", seed=0, metrics=metrics, licence="CC0-1.0",
    )  # fmt: skip
    assert ECAPATDNN.from_card(card, network.state_dict()).threshold == threshold and network.threshold is None


def test_the_bundled_encoder_has_one() -> None:
    for network in (ECAPATDNN.load("ecapa-tdnn"), load_speaker_encoder("ecapa-tdnn")):
        assert network.threshold == pytest.approx(0.4927, abs=1e-4)
