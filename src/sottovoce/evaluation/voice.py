"""Whether a speaker encoder recognises the original's voice in a protected file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from pydantic import BaseModel
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.metrics import eer_threshold, voiced_share
from sottovoce.models.chain import device_of
from sottovoce.models.speakers import SpeakerEncoder, load_speaker_encoder

STRETCH = 10 * MODEL_RATE
MOST_STRETCHES = 12
EXCERPT = 3 * MODEL_RATE
LEAST_VOICED = 0.03
"""Share of a stretch that has a pitch where somebody speaks: more in read sentences, spelling and nearly all keywords,
less in half of the noise recordings."""


@dataclass(frozen=True)
class Judge:
    """A speaker encoder with the cosine above which two recordings count as the same voice.

    Attributes:
        name: name of the encoder.
        encoder: the network.
        threshold: the cosine at the equal error rate, on speakers it was not trained on.

    Example:
        >>> class Halves(SpeakerEncoder):
        ...     shortest = 2
        ...     def embed(self, waveforms):
        ...         return torch.stack([half.mean(-1) for half in waveforms.chunk(2, -1)], -1)
        >>> judge = Judge("halves", Halves(), threshold=0.5)
        >>> waveform = torch.linspace(0.1, 1.0, 1600)
        >>> likeness(judge, waveform, waveform).recognised
        1
        >>> likeness(judge, waveform, -waveform).recognised
        0
    """

    name: str
    encoder: SpeakerEncoder
    threshold: float

    @classmethod
    def load(cls, name: str) -> Self:
        """Load an encoder whose threshold is known.

        Args:
            name: as for `load_speaker_encoder`: "ecapa-tdnn", "resemblyzer", "campplus" or a path.

        Raises:
            SottovoceError: there is no such speaker encoder, or nobody has measured its threshold.
        """
        encoder = load_speaker_encoder(name)
        if encoder.threshold is None:
            raise SottovoceError(f"{name}: cannot judge voices, no threshold is known; take ecapa-tdnn")
        return cls(name, encoder, encoder.threshold)


class Likeness(BaseModel):
    """Similarity of the voices in two recordings, compared in short stretches, since several people may speak.

    Attributes:
        judge: name of the encoder.
        cosine: cosine of the embeddings, averaged over the stretches.
        threshold: the cosine above which two voices count as the same.
        stretches: number of stretches compared.
        recognised: number of stretches with a cosine above the threshold.
    """

    judge: str
    cosine: float
    threshold: float
    stretches: int
    recognised: int

    def line(self, who: str | None = None) -> str:
        """The result in one sentence.

        Args:
            who: what to call the encoder; its name by default.
        """
        verdict = "recognises the same voice" if self.recognised else "hears another voice"
        share = f" in {self.recognised or self.stretches} of {self.stretches} stretches" if self.stretches > 1 else ""
        return f"{who or self.judge} {verdict}{share} (cosine {self.cosine:.2f}, threshold {self.threshold:.2f})"


@torch.no_grad()
def likeness(judge: Judge, original: Tensor, protected: Tensor) -> Likeness:
    """Compare the voices in two recordings in at most 12 stretches of up to 10 s.

    Args:
        judge: the speaker encoder and its threshold.
        original, protected: `(samples,)` at 16 kHz, of the same length.
    """
    both = embeddings(judge.encoder, torch.stack([original, protected]))
    cosines = (both[0] * both[1]).sum(1)
    return Likeness(
        judge=judge.name,
        cosine=float(cosines.mean()),
        threshold=judge.threshold,
        stretches=len(cosines),
        recognised=int((cosines > judge.threshold).sum()),
    )


def has_voice(waveform: Tensor) -> bool:
    """Whether somebody seems to speak: whether some stretch of up to 10 s has a pitch for at least 3 % of the time.

    Engines, animals and music may pass for a voice, and whispering has no pitch.

    Args:
        waveform: `(samples,)` at 16 kHz.

    Example:
        >>> silence, time = torch.zeros(16_000), torch.arange(16_000) / 16_000
        >>> has_voice(silence), has_voice(0.1 * torch.sin(2 * torch.pi * 150 * time))
        (False, True)
    """
    pieces = torch.tensor_split(waveform, -(-len(waveform) // STRETCH))
    return any(float(voiced_share(piece[None])) >= LEAST_VOICED for piece in pieces)


@torch.no_grad()
def equal_error_threshold(encoder: SpeakerEncoder, recordings: Mapping[str, Sequence[Tensor]]) -> float:
    """The cosine at which as many pairs of one voice are missed as pairs of two voices are taken for one.

    Every recording is compared with every other one, by its first 3 s. Cosines within a voice grow with the length of
    the recordings, those between voices hardly; so a threshold from longer ones would call a voice hidden too soon, and
    a good encoder makes no error there from which to tell the threshold.

    The thresholds of Resemblyzer and CAM++ come from the utterances of at least 3 s in LibriSpeech's train-clean-5:

        >>> recordings = {}
        >>> for utterance in read_manifest(Path("librispeech-mini.csv")):  # doctest: +SKIP
        ...     if utterance.seconds >= 3:
        ...         waveform = torch.from_numpy(as_mono_16k(read(utterance.path)))
        ...         recordings.setdefault(utterance.speaker, []).append(waveform[:EXCERPT])
        >>> equal_error_threshold(load_speaker_encoder("campplus"), recordings)  # doctest: +SKIP
        0.4301905035972595

    Args:
        encoder: the speaker encoder.
        recordings: for each speaker, waveforms `(samples,)` at 16 kHz that the encoder was not trained on.

    Raises:
        ValueError: there are not two speakers, or no speaker has two recordings.

    Example:
        >>> class Halves(SpeakerEncoder):
        ...     shortest = 2
        ...     def embed(self, waveforms):
        ...         return torch.stack([half.mean(-1) for half in waveforms.chunk(2, -1)], -1)
        >>> even, rising = torch.ones(8), torch.linspace(0.0, 1.0, 8)
        >>> round(equal_error_threshold(Halves(), {"a": [even, 0.5 * even], "b": [rising, rising]}), 3)
        1.0
    """
    speakers = torch.tensor([place for place, own in enumerate(recordings.values()) for _ in own])
    heard = [waveform[None, :EXCERPT].to(device_of(encoder)) for own in recordings.values() for waveform in own]
    voices = torch.cat([encoder(waveform) for waveform in heard]).cpu()
    first, second = torch.triu_indices(len(heard), len(heard), 1)
    scores = (voices[first] * voices[second]).sum(1)
    return eer_threshold(scores, speakers[first] == speakers[second])


def embeddings(encoder: SpeakerEncoder, waveforms: Tensor) -> Tensor:
    """Embeddings of at most 12 stretches of up to 10 s, on the CPU.

    The remainder at the end counts if it is long enough for an embedding.

    Args:
        encoder: the speaker encoder.
        waveforms: `(batch, samples)` at 16 kHz, of equal length.

    Returns:
        `(batch, stretches, size)`.
    """
    stretches = [piece for piece in torch.split(waveforms, STRETCH, 1) if piece.shape[1] >= encoder.shortest]
    chosen = stretches[:: -(-len(stretches) // MOST_STRETCHES)] if stretches else [waveforms]
    return torch.stack([encoder(piece.to(device_of(encoder))) for piece in chosen], 1).cpu()
