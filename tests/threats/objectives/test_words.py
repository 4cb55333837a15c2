"""Words by their likelihood: what recognisers of both kinds should write, or should not."""

import pytest
import soundfile
import torch

from sottovoce.attacks import EOT
from sottovoce.corpora import read_manifest
from sottovoce.models.recognizers import DeepSpeech, load_recognizer
from sottovoce.threats import Mistranscribe, OtherWords, SNRFloor, TheseWords, Transcribe


@pytest.fixture
def recognizer(babbling: DeepSpeech) -> DeepSpeech:
    return babbling


@pytest.fixture
def rows() -> tuple[torch.Tensor, torch.Tensor]:
    waveforms = 0.1 * torch.randn(2, 16_000, generator=torch.Generator().manual_seed(0))
    waveforms[1, 12_000:] = 0.0
    return waveforms, torch.tensor([16_000, 12_000])


def test_on_ctc_they_are_the_ctc_objectives(recognizer, rows) -> None:
    """Transcribe and Mistranscribe are written independently."""
    waveforms, lengths = rows
    outputs, texts = recognizer(waveforms, lengths), ["OPEN THE DOOR", "NO"]
    for words, ctc in ((TheseWords, Transcribe), (OtherWords, Mistranscribe)):
        one = words(texts, recognizer, **({"margin": 1e6} if words is OtherWords else {}))
        other = ctc(texts, recognizer)
        torch.testing.assert_close(one.loss(outputs, *rows), other.loss(outputs, *rows))
        part = torch.tensor([1, 1])
        both = (each.rows(part).loss(outputs[part], waveforms[part], lengths[part]) for each in (one, other))
        torch.testing.assert_close(*both)
        torch.testing.assert_close(one.distance(outputs, *rows), one.loss(outputs, *rows))


def test_what_is_written_meets_one_and_not_the_other(recognizer, rows) -> None:
    outputs, written = recognizer(*rows), recognizer.transcribe(*rows)
    assert all(written)
    assert TheseWords(written, recognizer).met(outputs, *rows).all()
    assert not OtherWords(written, recognizer).met(outputs, *rows).any()
    assert OtherWords(["NO"], recognizer).met(outputs, *rows).all()


def test_below_the_margin_there_is_nothing_to_gain(recognizer, rows) -> None:
    outputs = recognizer(*rows).detach().requires_grad_()
    likelihoods = recognizer.likelihood_of(outputs, ["NO", "NO"], rows[1]) / 2
    margin = -float(likelihoods.detach().mean())  # between the two rows
    losses = OtherWords(["NO"], recognizer, margin=margin).loss(outputs, *rows)
    (gradient,) = torch.autograd.grad(losses.sum(), outputs)
    settled = likelihoods < -margin
    assert settled.sum() == 1 and [bool(row.any()) for row in gradient] == (~settled).tolist()
    assert (losses >= -margin - 1e-5).all()


def test_likelihoods_of_outputs_are_those_of_waveforms(recognizer, rows) -> None:
    texts = ["OPEN THE DOOR", "NO"]
    expected = recognizer.likelihood(rows[0], texts, rows[1])
    torch.testing.assert_close(recognizer.likelihood_of(recognizer(*rows), texts, rows[1]), expected)
    assert recognizer.written_of(recognizer(*rows), rows[1]) == recognizer.transcribe(*rows)


def test_whisper_is_muted_and_misled(third_party, shared_data) -> None:
    """A quarter of the power of the speech of a real recording is room enough for both."""
    whisper = load_recognizer(str(third_party("whisper-tiny.en")))
    utterance = read_manifest(shared_data / "manifests" / "librispeech-test-clean.csv")[0]
    waveforms = torch.from_numpy(soundfile.read(utterance.path, dtype="float32")[0][None, : 3 * 16_000])
    written = whisper.written(waveforms)
    attack = EOT(steps=6, lr=0.01, budget=SNRFloor(6.0))
    for wish, aim in ((TheseWords([""], whisper), "mute"), (OtherWords(written, whisper), "mislead")):
        before = wish.loss(whisper(waveforms), waveforms, torch.tensor([waveforms.shape[1]]))
        result = attack(whisper, waveforms, wish)
        assert (result.loss < 0.7 * before.abs()).all() and (result.loss < before).all(), aim
