"""A verification in tables."""

import math

from sottovoce.cli.tables import tables
from sottovoce.evaluation.matrix import AS_IT_IS
from sottovoce.evaluation.verification import Missing
from tests.verifications import verification, view, words


def cells(table) -> list[list[str]]:
    return [list(column.cells) for column in table.columns]


def test_every_measure_of_quality_has_a_column() -> None:
    shown = words(AS_IT_IS, 0.0, 0.5, noise_as_loud=0.25), words("echo", 0.1, 1.0)
    quality, strength, matrix, texts = tables(verification(*shown))
    assert [column.header for column in quality.columns] == ["SNR [dB]", "PESQ-wb", "another"]
    assert cells(quality) == [["20.0"], ["3.50"], ["1.25"]]
    assert list(strength.columns[3].cells) == ["1.00 (ill-posed)"]
    assert cells(matrix) == [[AS_IT_IS, "echo"], ["50 (0; 25; –)", "100 (10; –; –)"]]
    assert cells(texts)[0] == ["original", "protected", "original, echo", "protected, echo"]
    assert cells(texts)[2] == ["what was said", "what is left"] * 2


def test_infinite_figures_are_signs_and_small_ones_have_no_minus() -> None:
    figures = {"perturbation_gain": -math.inf, "energy_drop": math.inf, "rpr": -0.001, "rpr_ill_posed": False}
    _, strength, *_ = tables(verification(words("echo", 0.0, 1.0), views={"channel 1": view(**figures)}))
    assert cells(strength)[1:] == [["-∞ dB"], ["∞ dB"], ["0.00"]]
    assert cells(tables(verification(words("echo", 0.0, 1.0), snr=-0.04))[0])[0] == ["0.0"]


def test_who_is_missing_has_a_row_or_column() -> None:
    missing = {
        "far": Missing(kind="enhancer", reason="sottovoce models fetch far brings it"),
        "deaf": Missing(kind="recogniser", reason="pip install deaf"),
    }
    table = tables(verification(words(AS_IT_IS, 0.0, 1.0), missing=missing))[2]
    assert [column.header for column in table.columns] == ["heard through", "reader", "deaf"]
    assert cells(table) == [[AS_IT_IS, "far"], ["100 (0; –; –)", "not here"], ["not here", "not here"]]


def test_identical_files_are_said_to_be_identical() -> None:
    nothing = {"perturbation_gain": math.nan, "rpr": math.nan, "energy_drop": -0.0}
    result = verification(words("echo", 0.0, 0.0), snr=math.inf, views={"channel 1": view(**nothing)})
    quality, strength, *_ = tables(result)
    assert cells(quality)[0] == ["identical"]
    assert cells(strength)[1:] == [["–"], ["+0.0 dB"], ["–"]]


def test_of_several_views_the_weakest_is_shown() -> None:
    shown = words("echo", 0.0, 1.0), words("echo", 0.1, 0.143, view="mean")
    quality, strength, matrix, _ = tables(verification(*shown, views={"channel 1": view(), "mean": view()}))
    assert "lowest" in quality.title and cells(strength)[1] == ["channel 1", "mean"]
    assert cells(matrix)[1] == ["14 (10; –; –)"]


def test_who_was_attacked_is_marked_and_the_texts_are_of_somebody_else() -> None:
    shown = [words(AS_IT_IS, 0.0, 1.0), words("echo", 0.0, 1.0)]
    shown += [words(AS_IT_IS, 0.1, 0.9, listener="witness"), words("echo", 0.1, 0.9, listener="witness")]
    _, strength, matrix, texts = tables(verification(*shown, attacked=["reader", "echo"]))
    assert [column.header for column in matrix.columns] == ["heard through", "reader (attacked)", "witness"]
    assert cells(matrix)[0] == [AS_IT_IS, "echo (attacked)"] and cells(strength)[0] == ["echo (attacked)"]
    assert texts.title == "What witness hears" and cells(texts)[1] == ["10.0 %", "90.0 %"] * 2
    assert cells(texts)[0] == ["original", "protected", "original, echo (attacked)", "protected, echo (attacked)"]
    assert tables(verification(shown[0], attacked=["reader"]))[-1].title == "What reader (attacked) hears"
