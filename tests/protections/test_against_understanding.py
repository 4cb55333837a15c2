"""Words that recognisers no longer write, alone and behind enhancers, in files as written."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections import usual
from sottovoce.protections.against_understanding import Misheard, Transcripts
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.words import Words
from sottovoce.threats.objectives import OtherFeatures, OtherWords, TheseWords, Weighted


@pytest.fixture
def recognizer(babbling: DeepSpeech) -> DeepSpeech:
    return babbling


@pytest.fixture
def noise(tmp_path):
    samples = 0.1 * np.random.default_rng(0).normal(size=(22_050, 1))
    soundfile.write(tmp_path / "in.wav", np.repeat(samples, 2, 1), 22_050)
    return tmp_path / "in.wav"


class Spelling(torch.nn.Module):
    """Frames of 4000 samples; "A" where the mean is positive, "B" where it is negative."""

    def forward(self, waveforms):
        level = waveforms.unfold(-1, 4000, 4000).mean(-1)
        return torch.stack([0.0 * level - 1.0, 99.0 * level, -99.0 * level], -1)


class Halving(torch.nn.Module):
    def forward(self, waveforms):
        return 0.5 * waveforms


class Levels(torch.nn.Module):
    """A surrogate: the energy and the slope of frames of 400 samples."""

    def own_frames(self, lengths):
        return lengths // 400

    def forward(self, waveforms, lengths=None):
        frames = waveforms.unfold(-1, 400, 400)
        return torch.stack([frames.square().mean(-1), (frames[..., 1:] * frames[..., :-1]).mean(-1)], -1)


def test_other_words_are_written_within_the_snr(noise, tmp_path, recognizer) -> None:
    target = tmp_path / "out.wav"
    protection = Words({"tiny": recognizer}, snr=15.0, steps=5)
    report = protect_file(noise, target, protection)
    tiny = report.effect.attacked["tiny"]
    assert tiny.before[0] and tiny.after != tiny.before and report.snr >= 15.0 - 0.01
    assert report.effect.views == ["channel 1", "channel 2", "mean"] and "attacked: tiny" in report.line()
    assert soundfile.info(target).samplerate == 22_050 and soundfile.info(target).channels == 2
    assert done_before(noise, target, protection)
    others = ({"snr": 20.0}, {"steps": 6}, {"seed": 1}, {"keep": {"friend": recognizer}})
    for other in others:
        assert not done_before(noise, target, Words({"tiny": recognizer}, **{"snr": 15.0, "steps": 5, **other})), other


def test_every_recogniser_is_pursued_alone_and_behind_something(recognizer) -> None:
    enhancer, surrogate = AsEnhancer(Halving()), Levels()
    listeners = {"tiny": recognizer, "half": enhancer, "behind": Chain(enhancer, recognizer), "like": surrogate}
    aim = Words(listeners, keep={"friend": recognizer}).aim
    waveforms = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    attacked, objectives = aim.goals(waveforms, torch.tensor([16_000]))
    kinds = [OtherWords, OtherWords, OtherWords, OtherWords, OtherFeatures, OtherFeatures, Weighted]
    assert [type(objective) for objective in objectives] == kinds
    assert isinstance(objectives[-1].objective, TheseWords)
    alone, behind = attacked[0].stages[1], attacked[2].stages[1]
    assert alone is recognizer and behind is listeners["behind"] and attacked[6] is recognizer
    before, end = attacked[1].stages
    assert end is recognizer and list(before.choices) == [enhancer]


def test_without_enhancers_each_step_hears_another_delay_and_equaliser(recognizer) -> None:
    waveforms = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    (attacked,), _ = Words({"tiny": recognizer}).aim.goals(waveforms, torch.tensor([16_000]))
    heard = [attacked.front(waveforms) for _ in range(3)]
    assert attacked.end is recognizer
    assert not torch.allclose(heard[0], heard[1]) and not torch.allclose(heard[1], heard[2])
    (again,), _ = Words({"tiny": recognizer}).aim.goals(waveforms, torch.tensor([16_000]))
    assert torch.equal(again.front(waveforms), heard[0])


def test_a_surrogate_alone_is_attacked_where_words_are_heard(noise, tmp_path, monkeypatch) -> None:
    aim = Words({"like": Levels()}, steps=2).aim
    assert list(aim.witnesses) == ["pocketsphinx"]
    heard = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    with pytest.raises(SottovoceError, match="hears words"):
        aim.perturb(heard, lambda _: None)  # pocketsphinx hears none in noise
    monkeypatch.setattr(type(aim.witnesses["pocketsphinx"]), "transcribe", lambda *_: ["SO"])
    assert aim.perturb(heard, lambda _: None).any()


def test_a_recogniser_that_writes_what_it_wrote_before_is_not_fooled(noise, tmp_path) -> None:
    toy = {"toy": AsRecognizer(Spelling(), ("", "A", "B"))}
    with pytest.raises(SottovoceError, match="not protected: toy writes the same as before"):
        protect_file(noise, tmp_path / "out.wav", Words(toy, snr=60.0, steps=1))
    assert not (tmp_path / "out.wav").exists()


def test_windows_without_words_stay_as_they_are(recognizer, monkeypatch) -> None:
    heard = 0.1 * torch.randn(1, 30 * 16_000, generator=torch.Generator().manual_seed(0))
    heard[:, 15 * 16_384 :] *= 0.001
    transcribe = DeepSpeech.transcribe
    monkeypatch.setattr(
        DeepSpeech, "transcribe", lambda self, rows: transcribe(self, rows) if rows.abs().mean() > 0.03 else [""]
    )
    monkeypatch.setattr(usual, "_here", lambda names: [])  # no witness, who would hear something else
    protection = Words([recognizer], steps=2)
    change = protection.perturb(heard, lambda _: None)
    assert change[:, : 15 * 16_384].any() and not change[:, 17 * 16_384 :].any()
    notes = protection.measure(heard, heard + change).notes
    assert notes == ["nobody heard words from 15 to 30 s, which is as it was"]


def test_where_nobody_hears_words_nothing_is_written(noise, tmp_path, recognizer, monkeypatch) -> None:
    monkeypatch.setattr(DeepSpeech, "transcribe", lambda self, waveforms, lengths=None: [""])
    with pytest.raises(SottovoceError, match="no recogniser hears words"):
        protect_file(noise, tmp_path / "out.wav", Words([recognizer]))
    assert not (tmp_path / "out.wav").exists()


def test_the_same_seed_gives_the_same_change_and_another_one_another(recognizer) -> None:
    heard = 0.1 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    quiet = {f"quiet {k}": AsEnhancer(Halving()) if k else AsEnhancer(torch.nn.Identity()) for k in range(2)}
    listeners = {"tiny": recognizer, **quiet}
    changes = [Words(listeners, steps=4, seed=seed).perturb(heard, lambda _: None) for seed in (0, 0, 1)]
    assert torch.equal(changes[0], changes[1]) and not torch.equal(changes[0], changes[2])


def test_a_friend_limits_what_is_done_to_what_it_hears_alike(recognizer) -> None:
    """The same network as enemy and friend: the louder of the two wishes wins, so the text stays likelier."""
    heard = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    text = recognizer.transcribe(heard)
    likelihoods = []
    for keep in ({}, {"friend": recognizer}):
        change = Words({"enemy": recognizer}, keep=keep, steps=10, snr=20.0).perturb(heard, lambda _: None)
        likelihoods.append(recognizer.likelihood(heard + change, text).item())
    assert likelihoods[1] > likelihoods[0]


def _effect(before: str, after: str, problem: str | None = None, *, unseen: bool = False) -> Misheard:
    found = {"ears": Transcripts(before=[before], after=[after], problem=[problem])}
    return Misheard(attacked={} if unseen else found, kept={}, unseen=found if unseen else {}, views=["channel 1"])


@pytest.mark.parametrize(
    ("effect", "line"),
    [
        (_effect("A B C D", "A X Y D"), "attacked: ears 50 % of the words wrong"),
        (_effect("A B", "C D", "heard no words"), "attacked: ears tells nothing (heard no words)"),
        (_effect("A B C D", "A", unseen=True), "ears, never attacked, no longer understands most of it: 75 % of"),
        (_effect("A B C D", "A B C", unseen=True), "ears, never attacked, still understands it: 25 % of the words"),
    ],
)
def test_what_is_told(effect: Misheard, line: str) -> None:
    assert effect.lines()[0].startswith(line)


def test_who_cannot_be_attacked_or_kept_is_named(recognizer) -> None:
    with pytest.raises(SottovoceError, match="--against ecapa-tdnn: neither an enhancer nor a recogniser"):
        Words(["deep-speech", "ecapa-tdnn"])
    with pytest.raises(SottovoceError, match="--keep pocketsphinx: no recogniser whose gradients"):
        Words([recognizer], keep="pocketsphinx")
