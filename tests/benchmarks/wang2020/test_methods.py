"""Methods that perturb a clip."""

import pytest

from benchmarks.wang2020 import methods
from benchmarks.wang2020.clips import load_clips
from benchmarks.wang2020.plan import METHODS
from sottovoce.models.classifiers import load_classifier
from sottovoce.perturbers import AdvGAN


@pytest.mark.parametrize("name", METHODS[1:])
def test_methods_keep_the_shape_and_count_queries(commands, name, monkeypatch) -> None:
    monkeypatch.setattr(methods, "GRADIENT_STEPS", 2)
    monkeypatch.setattr(methods, "SWARM_EPOCHS", 1)
    monkeypatch.setattr(
        methods.Genetic.__init__, "__kwdefaults__", {**methods.Genetic.__init__.__kwdefaults__, "generations": 2}
    )
    classifier, generator = load_classifier(commands.classifier), AdvGAN.load(commands.generator)
    clips = load_clips(commands, classifier).waveforms[:2]
    made = methods.method(name, classifier, generator, seed=0)(clips, classifier.labels[1])
    assert made.clips.shape == clips.shape and (made.queries > 0).all()


def test_an_unknown_method_is_an_error(commands) -> None:
    classifier, generator = load_classifier(commands.classifier), AdvGAN.load(commands.generator)
    clips = load_clips(commands, classifier).waveforms[:1]
    with pytest.raises(ValueError, match="magic"):
        methods.method("magic", classifier, generator, seed=0)(clips, "up")
