"""A verification in tables and in plain words."""

import math

from sottovoce.cli.verdict import sentences, tables
from sottovoce.evaluation.verify import Behind, Heard, Verification


def verification(*, before: float, after: float, alone: float = 0.0, given: bool = False) -> Verification:
    """What a reader made of two files, alone and behind "echo"."""

    def heard(wer: float) -> Heard:
        return Heard(text="words", cer=wer, wer=wer)

    behind = Behind(
        perturbation_gain=3.0, energy_drop=9.0, rpr=1.0, rpr_ill_posed=True, original=heard(before),
        protected=heard(after),
    )  # fmt: skip
    return Verification(
        original_file="a", protected_file="b", seconds=1.0, recognizer="reader", reference="words",
        reference_given=given, snr=20.0, quality={"pesq_wb": 3.5, "another": 1.25}, original=heard(0.0),
        protected=heard(alone), behind={"echo": behind}, notes=["no stoi: too short"],
    )  # fmt: skip


def test_the_verdict_follows_the_word_error_rate() -> None:
    for rate, opinion in ((1.0, "Protected"), (0.7, "Partly protected"), (0.2, "Not protected")):
        told = sentences(verification(before=0.1, after=rate))
        assert told[0].startswith(f"{opinion} against echo: a word error rate of {100 * rate:.1f} %")


def test_words_that_the_original_loses_as_well_are_not_credited() -> None:
    assert "loses about as much of the original" in sentences(verification(before=0.8, after=0.95))[0]


def test_without_words_there_is_no_verdict() -> None:
    assert sentences(verification(before=math.nan, after=math.nan))[0].startswith("No verdict on echo")


def test_what_is_heard_without_an_enhancer_is_said_and_every_note() -> None:
    told = " ".join(sentences(verification(before=0.0, after=1.0)))
    assert "Without an enhancer the words stay" in told and "what reader hears in the original" in told
    assert "Note: no stoi: too short." in told
    assert "reader is disturbed as well" in " ".join(sentences(verification(before=0.0, after=1.0, alone=0.5)))
    assert "the true text" in " ".join(sentences(verification(before=0.0, after=1.0, given=True)))


def test_every_measure_of_quality_has_a_column() -> None:
    quality, strength, heard = tables(verification(before=0.0, after=1.0))
    assert [column.header for column in quality.columns] == ["SNR [dB]", "PESQ-wb", "another"]
    assert [list(column.cells) for column in quality.columns] == [["20.0"], ["3.50"], ["1.25"]]
    assert list(strength.columns[3].cells) == ["1.00 (ill-posed)"]
    assert list(heard.columns[0].cells) == ["original", "protected", "original behind echo", "protected behind echo"]
