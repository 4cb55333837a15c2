"""The recipe of Whisper's student: its perturbations, its losses, its teacher, and resuming."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.metrics import snr
from sottovoce.models.recognizers import Whisper, WhisperStudent
from sottovoce.training import checkpoints, run, whisper_student
from sottovoce.training.crops import Crops, Spoiling
from sottovoce.training.whisper_student import Config, Teacher, WhisperStudentRecipe

SPOILING = Spoiling(seconds=0.5)
SMALL = Config(
    width=16, layers=2, heads=2, inner=32, epochs=3, warm_up=1, steps=3, batch=2, validation=2, spoiling=SPOILING
)


class Pretended(nn.Module):
    """A teacher that is a student itself, with a second of silence after the sound and channels of unequal size."""

    channels = 6

    def __init__(self, name: str) -> None:
        super().__init__()
        torch.manual_seed(7)
        self.network = WhisperStudent(width=8, layers=2, heads=2, inner=16, channels=self.channels).eval()

    def forward(self, waveforms: Tensor) -> Tensor:
        states = torch.stack(self.network.middle_and_last(nn.functional.pad(waveforms, (0, 16_000))))
        return 3.0 + states * torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 50.0])


@pytest.fixture
def crops(tones: Path, corpora: tuple[Path, Path]) -> Crops:
    return Crops([tones], [corpora[1]], SPOILING)


@pytest.fixture
def recipe(crops: Crops, fabric: Fabric, monkeypatch: pytest.MonkeyPatch) -> WhisperStudentRecipe:
    monkeypatch.setattr(whisper_student, "Teacher", Pretended)
    return WhisperStudentRecipe(crops, SMALL, fabric)


def test_what_is_taught_is_normalised_and_as_long_as_the_sound(recipe: WhisperStudentRecipe, crops: Crops) -> None:
    generator = torch.Generator().manual_seed(SMALL.seed)
    taught = recipe._taught(crops.batch(whisper_student.STATISTICS, generator)).flatten(1, 2)
    assert recipe._taught(torch.zeros(1, 8000)).shape == (2, 1, 25, 6)
    torch.testing.assert_close(taught.mean(1), torch.zeros(2, 6), rtol=0, atol=1e-3)
    torch.testing.assert_close(taught.std(1), torch.ones(2, 6), rtol=0, atol=1e-2)


def test_perturbations_keep_their_snr_and_move_more_than_chance(recipe: WhisperStudentRecipe, crops: Crops) -> None:
    recipe.config = replace(SMALL, floor=(20.0, 20.0))
    waveforms = crops.validation(4)
    states = recipe.network(waveforms).detach()

    def moved(steps: int) -> float:
        perturbed = recipe.perturbed(waveforms, steps, torch.Generator().manual_seed(0))
        torch.testing.assert_close(snr(waveforms, perturbed).float(), torch.full((4,), 20.0), rtol=0, atol=0.1)
        return float((recipe.network(perturbed).detach() - states).square().mean())

    assert moved(2) > 1.5 * moved(0)
    assert all(parameter.requires_grad and parameter.grad is None for parameter in recipe.network.parameters())


def test_a_student_that_is_right_has_no_loss(recipe: WhisperStudentRecipe, crops: Crops) -> None:
    waveforms = crops.validation(2)
    recipe.model = lambda both: recipe._taught(both)  # type: ignore[assignment]
    for perturbed in (None, 0.9 * waveforms):
        assert recipe.losses(waveforms, perturbed)["loss"] == pytest.approx(0.0, abs=1e-5)


def test_training_explains_more_and_its_weights_load(
    recipe: WhisperStudentRecipe, fabric: Fabric, tmp_path: Path
) -> None:
    recipe.config = replace(SMALL, epochs=8, steps=20, lr=5e-3)
    recipe.epochs = 8
    before = recipe.validate()
    best = run(recipe, tmp_path, fabric)
    after = recipe.validate()
    assert after["valid_explained"] > before["valid_explained"] + 0.2
    student = WhisperStudent.load(str(best))
    assert student(torch.rand(1, 8000)).shape == (1, 25, 6) and student.scale[1, 5] > student.scale[1, 0]


def test_an_interrupted_training_ends_in_the_same_weights(
    crops: Crops, fabric: Fabric, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(whisper_student, "Teacher", Pretended)
    run(WhisperStudentRecipe(crops, SMALL, fabric), tmp_path / "whole", fabric)
    first = WhisperStudentRecipe(crops, SMALL, fabric)
    first.epochs = 2
    run(first, tmp_path / "parts", fabric)
    run(WhisperStudentRecipe(crops, SMALL, fabric), tmp_path / "parts", fabric)
    whole, parts = (checkpoints.load(tmp_path / name / "last.ckpt") for name in ("whole", "parts"))
    ours, theirs = whole["recipe"]["network"], parts["recipe"]["network"]
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_only_a_whisper_teaches() -> None:
    with pytest.raises(SottovoceError, match="no Whisper"):
        Teacher("deep-speech")


def test_the_teachers_states_are_whispers(third_party: Callable[[str], Path]) -> None:
    pytest.importorskip("transformers")
    teacher = Teacher(str(third_party("whisper-tiny.en")))
    waveforms = 0.1 * torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
    middle, last = teacher(waveforms)
    whisper = teacher.whisper
    assert isinstance(whisper, Whisper) and last.shape == (2, 75 + 25, teacher.channels)
    torch.testing.assert_close(last, whisper(waveforms))
    layers = whisper.model.model.encoder.layers
    hidden = middle
    for layer in layers[len(layers) // 2 :]:
        hidden = layer(hidden, None)
    torch.testing.assert_close(whisper.model.model.encoder.layer_norm(hidden), last, rtol=1e-4, atol=1e-4)
