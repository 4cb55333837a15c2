"""Clips with labels, and the recipes of classifiers and of the generator that fools them."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import WideResNet, load_classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.training import advgan, classifier, run
from sottovoce.training.clips import VALIDATED, Clips, Variation, middle, shifted, spread
from sottovoce.weights import Card, save

SAMPLES = 16_000
SHAPE = {"depth": 10, "width": 1}


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """Three labels, each a pitch: a manifest."""
    folder, random, rows = tmp_path_factory.mktemp("tones"), np.random.default_rng(0), []
    for label, pitch in {"low": 200, "middle": 800, "high": 3000}.items():
        for number in range(10):
            times = np.arange(int(random.integers(8_000, 24_000))) / SAMPLES
            tone = 0.1 * np.sin(2 * np.pi * pitch * random.uniform(0.9, 1.1) * times)
            path = folder / f"{label}-{number}.wav"
            soundfile.write(path, tone + 1e-3 * random.standard_normal(len(times)), SAMPLES)
            rows.append(Utterance(path, ["train", "valid", "test"][max(0, number - 7)], label=label))
    write_manifest(folder / "tones.csv", rows)
    return folder / "tones.csv"


@pytest.fixture(scope="session")
def clips(tones, corpora) -> Clips:
    return Clips([tones], [corpora[1]], SAMPLES, Variation())


@pytest.fixture(scope="session")
def victim(clips, fabric, tmp_path_factory) -> str:
    config = classifier.WideResNetConfig(epochs=3, steps=10, batch=12, **SHAPE)
    return str(run(classifier.ClassifierRecipe(clips, config, fabric), tmp_path_factory.mktemp("victim"), fabric))


def test_clips_are_of_training_material_with_its_labels(clips) -> None:
    assert clips.labels == ("high", "low", "middle")
    assert len(clips.train) == 24 and len(clips.valid) == 3
    found, classes = clips.clean(12, torch.Generator().manual_seed(0))
    pitches = torch.fft.rfft(found).abs().argmax(-1)
    wanted = torch.tensor([3000, 200, 800])[classes]
    assert ((pitches - wanted).abs() < 0.2 * wanted).all()
    varied, _ = clips.batch(12, torch.Generator().manual_seed(0))
    assert varied.shape == (12, SAMPLES) and varied.abs().max() <= 1


def test_a_shift_brings_in_silence() -> None:
    clip = torch.arange(1.0, 6.0)
    assert shifted(clip, 2).tolist() == [0, 0, 1, 2, 3]
    assert shifted(clip, -2).tolist() == [3, 4, 5, 0, 0]
    assert shifted(clip, 0).tolist() == clip.tolist()


@given(length=st.integers(1, 200), samples=st.integers(1, 40))
def test_validation_spreads_over_a_recording(length: int, samples: int) -> None:
    recording = torch.arange(1.0, length + 1)
    clips = spread(recording, samples)
    assert clips.shape == (max(1, min(VALIDATED, length // samples)), samples)
    if len(clips) > 1:
        starts = clips[:, 0].long() - 1
        assert starts[0] == 0 and clips[-1, -1] == length
        assert starts.diff().max() - starts.diff().min() <= 1
        assert all(
            torch.equal(clip, recording[start : start + samples]) for clip, start in zip(clips, starts, strict=True)
        )


def test_the_middle_of_a_long_recording_and_all_of_a_short_one() -> None:
    assert middle(torch.arange(10.0), 4).tolist() == [3, 4, 5, 6]
    assert middle(torch.ones(2), 4).tolist() == [1, 1, 0, 0]


def test_material_without_labels_is_refused(corpora) -> None:
    with pytest.raises(SottovoceError, match="two labels"):
        Clips([corpora[0]], [], SAMPLES, Variation())


def test_a_classifier_learns_and_its_weights_load(victim, clips) -> None:
    network = load_classifier(victim)
    assert network.labels == clips.labels
    assert network(clips.valid).argmax(-1).tolist() == clips.valid_classes.tolist()


def small_advgan(clips, fabric, victim, **settings) -> advgan.AdvGANRecipe:
    small = {"width": 1 / 8, "judge_width": 1 / 32, "epochs": 6, "steps": 3, "batch": 6, "lr": 5e-3}
    return advgan.AdvGANRecipe(clips, advgan.Config(victim=victim, **{**small, **settings}), fabric)


def test_the_losses_are_the_published_ones(clips, fabric, victim) -> None:
    recipe = small_advgan(clips, fabric, victim, bound=0.5, levelled=False)
    recipe.judge.eval()
    changes, targets = 0.01 * torch.ones(3, SAMPLES), torch.tensor([0, 1, 2])
    terms = recipe.losses(clips.valid, changes, targets)
    perturbed = clips.valid + 0.01
    log = torch.log_softmax(recipe.victim(perturbed), -1)
    torch.testing.assert_close(terms["target"], -log[torch.arange(3), targets].mean())
    torch.testing.assert_close(terms["fool"], (1 - recipe.judge(perturbed)).square().mean())
    assert terms["hinge"].item() == pytest.approx(0.01 * SAMPLES**0.5 - 0.5, rel=1e-3)
    assert terms["change"].item() == pytest.approx(0.01, rel=1e-3)


def test_the_norms_of_a_levelled_generator_are_those_at_one_loudness(clips, fabric, victim) -> None:
    recipe = small_advgan(clips, fabric, victim)
    changes, targets = 0.01 * clips.valid, torch.tensor([0, 1, 2])
    loud, quiet = (recipe.losses(gain * clips.valid, gain * changes, targets) for gain in (0.5, 0.05))
    for name in ("hinge", "change"):
        torch.testing.assert_close(loud[name], quiet[name])
    assert loud["hinge"].item() == pytest.approx(0.01 * 0.05 * SAMPLES**0.5, rel=1e-3)


def test_no_clip_is_sent_to_its_own_label(clips, fabric, victim) -> None:
    sources = torch.arange(3).repeat(50)
    targets = small_advgan(clips, fabric, victim)._targets(sources)
    assert (targets != sources).all() and set(targets.tolist()) == {0, 1, 2}
    one = small_advgan(clips, fabric, victim, target="low")._targets(sources)
    assert set(one.tolist()) == {1}


def test_the_classifier_joins_after_the_warm_up_and_then_success_rises(clips, fabric, victim, tmp_path) -> None:
    settings = {"warm_up": 1, "beta": 0.1, "gamma": 1.0, "epochs": 12, "patience": 0}
    recipe = small_advgan(clips, fabric, victim, **settings)
    before = recipe.victim.linear.weight.clone()
    rows = [recipe.train_epoch(epoch) for epoch in range(12)]
    assert rows[-1]["target"] < 0.8 * rows[0]["target"]
    assert torch.equal(before, recipe.victim.linear.weight)


def test_training_stops_when_success_does_not_change(clips, fabric, victim, tmp_path) -> None:
    recipe = small_advgan(clips, fabric, victim, patience=2, lr=1e-9, target="low")
    best = run(recipe, tmp_path, fabric)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
    network = AdvGAN.load(str(best))
    assert network.labels == ("low",)
    resumed = small_advgan(clips, fabric, victim, patience=2, lr=1e-9, target="low")
    run(resumed, tmp_path, fabric)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3


def test_a_victim_that_lacks_a_label_is_refused(clips, fabric, tmp_path) -> None:
    network = WideResNet(("low", "high"), **SHAPE)
    card = Card(
        name="two", kind="classifier", architecture="wide-resnet", config={"labels": ["low", "high"], **SHAPE},
        data="", recipe="", seed=0, metrics={}, licence="CC0-1.0",
    )  # fmt: skip
    save(tmp_path / "two", network.state_dict(), card)
    with pytest.raises(SottovoceError, match="'middle'"):
        small_advgan(clips, fabric, str(tmp_path / "two"))


def test_the_cycle_rises_and_falls() -> None:
    from sottovoce.training.schedule import one_cycle

    values = [one_cycle(step / 100, 0.1) for step in range(101)]
    assert max(values) == pytest.approx(1.0, abs=0.01) and values.index(max(values)) == 10
    assert values[-1] < 0.02 and all(a >= b for a, b in pairwise(values[10:]))


def test_a_generator_goes_on_from_weights_of_its_labels_alone(clips, fabric, victim, tmp_path) -> None:
    best = str(run(small_advgan(clips, fabric, victim, epochs=2), tmp_path, fabric))
    given = AdvGAN.load(best)
    further = small_advgan(clips, fabric, victim, initial=best, width=1.0)
    for one, other in zip(further.network.parameters(), given.parameters(), strict=True):
        assert torch.equal(one, other)
    assert further.card({"epoch": 0}).config == given.config
    with pytest.raises(SottovoceError, match="made for the labels"):
        small_advgan(clips, fabric, victim, initial=best, target=given.labels[0])
