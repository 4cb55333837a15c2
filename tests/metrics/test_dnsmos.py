from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from sottovoce.metrics import MetricWarning, dnsmos


def test_what_has_no_score_says_why(voice: Tensor) -> None:
    batch = torch.stack([torch.zeros(32000), 20 * voice[0], voice[0]])
    with pytest.warns(MetricWarning) as caught:
        scores = dnsmos(batch, torch.tensor([32000, 32000, 0]))
    assert all(values.isnan().all() for values in scores)
    reasons = {record.message.reason for record in caught if isinstance(record.message, MetricWarning)}
    assert reasons == {"the signal is silent", "there are samples outside [-1, 1]", "there are no samples"}


def test_padding_does_not_count(voice: Tensor) -> None:
    speech = voice[:1, :21001]
    scores = dnsmos(torch.nn.functional.pad(speech, (0, 11), value=torch.nan), torch.tensor([21001]))
    assert scores == dnsmos(speech)
    assert all(1 <= values.item() <= 5 for values in scores)


@pytest.mark.shared_data
def test_noise_is_heard_in_the_background_and_overall(shared_data: Path) -> None:
    folder = shared_data / "voicebank-demand"
    paths = [folder / side / "p257_143.flac" for side in ("clean", "noisy")]
    pair = [soundfile.read(path, dtype="float32")[0] for path in paths]
    scores = dnsmos(torch.tensor(np.stack(pair)))
    assert scores.bak[0] > scores.bak[1] + 0.5
    assert scores.ovrl[0] > scores.ovrl[1] + 0.3
