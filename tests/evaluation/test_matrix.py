"""Every listener through every channel."""

import math

import pytest
import torch

from sottovoce.evaluation.matrix import AS_IT_IS, Matrix, Signals
from sottovoce.evaluation.panel import Panel
from sottovoce.models.chain import Chain


def signals(*levels: float, **more) -> Signals:
    """Four hums, at these levels."""
    hum = torch.sin(torch.arange(32_000) * 0.05)
    return Signals("channel 1", torch.stack([level * hum for level in levels]), "four words are here", **more)


class Broken(torch.nn.Module):
    def forward(self, waveforms, lengths=None):
        raise ValueError("its weights\nare gone")


def test_every_listener_is_asked_alone_and_behind_every_enhancer(panel, halves):
    panel.encoders["halves"] = halves
    cells = list(Matrix(panel).cells(signals(0.5, 0.25, 0.5, 0.25)))
    assert [(cell.channel, cell.listener) for cell in cells] == [
        (AS_IT_IS, "reader"),
        (AS_IT_IS, "halves"),
        ("echo", "reader"),
        ("echo", "halves"),
    ]
    behind = cells[2]
    assert (behind.original, behind.protected, behind.noise_as_loud, behind.noise_alike) == (0, 1, 0, 1)
    assert behind.texts == ["FOUR WORDS ARE HERE", "", "FOUR WORDS ARE HERE", ""]
    assert len(Matrix(panel)) == 4


def test_voices_are_compared_with_the_original_as_it_is(halves, nothing):
    hum = torch.sin(torch.arange(32_000) * 0.05)
    fading = hum * torch.linspace(1, 0, 32_000)
    batch = torch.stack([hum, fading, hum, hum])
    panel = Panel(encoders={"halves": halves}, enhancers={"nothing": nothing})
    for cell in Matrix(panel).cells(Signals("channel 1", batch, "")):
        loud, quiet = (half.square().mean() for half in fading.chunk(2))
        expected = ((loud + quiet) / (2**0.5 * torch.hypot(loud, quiet))).item()
        assert cell.original == pytest.approx(1) and cell.protected == pytest.approx(expected, abs=1e-3)
        assert cell.kind == "voice" and cell.threshold == 0.9 and cell.texts == []


def test_what_fails_leaves_a_reason_and_the_others_go_on(panel):
    panel.enhancers["broken"] = Broken()
    panel.recognisers["broken too"] = torch.nn.Module()
    panel.recognisers["broken too"].transcribe = lambda waveforms: [][0]
    cells = {(c.listener, c.channel): c for c in Matrix(panel).cells(signals(0.5, 0.5, 0.5, 0.5))}
    assert cells["reader", AS_IT_IS].protected == 0 and cells["reader", "echo"].problem is None
    failed = cells["reader", "broken"]
    assert math.isnan(failed.protected) and failed.problem == "its weights are gone" and failed.failed
    assert cells["broken too", AS_IT_IS].failed and "index" in cells["broken too", AS_IT_IS].problem


def test_without_noise_of_the_same_quality_its_figure_is_missing(panel):
    cell = next(Matrix(panel).cells(signals(0.5, 0.5, 0.5, 0.5, alike=False)))
    assert math.isnan(cell.noise_alike) and cell.noise_as_loud == 0


def test_a_worthless_reference_gives_texts_without_rates(panel):
    cell = next(Matrix(panel).cells(signals(0.5, 0.5, 0.5, 0.5, worthless="nobody spoke")))
    assert math.isnan(cell.protected) and cell.problem == "nobody spoke" and not cell.failed
    assert cell.texts[0] == "FOUR WORDS ARE HERE"


def test_a_chain_hears_what_its_stages_leave(panel, echo, reader):
    panel.recognisers["echo+reader"] = Chain(echo, reader)
    cells = {(c.listener, c.channel): c for c in Matrix(panel).cells(signals(0.5, 0.25, 0.5, 0.5))}
    assert cells["echo+reader", AS_IT_IS].protected == cells["reader", "echo"].protected == 1
    # half as loud behind the first, silenced by the second
    assert cells["echo+reader", "echo"].original == 1


def test_channels_to_survive_come_after_the_enhancers_and_before_them(panel):
    class Quieter(torch.nn.Module):
        def forward(self, waveforms, lengths=None):
            return 0.5 * waveforms

    matrix = Matrix(panel, {"far away": Quieter()})
    assert list(matrix.columns) == [AS_IT_IS, "echo", "far away"]
    assert list(matrix.places()) == [
        (AS_IT_IS, "reader"),
        ("echo", "reader"),
        ("far away", "reader"),
        ("far away", "echo+reader"),
    ]
    cells = {(c.listener, c.channel): c for c in matrix.cells(signals(0.9, 0.5, 0.5, 0.5))}
    assert cells["echo+reader", "far away"].original == 0  # 0.45 is loud enough for the enhancer
    assert cells["echo+reader", "far away"].protected == 1
    assert cells["reader", "far away"].protected == 0


def test_long_recordings_go_through_enhancers_in_windows(panel, monkeypatch):
    lengths = []

    class Watching(type(panel.enhancers["echo"])):
        def forward(self, waveforms, lengths_=None):
            lengths.append(waveforms.shape[1])
            return waveforms

    panel.enhancers["watching"] = Watching()
    long = torch.sin(torch.arange(25 * 16_000) * 0.05).expand(4, -1)
    cells = {(c.listener, c.channel): c for c in Matrix(panel).cells(Signals("channel 1", long, "four words are here"))}
    assert len(lengths) == 2 and max(lengths) < 20 * 16_000
    # as at its pauses: two pieces, so the words come twice
    assert cells["reader", "watching"].protected == cells["reader", AS_IT_IS].protected == 1


def test_cells_that_are_known_are_not_measured(panel, reader):
    first = list(Matrix(panel).cells(signals(0.5, 0.25, 0.5, 0.5)))
    known = {(cell.listener, cell.channel): cell for cell in first}
    reader.transcribe = None
    again = list(Matrix(panel).cells(signals(0.5, 0.25, 0.5, 0.5), lambda *place: known[place]))
    assert again == first
