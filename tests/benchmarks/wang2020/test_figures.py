"""What the figures draw."""

import numpy as np
import torch

from benchmarks.wang2020.figures import draw_errors, draw_matrix, draw_perturbations


def test_the_matrix_names_its_hits_and_leaves_out_the_diagonal() -> None:
    axes = draw_matrix(np.array([[np.nan, 40.0], [97.6, np.nan]]), ("down", "up"), "hits").axes[0]
    assert {text.get_position(): text.get_text() for text in axes.texts} == {(1, 0): "40", (0, 1): "98"}


def test_errors_are_what_is_missing_to_all_hits() -> None:
    rates = {"commands": np.array([[np.nan, 40.0], [80.0, np.nan]]), "music": np.array([[np.nan, 0.0], [0.0, np.nan]])}
    axes = draw_errors(rates).axes[0]
    heights = [line.get_ydata() for line in axes.lines]
    assert any(np.allclose(height, 40) for height in heights)  # the median of 20 and 60
    assert [label.get_text() for label in axes.get_xticklabels()] == ["commands", "music"]


def test_perturbations_are_drawn_tenfold_by_method() -> None:
    clip = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    figure = draw_perturbations(clip, {"generator": 1.01 * clip, "genetic": 0.99 * clip}, "on → go")
    assert len(figure.axes) == 10
    assert np.allclose(figure.axes[2].lines[0].get_ydata(), 0.1 * clip.numpy(), atol=1e-6)
