"""A verification in tables and in plain words."""

import math

import pytest

from sottovoce.cli.verdict import sentences, tables
from sottovoce.evaluation.verify import Enhanced, Heard, Verification, View


def heard(wer: float) -> Heard:
    return Heard(text="words", cer=wer, wer=wer)


def view(
    *, before: float, after: float, original: float = 0.0, alone: float = 0.0, worthless: str | None = None, **figures
) -> View:
    """What a reader made of two signals, alone and behind "echo"."""
    gains = {"perturbation_gain": 3.0, "energy_drop": 9.0, "rpr": 1.0, "rpr_ill_posed": True, **figures}
    enhanced = Enhanced(**gains, original=heard(before), protected=heard(after))
    return View(
        reference="words", worthless=worthless, original=heard(original), protected=heard(alone),
        enhanced={"echo": enhanced},
    )  # fmt: skip


def verification(
    *, given: bool = False, snr: float = 20.0, views: dict[str, View] | None = None, **one
) -> Verification:
    return Verification(
        original_file="a", protected_file="b", seconds=1.0, recognizer="reader", reference_given=given, snr=snr,
        quality={"pesq_wb": 3.5, "another": 1.25}, views=views or {"channel 1": view(**one)},
        notes=["no stoi: too short"],
    )  # fmt: skip


def cells(table) -> list[list[str]]:
    return [list(column.cells) for column in table.columns]


def test_the_verdict_follows_the_word_error_rate() -> None:
    for rate, opinion in ((1.0, "Protected"), (0.7, "Partly protected"), (0.2, "Not protected")):
        told = sentences(verification(before=0.1, after=rate))
        assert told[0].startswith(f"{opinion} against echo: a word error rate of {100 * rate:.1f} %")


def test_words_that_the_original_loses_as_well_are_not_credited() -> None:
    assert "loses about as much of the original" in sentences(verification(before=0.8, after=0.95))[0]


def test_without_words_there_is_no_verdict() -> None:
    told = sentences(verification(before=math.nan, after=math.nan, original=math.nan, alone=math.nan))
    assert told[0].startswith("No verdict on echo")
    assert "Protected" not in " ".join(told) and "rate of –" not in " ".join(told)


def test_a_worthless_reference_is_explained_with_what_to_pass() -> None:
    why = "reader understands English only and heard 3 words in 6 s of speech"
    nothing = dict.fromkeys(("before", "after", "original", "alone"), math.nan)
    told = sentences(verification(**nothing, worthless=why))
    assert told[0] == (
        f"No verdict on echo: {why}; give the true words with --text, or another recogniser with --listener."
    )
    assert "disturbed" not in " ".join(told)


def test_a_recogniser_that_gets_the_true_text_wrong_in_the_original_gives_no_verdict() -> None:
    told = sentences(verification(before=1.2, after=1.1, original=0.9, alone=1.0, given=True))
    assert told[0].startswith("No verdict on echo: reader does not understand the original (")
    assert "at least 90.0 % word errors against the true text" in told[0]
    assert "Not protected" in sentences(verification(before=0.3, after=0.4, original=0.9, alone=1.0, given=True))[0]


def test_identical_files_are_said_to_be_identical() -> None:
    nothing = {"perturbation_gain": math.nan, "rpr": math.nan, "energy_drop": -0.0}
    result = verification(snr=math.inf, before=0.0, after=0.0, **nothing)
    told = sentences(result)
    assert told[0] == "Not protected: the two files hold the same samples." and "against" not in " ".join(told)
    quality, strength, _ = tables(result)
    assert cells(quality)[0] == ["identical"]
    assert cells(strength)[1:] == [["–"], ["+0.0 dB"], ["–"]]


def test_infinite_figures_are_signs_and_small_ones_have_no_minus() -> None:
    figures = {"perturbation_gain": -math.inf, "energy_drop": math.inf, "rpr": -0.001, "rpr_ill_posed": False}
    _, strength, _ = tables(verification(before=0.0, after=1.0, **figures))
    assert cells(strength)[1:] == [["-∞ dB"], ["∞ dB"], ["0.00"]]
    assert cells(tables(verification(snr=-0.04, before=0.0, after=1.0))[0])[0] == ["0.0"]


def test_what_is_heard_without_an_enhancer_is_said_and_every_note() -> None:
    told = " ".join(sentences(verification(before=0.0, after=1.0)))
    assert "Without an enhancer the words stay" in told and "what reader hears in the original" in told
    assert "Note: no stoi: too short." in told
    assert "reader is disturbed as well" in " ".join(sentences(verification(before=0.0, after=1.0, alone=0.5)))
    assert "the true text" in " ".join(sentences(verification(before=0.0, after=1.0, given=True)))


def test_every_measure_of_quality_has_a_column() -> None:
    quality, strength, texts = tables(verification(before=0.0, after=1.0))
    assert [column.header for column in quality.columns] == ["SNR [dB]", "PESQ-wb", "another"]
    assert cells(quality) == [["20.0"], ["3.50"], ["1.25"]]
    assert list(strength.columns[3].cells) == ["1.00 (ill-posed)"]
    assert list(texts.columns[0].cells) == ["original", "protected", "original behind echo", "protected behind echo"]


@pytest.fixture
def several() -> Verification:
    return verification(
        views={
            "channel 1": view(before=0.0, after=1.0, alone=0.9),
            "channel 2": view(before=0.1, after=0.143, alone=0.8),
            "mean": view(before=0.0, after=1.1, alone=0.7),
            "difference 1-2": view(
                **dict.fromkeys(("before", "after", "original", "alone"), math.nan), worthless="reader heard no words"
            ),
        }
    )


def test_the_verdict_is_about_the_weakest_view_and_names_it(several) -> None:
    told = sentences(several)
    assert told[0].startswith("Not protected against echo: a word error rate of 14.3 %")
    assert told[0].endswith("; most is left over in channel 2.")
    without = next(line for line in told if line.startswith("Without an enhancer"))
    assert "70.0 %" in without and "left over in the mean" in without
    assert "No verdict on the difference 1-2: reader heard no words." in told


def test_tables_of_several_views_have_a_row_for_each(several) -> None:
    quality, strength, texts = tables(several)
    assert "lowest" in quality.title
    assert cells(strength)[1] == list(several.views)
    assert cells(texts)[:2] == [["none"] * 4 + ["echo"] * 4, list(several.views) * 2]
    assert cells(texts)[3][:5] == ["90.0 %", "80.0 %", "70.0 %", "–", "100.0 %"]
