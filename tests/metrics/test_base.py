import warnings

import pytest
import torch

from sottovoce.metrics.base import MetricWarning, Undefined, collect, measure, noting


def total(*signals: torch.Tensor) -> float:
    return float(sum(signal.sum() for signal in signals))


def test_undefined_values_become_nan_and_say_why() -> None:
    with pytest.warns(MetricWarning) as caught:
        values = collect("loudness", [1.0, Undefined("nobody listened"), 3.0])
    assert values.dtype == torch.float64
    torch.testing.assert_close(values, torch.tensor([1, float("nan"), 3], dtype=torch.float64), equal_nan=True)
    (warning,) = [record.message for record in caught]
    assert isinstance(warning, MetricWarning)
    assert (warning.metric, warning.row, warning.reason) == ("loudness", 1, "nobody listened")
    assert str(warning) == "loudness of row 1 is undefined: nobody listened"


def test_only_the_samples_within_a_rows_length_count() -> None:
    signals = torch.tensor([[1.0, 2.0, torch.inf], [4.0, 5.0, 6.0]])
    assert measure("sum", total, (signals, signals), torch.tensor([2, 3])).tolist() == [6.0, 30.0]


def test_rows_without_samples_or_with_samples_that_are_no_numbers_are_undefined() -> None:
    signals = torch.tensor([[1.0, torch.nan], [1.0, torch.inf], [1.0, 1.0], [1.0, 1.0]])
    with pytest.warns(MetricWarning) as caught:
        values = measure("sum", total, (signals,), torch.tensor([2, 2, 0, 2]))
    assert values.isnan().tolist() == [True, True, True, False]
    assert [str(record.message).split(": ")[1] for record in caught] == [
        "there are NaN or infinite samples",
        "there are NaN or infinite samples",
        "there are no samples",
    ]


def test_a_gradient_does_not_get_in_the_way() -> None:
    assert measure("sum", total, (torch.ones(1, 3, requires_grad=True),), None).tolist() == [3.0]


@pytest.mark.parametrize(
    ("shapes", "lengths"),
    [(((2, 3), (2, 4)), None), (((3,), (3,)), None), (((2, 3), (2, 3)), [3]), (((2, 3), (2, 3)), [3, 4])],
)
def test_shapes_that_do_not_agree_are_refused(shapes: tuple[tuple[int, ...], ...], lengths: list[int] | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        measure("sum", total, [torch.ones(s) for s in shapes], None if lengths is None else torch.tensor(lengths))


def test_warnings_about_undefined_values_become_notes_once_each_and_others_pass_through() -> None:
    notes = ["no SNR: there are no samples"]
    with warnings.catch_warnings(record=True) as passed, noting(notes):
        warnings.simplefilter("always")
        collect("SNR", [Undefined("there are no samples"), Undefined("the reference is silent")])
        collect("SNR", [Undefined("the reference is silent")])
        warnings.warn("the disk is full", UserWarning, stacklevel=1)
    assert notes == ["no SNR: there are no samples", "no SNR: the reference is silent"]
    assert [str(warning.message) for warning in passed] == ["the disk is full"]


def test_notes_are_taken_even_where_warnings_are_errors() -> None:
    notes: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with noting(notes):
            assert collect("SNR", [Undefined("the reference is silent")]).isnan().all()
    assert notes == ["no SNR: the reference is silent"]
