"""Who judges a protected file."""

from copy import deepcopy

import pytest
import torch

from sottovoce.evaluation.panel import Panel
from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections.judges import judges
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from tests.listeners import Faithful, Half


class Surrogate(torch.nn.Module):
    """Hears, but writes nothing."""

    def own_frames(self, lengths):
        return lengths // 400

    def forward(self, waveforms, lengths=None):
        return waveforms.unfold(-1, 400, 400).square()


def network(seed: int) -> DeepSpeech:
    torch.manual_seed(seed)
    return DeepSpeech(hidden=8, layers=1).eval()


def usual(monkeypatch, panel: Panel) -> None:
    monkeypatch.setattr(Panel, "of", classmethod(lambda cls, names=None, device="cpu": panel))


def test_the_panel_has_the_attacked_and_a_witness_but_no_surrogate_and_no_friend(monkeypatch) -> None:
    own, friend = network(0), network(1)
    usual(monkeypatch, Panel(recognisers={"usual": deepcopy(own), "other": network(2), "amie": deepcopy(friend)}))
    protection = Words({"mine": own, "like": Surrogate()}, keep={"friend": friend})
    panel, attacked = judges(protection)
    assert list(protection.aim.witnesses) == ["pocketsphinx"]
    assert list(panel.recognisers) == ["pocketsphinx", "usual", "other", "mine"]
    assert attacked == ["mine", "like", "usual"]  # the same network under another name


def test_where_enhancers_are_attacked_the_usual_listeners_are_judges(monkeypatch) -> None:
    usual(monkeypatch, Panel(recognisers={"faithful": Faithful()}))
    panel, attacked = judges(Words({"half": AsEnhancer(Half())}))
    assert list(panel.recognisers) == ["faithful"] and list(panel.enhancers) == ["half"]
    assert attacked == ["half"]


def test_voices_are_judged_by_encoders_only_the_attacked_and_the_others() -> None:
    pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'")
    panel, attacked = judges(Voice(["ecapa-tdnn"], witnesses=["resemblyzer"]))
    assert list(panel.encoders) == ["ecapa-tdnn", "resemblyzer"] and not panel.recognisers
    assert list(panel.enhancers) == ["metricgan-plus"] and not panel.missing
    assert attacked == ["ecapa-tdnn"]
