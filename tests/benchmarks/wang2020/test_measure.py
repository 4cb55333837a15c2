"""Measurements on tiny models."""

import math
from dataclasses import replace

import torch

from benchmarks.recordings import from_text
from benchmarks.wang2020 import measure, methods
from benchmarks.wang2020.clips import load_clips
from benchmarks.wang2020.plan import Example, Families, Job
from sottovoce.models.classifiers import load_classifier

LABELS = ("down", "up")


def test_the_generator_gets_all_clips_of_other_labels(commands) -> None:
    rows = measure.measure(Job(commands, "generator", "up"))
    assert [row["source"] for row in rows] == ["down"] * 4
    for row in rows:
        assert row["target"] == "up" and row["after"] in LABELS and row["queries"] == 0
        assert math.isfinite(row["snr"]) and row["pesq"] <= 4.5


def test_a_search_gets_some_clips_that_the_classifier_gets_right(commands, monkeypatch) -> None:
    monkeypatch.setattr(methods, "GRADIENT_STEPS", 2)
    classifier = load_classifier(commands.classifier)
    clips = load_clips(commands, classifier)
    answers = classifier.predict(clips.waveforms)
    right = {label for label, answer in zip(clips.labels, answers, strict=True) if label == answer}
    for target in LABELS:
        rows = measure.measure(Job(commands, "pgd", target))
        assert len(rows) == len(right - {target})
        assert all(row["before"] == row["source"] != target and row["queries"] > 0 for row in rows)


def test_the_example_is_a_clip_of_the_first_label_and_what_became_of_it(commands, monkeypatch) -> None:
    monkeypatch.setattr(
        methods.Genetic.__init__, "__kwdefaults__", {**methods.Genetic.__init__.__kwdefaults__, "generations": 2}
    )
    rows = measure.measure(Example(commands))
    assert [row["signal"] for row in rows] == ["original", "generator", "genetic"]
    assert {(row["source"], row["target"]) for row in rows} == {LABELS}
    original, *made = (from_text(row["samples"]) for row in rows)
    assert torch.equal(original, load_clips(commands, load_classifier(commands.classifier)).waveforms[0])
    assert all(each.shape == original.shape and not torch.equal(each, original) for each in made)


def test_every_family_hears_the_same_clips_and_noise_as_loud(commands) -> None:
    plan = replace(commands, attacked=(commands.classifier,), left_out=("wide-resnet",))
    rows = measure.measure(Families(plan, "up"))
    by_family = {name: [row for row in rows if row["family"] == name] for name in ("classifier", "wide-resnet")}
    assert [len(own) for own in by_family.values()] == [4, 4]
    generated = measure.measure(Job(commands, "generator", "up"))
    for row, own in zip(by_family["classifier"], generated, strict=True):
        assert {row[key] == own[key] for key in ("clip", "source", "target", "before", "after")} == {True}
    assert all(row["noise"] in load_classifier("wide-resnet").labels for row in by_family["wide-resnet"])
