"""A verification in plain words."""

import math

import pytest

from sottovoce.evaluation.matrix import AS_IT_IS, Cell
from sottovoce.evaluation.verdict import sentences
from sottovoce.evaluation.verification import Missing
from tests.verifications import verification, view, voice, words


def said(*cells: Cell, **more) -> str:
    return " ".join(sentences(verification(*cells, **more)))


@pytest.mark.parametrize(("rate", "opinion"), [(1.0, "protected"), (0.7, "partly protected"), (0.2, "not protected")])
def test_the_verdict_is_that_of_the_weakest_place(rate: float, opinion: str) -> None:
    told = said(words(AS_IT_IS, 0.1, 1.0), words("echo", 0.1, rate))
    assert f"Words: {opinion}. The weakest place is reader" in told
    if rate < 1:
        assert f"reader behind echo: {100 * rate:.1f} % word errors (original: 10.0 %)" in told


def test_how_many_places_hold_is_counted() -> None:
    told = said(words(AS_IT_IS, 0.1, 1.0), words("echo", 0.1, 0.95), words("mp3", 0.1, 0.2))
    assert "Of 3 pairs of listener and channel that get most words of the original, 2 now get hardly any" in told
    assert "and 1 still get most" in told
    # who does not understand the original loses nothing
    told = said(words(AS_IT_IS, 0.1, 1.0), words("echo", 0.1, 0.95), words("mp3", 0.7, 1.0))
    assert "Of 2 pairs" in told


def test_plain_noise_stands_beside_the_weakest_place() -> None:
    told = said(words(AS_IT_IS, 0.1, 0.5, noise_as_loud=0.2, noise_alike=0.3))
    assert "Plain noise as loud gives 20.0 % there. Plain noise of the same quality gives 30.0 % there." in told
    assert "no better than noise" not in told
    assert "no better than noise" in said(words(AS_IT_IS, 0.1, 0.5, noise_as_loud=0.2, noise_alike=0.48))
    assert "Plain noise" not in said(words(AS_IT_IS, 0.1, 0.5))
    # a voice is hidden where the cosine is low
    assert "no better" not in said(voice(AS_IT_IS, 0.3, noise_as_loud=0.9))
    assert "no better" in said(voice(AS_IT_IS, 0.3, noise_as_loud=0.31))


def test_voices_are_recognised_above_the_threshold() -> None:
    told = said(voice(AS_IT_IS, 0.5), voice("echo", 0.7))
    assert "Voice: recognised. The weakest place is halves behind echo: cosine 0.70, threshold 0.60." in told
    assert "Of 2 pairs of speaker encoder and channel that recognise the original, 1 still do." in told
    assert "Voice: not recognised." in said(voice(AS_IT_IS, 0.5)) and "Words" not in said(voice(AS_IT_IS, 0.5))


def test_words_that_nobody_understands_in_the_original_give_no_verdict() -> None:
    told = said(words(AS_IT_IS, 0.9, 1.2), words("echo", 1.0, 1.1), reference_by=None)
    assert "No verdict on the words: nobody here understands the original (at least 90.0 % word errors" in told
    assert "--listeners" in told and "The weakest" not in told


def test_a_worthless_reference_is_explained_with_what_to_pass() -> None:
    why = "reader understands English only and heard 3 words in 6 s of speech"
    nothing = words(AS_IT_IS, math.nan, math.nan, problem=why)
    told = said(nothing, views={"channel 1": view(worthless=why)})
    assert f"No verdict on the words: {why}; give the true words with --text" in told and "nan" not in told


def test_who_is_missing_and_who_failed_is_said() -> None:
    broken = words("echo", math.nan, math.nan, problem="its weights are gone", failed=True)
    missing = {
        "far": Missing(kind="enhancer", reason="sottovoce models fetch far brings it"),
        "deaf": Missing(kind="recogniser", reason="pip install deaf"),
    }
    told = said(words(AS_IT_IS, 0.0, 1.0), broken, missing=missing)
    assert "reader behind echo failed: its weights are gone." in told
    assert "Not measured: far (enhancer): sottovoce models fetch far brings it." in told


