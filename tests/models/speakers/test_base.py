"""A padded batch gives what its rows give one by one, whatever the encoder."""

import pytest
import torch

from sottovoce.audio import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import ECAPATDNN, Resemblyzer, SpeakerEncoder


@pytest.fixture(params=["ecapa-tdnn", "resemblyzer"])
def encoder(request: pytest.FixtureRequest) -> SpeakerEncoder:
    torch.manual_seed(0)
    return (ECAPATDNN(16, 24) if request.param == "ecapa-tdnn" else Resemblyzer()).eval()


@torch.no_grad()
def test_rows_of_any_length_in_any_order(encoder: SpeakerEncoder) -> None:
    rows = [0.1 * torch.randn(size) for size in (9000, 700, 30_011, 700, 9000)]
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
