"""DeepSpeech: CTC on whole utterances, with optional adversarial training (Dong et al., 2022)."""

from dataclasses import dataclass, field
from functools import partial

import torch
from lightning_fabric import Fabric
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from sottovoce.audio.batch import pad
from sottovoce.metrics import corpus_error_rate
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.text.ctc import BLANK, encode
from sottovoce.training.adversarial import adversarial_loss, fgsm_step
from sottovoce.training.clips import Variation
from sottovoce.training.loop import Recipe, validation_metrics
from sottovoce.training.ranges import Fraction, NonNegative, Positive
from sottovoce.training.schedule import one_cycle, set_step_size
from sottovoce.training.transcripts import Transcripts
from sottovoce.weights.card import Card

AT_ONCE = 16
"""Validation utterances per forward pass."""


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    Attributes:
        hidden: channels of the convolutions and units of each GRU direction.
        layers: number of recurrent layers.
        epochs: number of passes over the training material.
        batch: utterances per batch.
        lr: AdamW's highest step size; it rises over the first tenth of the training and falls along a cosine.
        weight_decay: AdamW's weight decay.
        largest_gradient: norm to which gradients are clipped.
        alpha: weight of the plain loss in adversarial training (Dong et al., 2022, eq. 6, with 0.34); 1 for no
            adversarial training.
        epsilon: size of the FGSM step in eq. 6, relative to full scale; the paper does not give it.
        initial: name or path of weights to start from; empty for random weights.
        seed: seed of all random numbers.
        room: share of the utterances that are reverberated, if there are impulse responses.
        variation: random changes to an utterance.

    Example:
        >>> Config(alpha=0.34, initial="deep-speech").epochs
        40
    """

    hidden: PositiveInt = 256
    layers: PositiveInt = 3
    epochs: PositiveInt = 40
    batch: PositiveInt = 16
    lr: Positive = 1e-3
    weight_decay: NonNegative = 1e-2
    largest_gradient: Positive = 5.0
    alpha: Fraction = 1.0
    epsilon: NonNegative = 0.002
    initial: str = ""
    seed: int = 1
    room: Fraction = 0.5
    variation: Variation = field(default_factory=lambda: Variation(noise=0.3, snr=(5.0, 25.0)))


class DeepSpeechRecipe(Recipe):
    """AdamW on the CTC loss; keeps the epoch with the lowest word error rate on validation utterances."""

    config: Config
    network: DeepSpeech

    def __init__(self, data: Transcripts, config: Config, fabric: Fabric) -> None:
        super().__init__(config, fabric)
        self.data = data
        network = DeepSpeech.load(config.initial) if config.initial else DeepSpeech(config.hidden, config.layers)
        self.network = network.train().to(fabric.device)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)

    def loss(self, waveforms: Tensor, lengths: Tensor, texts: list[str], network: nn.Module | None = None) -> Tensor:
        """The CTC loss per character, averaged over the batch; texts that are too long for their frames count as 0.

        Args:
            waveforms: `(batch, samples)`.
            lengths: `(batch,)` in samples.
            texts: the transcripts.
            network: the network to use instead of the trained one in Fabric's wrapper.
        """
        numbers = [encode(text, self.network.alphabet) for text in texts]
        losses = functional.ctc_loss(
            (network or self.model)(waveforms, lengths).log_softmax(-1).transpose(0, 1),
            torch.cat(numbers).to(waveforms.device),
            self.network.frames(lengths.to(waveforms.device)),
            torch.tensor([len(each) for each in numbers], device=waveforms.device),
            blank=BLANK,
            zero_infinity=True,
        )
        return losses

    def total(self, waveforms: Tensor, lengths: Tensor, texts: list[str]) -> Tensor:
        """The loss, with that of adversarial waveforms added in adversarial training (eq. 6)."""
        config = self.config
        loss = partial(self.loss, lengths=lengths, texts=texts)
        bare = partial(self._bare, lengths=lengths, texts=texts)
        return adversarial_loss(loss, bare, waveforms, alpha=config.alpha, epsilon=config.epsilon)

    def _bare(self, waveforms: Tensor, lengths: Tensor, texts: list[str]) -> Tensor:
        with self.fabric.autocast():
            return self.loss(waveforms, lengths, texts, self.network)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        total, batches = 0.0, self.data.epoch(self.config.batch, self.generator)
        for step, places in enumerate(batches):
            progress = (epoch + step / len(batches)) / self.epochs
            set_step_size(self.config.lr * one_cycle(progress, 0.1), self.optimizer)
            waveforms, lengths, texts = self.data.batch(places, self.generator)
            loss = self.total(waveforms.to(self.fabric.device), lengths, texts)
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            clip_grad_norm_(self.network.parameters(), self.config.largest_gradient)
            self.optimizer.step()
            total += loss.item()
        return {"loss": total / len(batches)}

    def validate(self) -> dict[str, float]:
        """Word error rates; in adversarial training also after an FGSM step, weighted as in eq. 6."""
        self.network.eval()
        alpha, rates = self.config.alpha, {"valid_wer": self._error_rate(attacked=False)}
        if alpha == 1.0:
            return {"score": -rates["valid_wer"], **rates}
        rates["valid_attacked_wer"] = self._error_rate(attacked=True)
        return {"score": -alpha * rates["valid_wer"] - (1.0 - alpha) * rates["valid_attacked_wer"], **rates}

    def _error_rate(self, *, attacked: bool) -> float:
        written: list[str] = []
        for start in range(0, len(self.data.valid), AT_ONCE):
            chosen = slice(start, start + AT_ONCE)
            waveforms, lengths = pad([waveform.float() for waveform in self.data.valid[chosen]])
            waveforms = waveforms.to(self.fabric.device)
            if attacked:
                bare = partial(self._bare, lengths=lengths, texts=self.data.valid_texts[chosen])
                waveforms = fgsm_step(bare, waveforms, self.config.epsilon)
            written += self.network.transcribe(waveforms, lengths)
        return corpus_error_rate(self.data.valid_texts, written)

    def card(self, metrics: dict[str, float]) -> Card:
        alpha = self.config.alpha
        return self.make_card(
            "recogniser",
            "deep-speech",
            self.network.config,
            validation_metrics(metrics),
            data=f"{len(self.data.usable)} training utterances",
            notes="" if alpha == 1.0 else f"adversarially trained by eq. 6, alpha {alpha}",
        )
