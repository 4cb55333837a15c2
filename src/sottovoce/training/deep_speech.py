"""DeepSpeech: connectionist temporal classification of whole utterances, adversarially if wanted."""

from dataclasses import dataclass, field
from functools import partial

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from sottovoce.audio.batch import pad
from sottovoce.metrics import corpus_error_rate
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.text.ctc import BLANK, encode
from sottovoce.training.adversarial import adversarial_loss, step_of_fgsm
from sottovoce.training.clips import Variation
from sottovoce.training.loop import Recipe
from sottovoce.training.schedule import one_cycle
from sottovoce.training.transcripts import Transcripts
from sottovoce.weights.card import Card

AT_ONCE = 16


@dataclass(frozen=True)
class Config:
    """Settings of the recipe.

    Attributes:
        hidden, layers: of the network.
        epochs: all epochs; each sees every utterance once.
        batch: utterances a step.
        lr: AdamW's highest step size; it rises over a tenth of the training and falls along a cosine.
        weight_decay: of all weights.
        largest_gradient: norm that gradients are cut down to.
        alpha: weight of the plain loss in adversarial training (paper 001, eq. 6); 1 trains without, the paper takes
            0.34.
        epsilon: size of the FGSM step of eq. 6, full scale 1; the paper gives none.
        initial: name or path of weights to go on from; empty for a fresh network.
        seed: of everything.
        room: share of the utterances that are put in a room, where there are any.
        variation: what happens to an utterance.
    """

    hidden: int = 256
    layers: int = 3
    epochs: int = 40
    batch: int = 16
    lr: float = 1e-3
    weight_decay: float = 1e-2
    largest_gradient: float = 5.0
    alpha: float = 1.0
    epsilon: float = 0.002
    initial: str = ""
    seed: int = 1
    room: float = 0.5
    variation: Variation = field(default_factory=lambda: Variation(noise=0.3, snr=(5.0, 25.0)))


class DeepSpeechRecipe(Recipe):
    """AdamW on the CTC loss; the epoch with the lowest word error rates of validation utterances is kept."""

    network: DeepSpeech

    def __init__(self, data: Transcripts, config: Config, fabric: Fabric) -> None:
        torch.manual_seed(config.seed)
        self.config, self.epochs, self.data, self.fabric = config, config.epochs, data, fabric
        self.generator = torch.Generator().manual_seed(config.seed + 1000 * fabric.global_rank)
        network = DeepSpeech.load(config.initial) if config.initial else DeepSpeech(config.hidden, config.layers)
        self.network = network.train().to(fabric.device)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)

    def loss(self, waveforms: Tensor, lengths: Tensor, texts: list[str], network: nn.Module | None = None) -> Tensor:
        """CTC, mean over the batch of the loss per character; texts that do not fit into their frames count nothing.
        Of the network that is trained, or of `network`.
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
        """The loss, and in adversarial training that of attacked waveforms (eq. 6)."""
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
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * one_cycle((epoch + step / len(batches)) / self.epochs, 0.1)
            waveforms, lengths, texts = self.data.batch(places, self.generator)
            loss = self.total(waveforms.to(self.fabric.device), lengths, texts)
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            clip_grad_norm_(self.network.parameters(), self.config.largest_gradient)
            self.optimizer.step()
            total += loss.item()
        return {"loss": total / len(batches)}

    def validate(self) -> dict[str, float]:
        """Word error rates; in adversarial training also after a step of FGSM, weighted as in eq. 6."""
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
                waveforms = step_of_fgsm(bare, waveforms, self.config.epsilon)
            written += self.network.transcribe(waveforms, lengths)
        return corpus_error_rate(self.data.valid_texts, written)

    def card(self, metrics: dict[str, float]) -> Card:
        alpha = self.config.alpha
        return Card(
            name="deep-speech",
            kind="recogniser",
            architecture="deep-speech",
            config=self.network.config,
            data=f"{self.origin}; {len(self.data.usable)} training utterances",
            recipe=self.command,
            seed=self.config.seed,
            metrics={name: value for name, value in metrics.items() if name.startswith("valid_") or name == "epoch"},
            licence="Apache-2.0",
            notes="" if alpha == 1.0 else f"adversarially trained by eq. 6, alpha {alpha}",
        )
