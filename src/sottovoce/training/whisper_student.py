"""A student of Whisper's encoder: distilled on clean, noisy and adversarial speech (after Goldblum et al., 2020)."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from lightning_fabric import Fabric
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from sottovoce.attacks.base import frozen
from sottovoce.audio.batch import energy, full_lengths
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import Whisper, load_recognizer
from sottovoce.models.recognizers.whisper_student import FRAME, WhisperStudent
from sottovoce.threats.domains import ShapedDomain
from sottovoce.training.crops import Crops, Spoiling
from sottovoce.training.loop import Recipe, means, validation_metrics
from sottovoce.training.ranges import Interval, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.weights.card import Card

PADDING = 1.0
"""Silence after a crop that the teacher hears (s); the student hears none."""
STATISTICS = 64
"""Crops over which the mean and scale of the teacher's channels are taken."""
AT_ONCE = 8
"""Crops of those, and of validation, per forward pass."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    Attributes:
        teacher: name or path of a Whisper.
        width, layers, heads, inner: of the student; see `WhisperStudent`.
        epochs: number of epochs.
        warm_up: number of epochs without adversarial crops.
        steps: batches per epoch.
        batch: crops per batch; after the warm-up, each is there with and without a perturbation.
        lr: highest step size of Muon, for the layers' matrices, and of AdamW, for the rest; it rises over the first
            twentieth of the training and falls along a cosine.
        weight_decay: weight decay of both.
        largest_gradient: norm to which gradients are clipped.
        ascent: most gradient steps for a perturbation; their number is drawn from 1 to this.
        floor: lowest and highest SNR of a perturbation (dB), drawn uniformly.
        response: weight of the error in how much a perturbation changes the states.
        validation: validation crops.
        seed: seed of all random numbers.
        spoiling: random changes to the crops.

    Example:
        >>> Config(epochs=2).teacher
        'whisper-tiny.en'
    """

    teacher: str = "whisper-tiny.en"
    width: PositiveInt = 320
    layers: PositiveInt = 4
    heads: PositiveInt = 5
    inner: PositiveInt = 1088
    epochs: PositiveInt = 26
    warm_up: NonNegativeInt = 10
    steps: PositiveInt = 100
    batch: PositiveInt = 8
    lr: Positive = 5e-3
    weight_decay: NonNegative = 1e-2
    largest_gradient: Positive = 1.0
    ascent: PositiveInt = 2
    floor: Interval = (15.0, 30.0)
    response: NonNegative = 1.0
    validation: PositiveInt = 32
    seed: int = 1
    spoiling: Spoiling = field(default_factory=Spoiling)


