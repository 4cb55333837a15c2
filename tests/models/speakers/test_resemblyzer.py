"""Our differentiable Resemblyzer against the package itself."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import Resemblyzer, load_speaker_encoder
from sottovoce.models.speakers.resemblyzer import partial_starts


@pytest.fixture(scope="module")
def encoder() -> Resemblyzer:
    pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'")
    return Resemblyzer.pretrained()


@torch.no_grad()
@pytest.mark.parametrize("samples", [400, 8000, 25_600, 25_761, 40_000, 70_001])
@pytest.mark.parametrize("level", [0.3, 0.005])
def test_embeddings_are_the_packages(encoder: Resemblyzer, samples: int, level: float) -> None:
    from resemblyzer import VoiceEncoder
    from resemblyzer.audio import normalize_volume

    time = torch.arange(samples) / 16_000
    voice = sum(torch.sin(2 * torch.pi * 140 * k * time + k) / k for k in range(1, 20))
    signal = level * (voice * (0.6 + 0.4 * torch.sin(2 * torch.pi * 3 * time)) / 3 + 0.02 * torch.randn(samples))
    raised = normalize_volume(signal.numpy(), -30, increase_only=True)
    theirs = VoiceEncoder("cpu", verbose=False).embed_utterance(raised)
    np.testing.assert_allclose(encoder(signal[None])[0].numpy(), theirs, rtol=0, atol=2e-4)


@given(samples=st.integers(min_value=400, max_value=500_000))
def test_windows_are_the_packages(samples: int) -> None:
    voice_encoder = pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'").VoiceEncoder
    _, slices = voice_encoder.compute_partial_slices(samples, 1.3, 0.75)
    assert partial_starts(samples) == [piece.start for piece in slices]


def test_a_gradient_reaches_the_samples(encoder: Resemblyzer) -> None:
    signal = (0.1 * torch.randn(1, 16_000)).requires_grad_()
    encoder(signal)[0, :40].sum().backward()
    assert signal.grad is not None and signal.grad.isfinite().all() and signal.grad.abs().sum() > 0


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    monkeypatch.setattr("sottovoce.models.speakers.resemblyzer.find_spec", lambda name: None)
    with pytest.raises(SottovoceError, match=r"sottovoce\[resemblyzer\]"):
        load_speaker_encoder("resemblyzer")


@pytest.mark.parametrize("state", [{}, {"linear.weight": torch.ones(3)}])
def test_other_weights_in_the_package_are_one_line(
    state: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rest = {key: tensor for key, tensor in Resemblyzer().state_dict().items() if key not in state} if state else {}
    torch.save({"model_state": rest | state}, tmp_path / "pretrained.pt")
    found = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("sottovoce.models.speakers.resemblyzer.find_spec", lambda name: found)
    with pytest.raises(SottovoceError, match=r"pretrained\.pt: not the weights of resemblyzer"):
        load_speaker_encoder("resemblyzer")
