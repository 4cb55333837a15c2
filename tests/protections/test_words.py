"""Which settings go together, and what is wanted of which listener."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.chain import Chain
from sottovoce.models.enhancers import load_enhancer
from sottovoce.models.loading import load_listener
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections import words
from sottovoce.protections.against_enhancers import AgainstEnhancers
from sottovoce.protections.against_understanding import AgainstUnderstanding
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.dictation import Dictation
from sottovoce.protections.words import Words


@pytest.fixture(scope="module")
def recognizer() -> DeepSpeech:
    torch.manual_seed(0)
    return DeepSpeech(hidden=16, layers=1).eval()


def test_what_is_wanted_follows_from_the_end_of_the_chain(tiny, recognizer) -> None:
    enhancer = load_enhancer(tiny)
    assert isinstance(Words(tiny).aim, AgainstEnhancers)
    assert isinstance(Words([enhancer, AsEnhancer(torch.nn.Identity())]).aim, AgainstEnhancers)
    assert isinstance(Words([Chain(enhancer, enhancer)]).aim, AgainstEnhancers)
    assert isinstance(Words({"ours": recognizer}).aim, AgainstUnderstanding)
    assert isinstance(Words({"ours": recognizer, "before": enhancer}).aim, AgainstUnderstanding)
    behind = Words([Chain(enhancer, recognizer)], wanted="NO")
    assert isinstance(behind.aim, Dictation) and behind.aim.recognizer is recognizer


def test_the_usual_listeners_are_attacked_and_the_best_other_recogniser_is_asked(monkeypatch, recognizer) -> None:
    monkeypatch.setattr(words, "usual_listeners", lambda friends: ["deep-speech", "metricgan-plus"])
    aim = Words().aim
    assert list(aim.ears) == ["deep-speech"] and list(aim.fronts) == ["metricgan-plus"]
    assert list(aim.witnesses) == ["pocketsphinx"]


def test_strength_and_effort_are_snrs_and_steps(recognizer) -> None:
    assert Words([recognizer]).snr == Words([recognizer], strength="medium").snr
    assert (
        Words([recognizer], strength="light").snr > Words([recognizer]).snr > Words([recognizer], strength="strong").snr
    )
    alone, together = Words(["whisper-student"]), Words({"like": load_listener("whisper-student"), "tiny": recognizer})
    assert alone.snr == together.snr > Words([recognizer]).snr
    steps = [Words([recognizer], effort=effort).aim.steps for effort in ("low", "normal", "high")]
    assert steps == sorted(steps) and steps[1] == Words([recognizer]).aim.steps


def test_the_steps_are_those_of_what_is_wanted(tiny, recognizer) -> None:
    assert [Words(tiny).aim.steps, Words(tiny, wanted="noise").aim.steps] == [60, 150]
    assert Words(tiny, steps=7).aim.steps == 7
    assert [Words([recognizer], steps=9).aim.steps, Words([recognizer], wanted="no").aim.steps] == [9, 1000]
    assert Words([recognizer], wanted="no", in_rooms=True).aim.steps == 300


def test_a_text_takes_what_it_needs_unless_it_is_for_rooms(recognizer) -> None:
    assert Words([recognizer], snr=15.0).snr == 15.0
    assert Words([recognizer], wanted="no").snr == 0.0
    with pytest.raises(SottovoceError, match="--snr has no effect on a text"):
        Words([recognizer], snr=15.0, wanted="no")
    assert Words([recognizer], snr=15.0, wanted="no", in_rooms=True).snr == 15.0


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"snr": float("nan")}, "--snr nan"),
        ({"snr": -1.0}, "--snr"),
        ({"snr": 100.5}, "--snr"),
        ({"seed": -1}, "--seed"),
        ({"steps": 0}, "--steps"),
        ({"attack": "magic"}, "--attack magic"),
        ({"attack": "fgsm", "steps": 3}, "--steps"),
        ({"wanted": "/no/such/file.wav"}, "no such sound file"),
        ({"wanted": ""}, "--as"),
        ({"in_rooms": True}, "--in-rooms"),
        ({"device": "tpu"}, "device"),
        ({"strength": "medium"}, "--strength is for protection from recognisers"),
        ({"effort": "high"}, "--effort is for protection from recognisers"),
        ({"keep": "deep-speech"}, "--keep is for protection from recognisers"),
    ],
)
def test_settings_that_are_wrong_or_have_no_effect_on_enhancers(tiny, changes, part) -> None:
    with pytest.raises(SottovoceError, match=part):
        Words(tiny, **changes)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"attack": "pgd"}, "--attack"),
        ({"strength": "loud"}, "--strength loud: input should be"),
        ({"strength": "light", "snr": 20.0}, "--strength and --snr choose the same"),
        ({"effort": "low", "steps": 20}, "--effort and --steps choose the same"),
        ({"wanted": "no", "keep": "deep-speech"}, "--keep is for"),
        ({"in_rooms": True}, "add --as TEXT"),
        ({"wanted": "door 4"}, "4"),
        ({"wanted": "..."}, "holds no words"),
    ],
)
def test_settings_that_are_wrong_or_have_no_effect_on_a_recogniser(recognizer, changes, part) -> None:
    with pytest.raises(SottovoceError, match=part):
        Words([recognizer], **changes)


def test_listeners_that_cannot_be_attacked_together_or_at_all(tiny, recognizer) -> None:
    with pytest.raises(SottovoceError, match="a text is put into one recogniser"):
        Words({"a": recognizer, "b": load_enhancer(tiny)}, wanted="NO")
    with pytest.raises(SottovoceError, match="neither an enhancer nor a recogniser"):
        Words("ecapa-tdnn")
    with pytest.raises(SottovoceError, match="named twice"):
        Words([tiny, tiny])
    with pytest.raises(SottovoceError, match="--keep a: is named in --against as well"):
        Words({"a": recognizer}, keep={"a": recognizer})
    with pytest.raises(SottovoceError, match="names no listener"):
        Words([])
    with pytest.raises(SottovoceError, match="no model 'nobody'"):
        Words(f"{tiny}+nobody")


def test_what_was_made_with_other_settings_or_weights_is_not_done(tmp_path, sound, tiny, quick_attack) -> None:
    source, target, protection = sound(), tmp_path / "b.wav", Words(tiny)
    protect_file(source, target, protection)
    assert done_before(source, target, Words(tiny))
    for other in ({"snr": 25.0}, {"attack": "pgd"}, {"steps": 61}, {"seed": 1}, {"wanted": "noise"}):
        assert not done_before(source, target, Words(tiny, **other)), other
    with torch.no_grad():
        next(protection.listeners[tiny].parameters()).add_(1e-3)
    assert not done_before(source, target, protection)


def test_a_file_that_a_setting_names_is_known_by_its_content(tmp_path, sound, tiny, quick_attack) -> None:
    source, target, speech = sound(), tmp_path / "b.wav", sound("speech.wav", seconds=0.5)
    protect_file(source, target, Words(tiny, wanted=str(speech)))
    assert done_before(source, target, Words(tiny, wanted=str(speech)))
    sound("speech.wav", seconds=0.6)
    assert not done_before(source, target, Words(tiny, wanted=str(speech)))
