"""Words and voice in one file: one perturbation for both, one way back, and neither undoes the other in silence."""

from types import SimpleNamespace

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Likeness
from sottovoce.models.adapters import AsEnhancer
from sottovoce.protections.against_understanding import Misheard, Transcripts
from sottovoce.protections.presets import Effort, Strength
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


def test_one_perturbation_is_for_both_where_words_are_heard(both, monkeypatch) -> None:
    """Of two windows one has words; the search asks each for what is wanted there, within one budget."""
    asked, shares = [], list[float]()
    heard = torch.rand(1, 25 * 16_000, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(both.aim.words, "spoken", lambda heard, found: found[1:])

    def crossing(snr, *, steps, progress):
        def attack(listeners, waveforms, objectives, *, lengths):
            asked.append((len(listeners), len(objectives), snr, steps))
            progress(steps)
            return SimpleNamespace(adversarial=2 * waveforms)

        return attack

    monkeypatch.setattr("sottovoce.protections.searching.crossing", crossing)
    torch.testing.assert_close(both.perturb(heard, shares.append), heard)
    assert asked == [(1, 1, 22.0, 30), (2, 2, 22.0, 30)]
    assert shares == [0.5, 1.0]


def test_the_louder_budget_and_the_longer_search_hold(babbling, monkeypatch) -> None:
    monkeypatch.setattr("sottovoce.protections.words.usual_witnesses", lambda attacked: [])
    words = Words({"babbling": babbling}, snr=21.0, steps=7)
    both = WordsAndVoice(words, Voice(["ecapa-tdnn"], witnesses=(), snr=23.0, steps=9))
    assert (both.snr, both.aim.snr, both.aim.steps) == (21.0, 21.0, 9)


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
    with pytest.raises(SottovoceError, match="no recogniser"):
        WordsAndVoice(Words({"half": AsEnhancer(Half())}), Voice(["ecapa-tdnn"], witnesses=()))


def test_a_single_pass_is_refused(both) -> None:
    with pytest.raises(SottovoceError, match="pass"):
        WordsAndVoice(both.words, Voice(effort="low", witnesses=()))


def test_one_strength_and_one_effort_are_for_both(monkeypatch) -> None:
    monkeypatch.setattr("sottovoce.protections.words.usual_witnesses", lambda attacked: [])
    monkeypatch.setattr("sottovoce.protections.voice.usual_encoder_witnesses", lambda attacked: [])
    both = WordsAndVoice.chosen(["deep-speech"], ["ecapa-tdnn"], strength="light", effort="low")
    assert both.words.aim.steps == both.voice.aim.steps == both.aim.steps == Effort.LOW.steps
    assert both.words.snr == both.voice.snr == both.snr == Strength.LIGHT.both_snr


def test_what_is_chosen_twice_is_refused() -> None:
    with pytest.raises(SottovoceError, match="--strength and --snr choose the same"):
        WordsAndVoice.chosen(strength="light", snr=20.0)
