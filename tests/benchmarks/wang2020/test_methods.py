"""Methods that perturb a clip."""

import pytest
import torch

from benchmarks.wang2020 import methods
from benchmarks.wang2020.clips import load_clips
from benchmarks.wang2020.plan import MATCHED, METHODS
from sottovoce.metrics import snr
from sottovoce.models.classifiers import load_classifier
from sottovoce.perturbers import AdvGAN


@pytest.mark.parametrize("name", [*METHODS[1:], *MATCHED.values()])
def test_methods_keep_the_shape_and_count_queries(commands, name, monkeypatch) -> None:
    monkeypatch.setattr(methods, "GRADIENT_STEPS", 2)
    monkeypatch.setattr(methods, "SWARM_EPOCHS", 1)
    monkeypatch.setattr(
        methods.Genetic.__init__, "__kwdefaults__", {**methods.Genetic.__init__.__kwdefaults__, "generations": 2}
    )
    classifier, generator = load_classifier(commands.classifier), AdvGAN.load(commands.generator)
    clips = load_clips(commands, classifier).waveforms[:2]
    made = methods.method(name, classifier, generator, commands)(clips, classifier.labels[1])
    assert made.clips.shape == clips.shape and (made.queries > 0).all()


def test_an_unknown_method_is_an_error(commands) -> None:
    classifier, generator = load_classifier(commands.classifier), AdvGAN.load(commands.generator)
    clips = load_clips(commands, classifier).waveforms[:1]
    with pytest.raises(ValueError, match="magic"):
        methods.method("magic", classifier, generator, commands)(clips, "up")


@pytest.mark.parametrize(("make", "floor"), [(methods.matched_genetic, 15.72), (methods.matched_swarm, 17.57)])
def test_a_matched_search_is_as_loud_as_published_whatever_the_clips_level(make, floor) -> None:
    noise = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    for level in (0.001, 0.1):
        attack = make(level * noise, "commands", torch.Generator().manual_seed(0))
        uniform = attack.step * (2 * torch.rand(1, 16_000, generator=torch.Generator().manual_seed(1)) - 1)
        assert snr(level * noise, level * noise + uniform).item() == pytest.approx(floor, abs=0.2)
        assert attack.budget.snr == floor
