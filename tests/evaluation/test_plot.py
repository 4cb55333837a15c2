"""Pictures show the signals that they are given."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.plot import draw


@pytest.fixture
def figures(monkeypatch):
    """The figures that are saved."""
    saved, save = [], Figure.savefig

    def keep(figure, *args, **settings):
        saved.append(figure)
        save(figure, *args, **settings)

    monkeypatch.setattr(Figure, "savefig", keep)
    return saved


def test_every_row_has_one_signal_and_its_spectrum(tmp_path, figures):
    pitches = (500, 1000, 2000, 4000)
    time = torch.arange(8000) / 16_000
    tones = [level * torch.sin(2 * torch.pi * f * time) for level, f in zip((0.1, 0.4, 0.2, 0.3), pitches, strict=True)]
    draw(tmp_path / "a.png", dict(zip("abcd", tones, strict=True)), title="echo")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    (figure,) = figures
    assert figure.get_suptitle() == "echo" and [axes.get_title() for axes in figure.axes[::2]] == list("abcd")
    left, right = figure.axes[::2], figure.axes[1::2]
    for axes, tone in zip(left, tones, strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), tone.numpy())
        assert axes.get_ylim() == pytest.approx((-0.42, 0.42), rel=1e-3)  # 5 % above the loudest signal
    for axes, pitch in zip(right, pitches, strict=True):
        levels = axes.images[0].get_array().mean(1)  # from the highest frequency down
        assert 8000 * (1 - levels.argmax() / (len(levels) - 1)) == pytest.approx(pitch, abs=16_000 / 512)


@pytest.mark.filterwarnings("error")
def test_twenty_seconds_are_shown_and_signals_shorter_than_a_window_too(tmp_path, figures):
    for samples, seconds in ((25 * 16_000, 20), (1, 1 / 16_000)):
        draw(tmp_path / "a.png", {"a": torch.zeros(samples)}, title="silence")
        axes = figures.pop().axes
        assert len(axes[0].lines[0].get_ydata()) == seconds * 16_000
        assert axes[1].get_xlim() == pytest.approx((0, seconds))


def test_a_picture_that_cannot_be_written_says_where(tmp_path):
    with pytest.raises(SottovoceError, match=r"nowhere/a\.png: the picture cannot be written"):
        draw(tmp_path / "nowhere" / "a.png", {"a": torch.zeros(1600)})


def test_dollars_in_a_title_are_no_formula(tmp_path, figures):
    draw(tmp_path / "a.png", {"a": torch.zeros(1600)}, title=r"my$\net$")
    assert figures[0].get_suptitle() == r"my$\net$"
