"""When a transcript can serve as a reference."""

import numpy as np
import pytest
import torch

from sottovoce.evaluation.recognition import active_seconds, transcript, why_worthless
from sottovoce.models.recognizers import PocketSphinx


class Says:
    """Writes given texts, one after the other."""

    def __init__(self, *texts, language="en"):
        self.name, self.language, self.texts = "listener", language, list(texts)

    def transcribe(self, waveforms, lengths=None):
        return [self.texts.pop(0) if len(self.texts) > 1 else self.texts[0] for _ in waveforms]


SPEECH = 0.3 * torch.sin(torch.arange(64_000) * 0.2) * torch.sin(torch.arange(64_000) * 0.001)
SENTENCE = "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN"


def test_no_words_are_no_reference():
    assert why_worthless(Says(""), SPEECH, "") == "listener understands English only and heard no words in the original"


def test_far_fewer_words_than_there_is_speech_are_no_reference():
    assert "heard 3 words in 4 s of speech" in why_worthless(Says("THE THE ARTICLE"), SPEECH, "THE THE ARTICLE")
    assert "heard 1 word in 4 s" in why_worthless(Says("THE"), SPEECH, "THE")


def test_words_that_change_with_faint_noise_are_no_reference():
    other = "ONE A B C D E F G H I"
    assert "mostly other words" in why_worthless(Says(other), SPEECH, SENTENCE)
    assert why_worthless(Says(SENTENCE), SPEECH, SENTENCE) is None
    assert why_worthless(Says(SENTENCE.replace("FOUR FIVE", "FOR LIFE")), SPEECH, SENTENCE) is None


def test_only_a_known_language_is_named():
    assert why_worthless(Says("", language=""), SPEECH, "").startswith("listener heard no words")
    assert why_worthless(Says("", language="de"), SPEECH, "").startswith("listener understands de only and")


@pytest.mark.parametrize("level", [1.0, 0.01])
@pytest.mark.parametrize("pause", [0, 48_000])
def test_pauses_are_no_activity_whatever_the_level(level, pause):
    generator = torch.Generator().manual_seed(0)
    noise = 0.1 * torch.randn(64_000, generator=generator)
    recording = torch.cat([noise, torch.zeros(pause), noise]) * level
    held = 0.4 if pause else 0.0  # the end of the first burst is held for 200 ms, and the envelope decays
    assert active_seconds(recording) == pytest.approx(8.0 + held, abs=0.3)


def test_silence_has_no_activity():
    assert active_seconds(torch.zeros(16_000)) == 0


def test_long_recordings_are_transcribed_in_pieces():
    assert transcript(Says("A", "", "B"), torch.ones(40 * 16_000)) == "A B"


def test_spoken_digits_count_one_by_one():
    assert why_worthless(Says(SENTENCE.replace("FOUR", "FOR")), SPEECH, SENTENCE) is None


def test_pocketsphinx_understands_no_vowels_without_words():
    time = np.arange(48_000) / 16_000
    hum = sum(np.sin(2 * np.pi * 130 * k * time) / k for k in range(1, 12)) * 0.2
    signal = torch.from_numpy(hum * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time))).float()
    recognizer = PocketSphinx()
    assert "pocketsphinx understands English only" in why_worthless(recognizer, signal, transcript(recognizer, signal))
