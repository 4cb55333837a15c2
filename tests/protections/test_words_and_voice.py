"""Words and voice in one file: one perturbation for both, one way back, and neither undoes the other in silence."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Likeness
from sottovoce.models.adapters import AsEnhancer
from sottovoce.protections.against_understanding import Misheard, Transcripts
from sottovoce.protections.voice import Hidden, Voice
from sottovoce.protections.words import Words
from sottovoce.protections.words_and_voice import Both, WordsAndVoice


class Half(torch.nn.Module):
    def forward(self, waveforms):
        return 0.5 * waveforms


@pytest.fixture
def both(babbling, monkeypatch) -> WordsAndVoice:
    monkeypatch.setattr("sottovoce.protections.words.usual_witnesses", lambda attacked: [])
    return WordsAndVoice(Words({"babbling": babbling}, snr=26.0), Voice(["ecapa-tdnn"], witnesses=(), snr=22.0))


def effect(words: str, cosine: float) -> Both:
    transcripts = Transcripts(before=["we meet"], after=[words], problem=[None])
    likeness = Likeness(judge="x", cosine=cosine, threshold=0.5, stretches=1, recognised=int(cosine > 0.5))
    return Both(
        words=Misheard(attacked={"reader": transcripts}, kept={}, unseen={}),
        voice=Hidden(attacked={"halves": [likeness]}, unseen={}, asked={}, voiced=[True]),
        views=["channel 1"],
    )


def test_the_words_are_searched_for_with_the_voice_already_hidden(both, monkeypatch) -> None:
    heard, shares = torch.full((1, 8), 0.5), []

    def voice(waveforms, progress):
        progress(1.0)
        return 0.1 * waveforms

    def words(waveforms, progress):
        torch.testing.assert_close(waveforms, 1.1 * heard)
        progress(1.0)
        return 0.2 * waveforms

    monkeypatch.setattr(both.voice, "perturb", voice)
    monkeypatch.setattr(both.words, "perturb", words)
    torch.testing.assert_close(both.perturb(heard, shares.append), (0.1 + 0.2 * 1.1) * heard)
    assert shares == [0.5, 1.0]


def test_two_perturbations_that_keep_their_snr_keep_that_of_both_even_where_they_add_up(both) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1000, generator=generator, dtype=torch.float64)
    hidden = x * 10 ** (-both.voice.snr / 20)
    change = hidden + (x + hidden) * 10 ** (-both.words.snr / 20)
    assert 10 * torch.log10(x.square().sum() / change.square().sum()) == pytest.approx(both.snr)


def test_both_are_attacked_and_both_identify_the_result(both) -> None:
    assert list(both.listeners) == list(both.everybody) == ["babbling", "ecapa-tdnn"]
    assert both.identity() == {"words": both.words.identity(), "voice": both.voice.identity()}


def test_a_file_in_which_one_undoes_the_other_is_not_protected() -> None:
    assert effect("he slept", 0.1).failure() is None and len(effect("he slept", 0.1).lines()) == 2
    assert "writes the same" in effect("we meet", 0.1).failure()
    assert "recognises the voice" in effect("he slept", 0.9).failure()


def test_the_effects_on_several_channels_are_one() -> None:
    merged = Both.merged([effect("he slept", 0.1), effect("we meet", 0.1)])
    merged = merged.model_copy(update={"views": ["channel 1", "channel 2"]})
    assert "(channel 2)" in merged.failure()


def test_the_written_file_is_measured_by_both(both) -> None:
    hum = torch.sin(torch.arange(16_000) / 10)[None]
    found = both.measure(hum, 0.9 * hum)
    assert list(found.words.attacked) == ["babbling"] and list(found.voice.attacked) == ["ecapa-tdnn"]


def test_enhancers_by_themselves_are_refused() -> None:
    with pytest.raises(SottovoceError, match="recognisers"):
        WordsAndVoice(Words({"half": AsEnhancer(Half())}), Voice(effort="low", witnesses=()))
