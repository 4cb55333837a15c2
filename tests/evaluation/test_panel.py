"""Who listens."""

from copy import deepcopy

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation import panel as module
from sottovoce.evaluation.panel import Panel
from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.chain import Chain
from sottovoce.models.registry import Listener


@pytest.fixture
def known(monkeypatch, echo, reader, halves):
    """Three listeners, a fourth of whom is not here."""

    def absent():
        raise SottovoceError("far: not on this machine; sottovoce models fetch far brings it")

    about = ("none", 0, "nobody", "made up", "CC0-1.0", True)
    found = {
        "reader": Listener("reader", "recogniser", *about, lambda: reader),
        "halves": Listener("halves", "speaker encoder", *about, lambda: halves),
        "echo": Listener("echo", "enhancer", *about, lambda: echo),
        "far": Listener("far", "enhancer", *about, absent, absent),
    }
    monkeypatch.setattr(module, "listeners", lambda: found)
    monkeypatch.setattr(module, "load_listener", lambda name: found[name].load())
    return found


def test_all_is_everybody_and_who_is_not_here_is_missing_with_the_command(known):
    panel = Panel.of(["all"])
    assert (list(panel.recognisers), list(panel.encoders), list(panel.enhancers)) == (["reader"], ["halves"], ["echo"])
    assert panel.missing == {"far": ("enhancer", "not on this machine; sottovoce models fetch far brings it")}


def test_who_is_named_must_be_here(known):
    with pytest.raises(SottovoceError, match=r"^far: not on this machine; sottovoce models fetch far"):
        Panel.of(["reader", "far"])
    with pytest.raises(SottovoceError, match="far"):
        Panel.of(["all", "far"])


def test_who_is_missing_is_known_without_loading_anybody(known, monkeypatch):
    monkeypatch.setattr(module, "load_listener", lambda name: pytest.fail(f"{name} is loaded"))
    assert list(module.missing(["reader", "all"])) == ["far"]
    with pytest.raises(SottovoceError, match="far"):
        module.missing(["far"])


def test_nobody_listens_twice(known):
    with pytest.raises(SottovoceError, match="reader: named twice"):
        Panel.of(["reader", "reader"])
    assert list(Panel.of(["reader", "all"]).recognisers) == ["reader"]


def test_the_usual_ones_are_those_who_are_here(known, monkeypatch):
    monkeypatch.setattr(module, "DEFAULT", ("far", "reader"))
    panel = Panel.of()
    assert list(panel.recognisers) == ["reader"] and list(panel.missing) == ["far"]


def test_own_networks_join(known, monkeypatch, nothing):
    monkeypatch.setattr(module, "DEFAULT", ("reader", "echo"))
    panel = Panel.around({"mine": nothing, "echo": nothing})
    assert list(panel.enhancers) == ["echo", "mine"] and panel.enhancers["echo"] is known["echo"].load()


def test_recognisers_of_ones_own_stand_in_the_order_of_accuracy(known, monkeypatch, levels):
    monkeypatch.setattr(module, "DEFAULT", ("reader",))
    known["better"] = known["reader"]
    monkeypatch.setattr(module, "listeners", lambda: {name: known[name] for name in ("better", "reader")})
    assert list(Panel.around({"mine": levels, "better": levels}).recognisers) == ["better", "reader", "mine"]


def test_a_network_is_known_by_its_weights_under_any_name(echo, nothing):
    torch.manual_seed(0)
    first, second = (AsEnhancer(torch.nn.Conv1d(1, 1, 1)) for _ in range(2))
    panel = Panel(enhancers={"first": first, "second": second, "both": Chain(echo, deepcopy(first)), "echo": echo})
    assert panel.same_as([deepcopy(first)]) == ["first", "both"]
    assert panel.same_as([Chain(nothing, echo)]) == ["both", "echo"]


def test_a_surrogate_cannot_join(echo, reader, halves):
    assert [Panel.can_join(each) for each in (echo, reader, halves, Chain(echo, reader))] == [True] * 4
    assert not Panel.can_join(torch.nn.Identity()) and not Panel.can_join(Chain(echo, torch.nn.Identity()))


def test_what_cannot_be_measured_is_refused(halves):
    with pytest.raises(SottovoceError, match="lamp: neither"):
        Panel().add("lamp", torch.nn.Identity())
    halves.threshold = None
    with pytest.raises(SottovoceError, match="halves: no threshold"):
        Panel().add("halves", halves)