class WhisperStudentRecipe(Recipe):
    """Muon (Jordan et al., 2024) on the distance to the teacher's states, normalised by channel.

    The states are those in the middle of the teacher and at its end. With AdamW for all weights, the student explains a
    third as much after the first hundred steps.

    After the warm-up, each crop is there twice: as it is, and with a perturbation that moves the student's own states
    as far as it can. The student learns what the teacher makes of that, so that what moves it moves the teacher, too.
    """

    config: Config
    network: WhisperStudent
    parts: ClassVar = ("network", "optimizer", "other_optimizer")

    def __init__(self, data: Crops, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data, self.domain = data, ShapedDomain(1.0)
        self.teacher = Teacher(config.teacher).to(fabric.device)
        shape = config.width, config.layers, config.heads, config.inner, self.teacher.channels
        self.network = WhisperStudent(*shape).train().to(fabric.device)
        self._gather_statistics()
        matrices = [weight for name, weight in self.network.layers.named_parameters() if name.endswith("weight")]
        matrices = [weight for weight in matrices if weight.ndim == 2]
        known = set(matrices)
        others = [weight for weight in self.network.parameters() if weight not in known]
        decay = config.weight_decay
        self.model, self.optimizer, self.other_optimizer = fabric.setup(
            _Both(self.network),
            torch.optim.Muon(matrices, lr=config.lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=config.lr, weight_decay=decay, betas=(0.9, 0.98)),
        )

    def _gather_statistics(self) -> None:
        generator = torch.Generator().manual_seed(self.config.seed)
        crops = self.data.batch(STATISTICS, generator).to(self.fabric.device)
        states = torch.cat([self._taught(part) for part in torch.split(crops, AT_ONCE)], 1).flatten(1, 2)
        self.network.mean.copy_(states.mean(1))
        self.network.scale.copy_(states.std(1).clamp(min=1e-3))

    @torch.no_grad()
    def _taught(self, waveforms: Tensor) -> Tensor:
        """The teacher's states, normalised: `(2, batch, frames, channels)`."""
        with self.fabric.autocast():
            states = self.teacher(waveforms)[:, :, : -(-waveforms.shape[-1] // FRAME)]
        normalised: Tensor = (states - self.network.mean[:, None, None]) / self.network.scale[:, None, None]
        return normalised

    def perturbed(self, waveforms: Tensor, steps: int, generator: torch.Generator) -> Tensor:
        """`waveforms (batch, samples)` with perturbations that move the student's own states, of random SNRs.

        Steps along the sign of the gradient in the coordinates of `ShapedDomain(1.0)`, from a random start.
        """
        low, high = self.config.floor
        floors = low + (high - low) * torch.rand(len(waveforms), generator=generator).to(waveforms.device)
        radii = torch.sqrt(energy(waveforms) * 10.0 ** (-floors / 10.0))[:, None]
        chart = self.domain.chart(waveforms, full_lengths(waveforms))
        coordinates = torch.randn(chart.start.shape, generator=generator).to(waveforms.device)

        def heard(coordinates: Tensor) -> Tensor:
            changes = chart.decode(coordinates) - waveforms
            return waveforms + changes * (radii / energy(changes).clamp(min=1e-12).sqrt()[:, None])

        with frozen([self.network]), self.fabric.autocast():
            with torch.no_grad():
                own = self.network(waveforms)
            for _ in range(steps):
                coordinates = coordinates.detach().requires_grad_()
                distance = (self.network(heard(coordinates)) - own).square().mean((1, 2)).sum()
                (gradient,) = torch.autograd.grad(distance, coordinates)
                coordinates = coordinates / coordinates.square().mean().sqrt() + 2.0 * gradient.sign()
        return heard(coordinates.detach()).clamp(-1.0, 1.0)

    def losses(self, waveforms: Tensor, perturbed: Tensor | None) -> dict[str, Tensor]:
        """The terms of the loss; "loss" is their weighted sum.

        Args:
            waveforms: `(batch, samples)`.
            perturbed: the same with perturbations; None for none.
        """
        both = waveforms if perturbed is None else torch.cat([waveforms, perturbed])
        states, taught = self.model(both), self._taught(both)
        terms = {
            "error": functional.mse_loss(states, taught),
            "angle": (1.0 - functional.cosine_similarity(states, taught, dim=-1)).mean(),
        }
        total = terms["error"] + terms["angle"]
        if perturbed is not None:
            terms["response"] = functional.mse_loss(_change(states), _change(taught))
            total = total + self.config.response * terms["response"]
        return {"loss": total, **terms}

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.train()
        config, rows = self.config, list[dict[str, float]]()
        for step in range(config.steps):
            progress = (epoch + step / config.steps) / config.epochs
            set_step_size(config.lr * one_cycle(progress, 0.05), self.optimizer, self.other_optimizer)
            crops = self.data.batch(config.batch, self.generator).to(self.fabric.device)
            perturbed = None
            if epoch >= config.warm_up:
                ascent = 1 + int(torch.randint(config.ascent, (), generator=self.generator))
                perturbed = self.perturbed(crops, ascent, self.generator)
            terms = self.losses(crops, perturbed)
            self.network.zero_grad()
            self.fabric.backward(terms["loss"])
            clip_grad_norm_(self.network.parameters(), config.largest_gradient)
            self.optimizer.step()
            self.other_optimizer.step()
            rows.append({name: term.item() for name, term in terms.items()})
        return means(rows)

    def validate(self) -> dict[str, float]:
        """Explained shares of the variance of the teacher's last states, and of their change by perturbations.

        The perturbations move the student's own states, at the middle of the range of SNRs. `valid_moved` is the mean
        square by which they move the teacher's.
        """
        self.network.eval()
        generator, rows = torch.Generator().manual_seed(0), list[Tensor]()
        chosen = self.data.validation(self.config.validation).to(self.fabric.device)
        for crops in torch.split(chosen, AT_ONCE):
            both = torch.cat([crops, self.perturbed(crops, self.config.ascent, generator)])
            with torch.no_grad(), self.fabric.autocast():
                states = self.network(both)
            taught = self._taught(both)[1]
            clean = (states - taught)[: len(crops)].square().mean(), taught[: len(crops)].square().mean()
            change, wanted = _change(states[None]), _change(taught[None])
            rows.append(torch.stack([*clean, (change - wanted).square().mean(), wanted.square().mean()]))
        error, size, missed, moved = torch.stack(rows).mean(0).tolist()
        explained, response = 1.0 - error / size, 1.0 - missed / moved
        return {
            "score": explained + response,
            "valid_explained": explained,
            "valid_response": response,
            "valid_moved": moved,
        }

    def card(self, metrics: dict[str, float]) -> Card:
        return self.make_card(
            "surrogate",
            WhisperStudent.architecture,
            self.network.config,
            validation_metrics(metrics),
            data=f"{self.data.hours:.1f} hours; teacher: {self.config.teacher}",
        )


class Teacher(nn.Module):
    """The middle and last states of a Whisper's encoder: `(batch, samples)` → `(2, batch, frames, channels)`.

    Raises:
        SottovoceError: the name is that of no Whisper, or it is not on this machine.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        whisper = load_recognizer(name)
        if not isinstance(whisper, Whisper):
            raise SottovoceError(f"{name}: is no Whisper; name one, such as whisper-tiny.en")
        whisper.padding = PADDING
        self.whisper = whisper.eval()
        layers = whisper.model.model.encoder.layers
        self.channels = int(whisper.model.config.d_model)
        self._middle: Tensor
        layers[len(layers) // 2 - 1].register_forward_hook(self._keep)

    def _keep(self, layer: nn.Module, given: object, output: Tensor) -> None:
        self._middle = output

    def forward(self, waveforms: Tensor) -> Tensor:
        last = self.whisper(waveforms)
        return torch.stack([self._middle.float(), last.float()])


class _Both(nn.Module):
    """The student's states in the middle and at the end as a forward pass, `(2, batch, frames, channels)`."""

    def __init__(self, network: WhisperStudent) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveforms: Tensor) -> Tensor:
        return torch.stack(self.network.middle_and_last(waveforms))


def _change(states: Tensor) -> Tensor:
    """How the second half of a batch differs from the first: of `(2, 2 * batch, frames, channels)`."""
    plain, perturbed = states.chunk(2, 1)
    return perturbed - plain
