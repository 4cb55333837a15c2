"""Clips of recordings."""

import pytest

from benchmarks.wang2020.clips import load_clips
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import WideResNet, load_classifier


def test_long_recordings_are_cut_up_and_training_material_is_left_out(commands) -> None:
    clips = load_clips(commands, load_classifier(commands.classifier))
    assert clips.waveforms.shape == (8, 16_000) and clips.labels == ["down"] * 4 + ["up"] * 4
    assert not clips.waveforms[0, 12_800:].any()


def test_a_corpus_without_known_labels_is_refused(commands) -> None:
    with pytest.raises(SottovoceError, match=r"no test recordings .*left, right"):
        load_clips(commands, WideResNet(("left", "right"), depth=10, width=1))