def test_identical_files_are_said_to_be_identical() -> None:
    nothing = {"perturbation_gain": math.nan, "rpr": math.nan, "energy_drop": -0.0}
    result = verification(words("echo", 0.0, 0.0), snr=math.inf, views={"channel 1": view(**nothing)})
    told = sentences(result)
    assert told[0] == "Not protected: the two files hold the same samples." and "weakest" not in " ".join(told)


def test_notes_the_reference_and_an_alignment_are_said() -> None:
    told = said(words(AS_IT_IS, 0.0, 1.0), aligned="moved 3 samples earlier")
    assert "Note: no stoi: too short." in told and "what reader hears in the original" in told
    assert "The copy was moved 3 samples earlier." in told
    assert "the true text" in said(words(AS_IT_IS, 0.0, 1.0), reference_by=None)


def test_survival_is_offered_where_it_was_not_measured() -> None:
    assert "--survival" in said(words(AS_IT_IS, 0.0, 1.0), words("echo", 0.0, 1.0))
    assert "--survival" not in said(words(AS_IT_IS, 0.0, 1.0), words("echo", 0.0, 1.0), words("mp3", 0.0, 1.0))


def test_of_several_views_the_weakest_is_shown_and_named() -> None:
    both = {"channel 1": view(), "mean": view()}
    result = verification(
        words("echo", 0.0, 1.0), words("echo", 0.1, 0.143, view="mean"), views=both
    )  # fmt: skip
    assert "reader behind echo, the mean: 14.3 % word errors" in " ".join(sentences(result))


def test_the_verdict_rests_on_listeners_that_were_never_attacked() -> None:
    shown = (
        words(AS_IT_IS, 0.0, 0.3),
        words(AS_IT_IS, 0.1, 0.95, listener="witness", noise_alike=0.2),
        words("echo", 0.1, 0.5, listener="witness"),
        words("mp3", 0.2, 0.92, listener="witness"),
    )
    told = said(*shown, attacked=["reader", "echo"])
    assert (
        "Words: protected. The weakest place among listeners that were never attacked is witness behind mp3: " in told
    )
    assert "Those attacked: not protected. The weakest place among them is reader: 30.0 % word errors" in told
    assert (
        "Of 2 pairs of listener and channel that were never attacked and get most words of the original, 2 now" in told
    )
    told = said(*shown)
    assert "Words: not protected. The weakest place is reader" in told and "attacked" not in told


def test_a_chain_was_attacked_where_a_link_was() -> None:
    shown = words(AS_IT_IS, 0.0, 0.3, listener="far+witness"), words(AS_IT_IS, 0.1, 0.95, listener="witness")
    assert "Words: protected. The weakest place among" in said(*shown, attacked=["far"])
    assert "Those attacked: not protected. The weakest place among them is far+witness" in said(
        *shown, attacked=["far"]
    )


def test_where_nobody_was_left_out_nothing_follows_for_others() -> None:
    told = said(words(AS_IT_IS, 0.0, 0.95), words("echo", 0.0, 1.0), attacked=["reader"])
    assert "Words against those attacked: protected. The weakest place is reader: 95.0 % word errors" in told
    assert "Nobody measured here was left out of the attack, so nothing follows for other listeners." in told
    told = said(voice(AS_IT_IS, 0.5), attacked=["halves"])
    assert "Voice against those attacked: not recognised." in told and "nothing follows" in told


def test_a_listener_who_was_never_attacked_but_understands_nothing_gives_no_verdict() -> None:
    told = said(words(AS_IT_IS, 0.0, 0.95), words(AS_IT_IS, 0.8, 1.0, listener="deaf"), attacked=["reader"])
    assert "Words: no verdict, since hardly anybody of these understands the original." in told
    assert "Those attacked: protected." in told


def test_voices_are_judged_by_encoders_that_were_never_attacked() -> None:
    other = voice(AS_IT_IS, 0.7).model_copy(update={"listener": "other"})
    told = said(voice(AS_IT_IS, 0.1), other, voice("echo", 0.9), attacked=["halves"])
    assert "Voice: recognised. The weakest place among listeners that were never attacked is other: cosine 0.70" in told
    assert "Those attacked: recognised. The weakest place among them is halves behind echo: cosine 0.90" in told


def test_who_was_attacked_but_is_not_asked_is_named() -> None:
    told = said(words(AS_IT_IS, 0.0, 1.0), attacked=["raeder", "reader"])
    assert "Attacked, but not asked here: raeder." in told
