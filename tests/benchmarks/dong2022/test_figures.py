"""What the figures draw."""

import numpy as np

from benchmarks.dong2022.figures import draw_degradation, draw_error_rates, draw_trade_off
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results


def line_called(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


def test_error_rates_are_drawn_in_percent_over_the_snr_of_the_mixture(rows) -> None:
    axes = draw_error_rates(Results(rows, seed=0)).axes[0]
    x, y = line_called(axes, "opt, ours").get_data()
    assert list(x) == list(SNRS) and y[-1] == 75 and np.isnan(y[:-1]).all()
    assert line_called(axes, "noisy").get_ydata()[-1] == 25
    assert line_called(axes, "opt, Dong et al. (2022)").get_ydata()[0] == 76.7
    assert "pgd, ours" not in [line.get_label() for line in axes.lines]  # not measured


def test_degradation_is_drawn_in_points(rows) -> None:
    axes = draw_degradation(Results(rows, seed=0)).axes[0]
    assert line_called(axes, "opt, ours").get_ydata()[-1] == 50


def test_the_trade_off_has_the_unprotected_recording_as_a_level(rows) -> None:
    axes = draw_trade_off(Results(rows, seed=0)).axes[0]
    assert list(line_called(axes, "unprotected, no enhancer").get_ydata()) == [25, 25]
