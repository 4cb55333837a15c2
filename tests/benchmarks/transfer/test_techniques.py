"""Every technique is another search, on a recogniser that is always here."""

from dataclasses import replace

import pytest
import torch

from benchmarks.transfer import techniques
from benchmarks.transfer.measure import ORIGINAL, Job, Plan
from benchmarks.transfer.report import LISTENERS, write_report
from benchmarks.transfer.techniques import TECHNIQUES
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections.presets import Strength
from sottovoce.protections.usual import RECOGNISER, SURROGATE
from sottovoce.threats import GainDomain, OtherFeatures, OtherWords, TheseWords


@pytest.fixture
def recognizer(babbling: DeepSpeech, monkeypatch) -> DeepSpeech:
    monkeypatch.setattr(techniques, "load_listener", lambda name: babbling)
    return babbling


@pytest.mark.parametrize("name", [name for name in TECHNIQUES if name not in ("enhancers before it", "mute")])
def test_it_changes_the_recording_within_the_snr(name: str, recognizer: DeepSpeech) -> None:
    technique = replace(TECHNIQUES[name], steps=2)
    waveforms = 0.1 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    changed = technique(waveforms, 0)
    assert changed.shape == waveforms.shape and not torch.equal(changed, waveforms)
    if technique.snr is not None:
        ratio = waveforms.square().sum() / (changed - waveforms).square().sum()
        assert 10 * torch.log10(ratio) >= technique.snr - 1e-3


def test_what_is_wished(recognizer: DeepSpeech) -> None:
    waveforms, lengths = 0.1 * torch.randn(1, 8000), torch.tensor([8000])
    wishes = [
        wish(recognizer, waveforms, lengths) for wish in (techniques.words, techniques.nothing, techniques.states)
    ]
    assert [type(wish) for wish in wishes] == [OtherWords, TheseWords, OtherWords]
    assert wishes[0].texts == recognizer.transcribe(waveforms) and wishes[1].texts == [""]


def test_of_a_network_with_states_the_states_should_change() -> None:
    class States(torch.nn.Module):
        def own_frames(self, lengths):
            return lengths // 400

        def forward(self, waveforms, lengths=None):
            return waveforms.unfold(-1, 400, 400)

    waveforms, lengths = 0.1 * torch.randn(1, 8000), torch.tensor([8000])
    wish = techniques.states(States(), waveforms, lengths)
    assert isinstance(wish, OtherFeatures) and wish.references.shape == (1, 20, 400)


def test_every_row_differs_from_the_first_in_what_its_name_says() -> None:
    first, *others = TECHNIQUES.values()
    assert all(technique != first for technique in others)
    assert not any("," in name for name in TECHNIQUES)  # the command line separates them so
    assert isinstance(TECHNIQUES["gains of ±4 dB"].domain, GainDomain)
    assert TECHNIQUES["twice the steps"].steps == 2 * first.steps
    default = TECHNIQUES["and the surrogate (default)"]
    assert list(default.attacked) == [RECOGNISER, SURROGATE] and default.snr == Strength.MEDIUM.surrogate_snr


def test_the_report_has_a_line_for_each_measured_technique(tmp_path) -> None:
    plan = Plan(tmp_path, 1, 0)
    row = {"material": "clean", "file": "a", "pesq": 3.5, "snr": 19.5} | dict.fromkeys(LISTENERS, 0.5)
    rows = {Job(plan, name).name: [row, row] for name in (ORIGINAL, "Whisper tiny.en", "mute")}
    write_report(tmp_path, plan, rows)
    text = (tmp_path / "transfer.md").read_text()
    assert sum(line.count(" 50 [50, 50] ") for line in text.splitlines()) == 3 * len(LISTENERS)
