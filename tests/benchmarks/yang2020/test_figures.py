"""What the figures draw."""

import numpy as np
import torch

from benchmarks.yang2020.figures import draw_adaptive, draw_spectrograms


def test_spectrograms_are_three_in_a_row() -> None:
    noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    figure = draw_spectrograms({name: noise for name in "abcdef"})
    assert [axes.get_title() for axes in figure.axes] == list("abcdef")
    assert figure.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 3)


def test_a_box_for_each_enhancer_with_successes() -> None:
    axes = draw_adaptive({"nothing": [10.0, 20.0, 40.0], "dnn": [5.0]}).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["nothing", "dnn"]
    assert any(np.allclose(line.get_ydata(), 20) for line in axes.lines)  # a median
    assert not draw_adaptive({}).axes[0].lines
