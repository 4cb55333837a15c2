"""Verification of a protection: an original and its protected copy, as they are and after enhancement."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from sottovoce import metrics
from sottovoce.audio import files
from sottovoce.audio.windows import pauses
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.enhance import enhance, load_enhancers
from sottovoce.evaluation.plot import draw
from sottovoce.metrics.base import noting
from sottovoce.models.recognizers import PocketSphinx, Recognizer

QUALITY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "si_sdr": metrics.si_sdr,
    "pesq_wb": metrics.pesq,
    "stoi": metrics.stoi,
    "dnsmos_original": lambda original, protected: metrics.dnsmos(original.clamp(-1, 1)).ovrl,
    "dnsmos_protected": lambda original, protected: metrics.dnsmos(protected.clamp(-1, 1)).ovrl,
}
"""Sound quality of the protected file: metrics of both files as batches of one, in mono at 16 kHz. Metrics added here
appear in every table and report."""


class _Result(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")


class Heard(_Result):
    """Recognition of one signal.

    Attributes:
        text: the transcript.
        cer, wer: its error rates as fractions.
    """

    text: str
    cer: float
    wer: float


class Behind(_Result):
    """Effect of a protection after one enhancer.

    Attributes:
        perturbation_gain: gain of the enhancer for the perturbation in dB.
        energy_drop: level of the enhanced original over that of the enhanced protected file in dB.
        rpr: residual perturbation rate (Dong et al., 2022).
        rpr_ill_posed: whether `rpr` is meaningless here.
        original, protected: recognition of the two enhanced files.
    """

    perturbation_gain: float
    energy_drop: float
    rpr: float
    rpr_ill_posed: bool
    original: Heard
    protected: Heard


class Verification(_Result):
    """Comparison of two files. An undefined value is NaN, and a note says why.

    Attributes:
        original_file, protected_file: paths.
        seconds: duration.
        recognizer: name of the recogniser.
        reference: the text that transcripts are compared with.
        reference_given: whether the caller gave the reference; otherwise it is the transcript of the original.
        snr: SNR of the perturbation in dB, at the files' own rate and channels.
        quality: the metrics of `QUALITY`.
        original, protected: recognition of the two files without enhancement.
        behind: results after each enhancer, by name.
        notes: why values are undefined.
    """

    original_file: str
    protected_file: str
    seconds: float
    recognizer: str
    reference: str
    reference_given: bool
    snr: float
    quality: dict[str, float]
    original: Heard
    protected: Heard
    behind: dict[str, Behind]
    notes: list[str]


def verify(
    original: str | Path,
    protected: str | Path,
    enhancers: Mapping[str, nn.Module] | Iterable[str] = ("metricgan-plus",),
    recognizer: Recognizer | None = None,
    *,
    text: str | None = None,
    pictures: Path | None = None,
) -> Verification:
    """Measure how well a file is protected.

    Args:
        original: a sound file.
        protected: its protected copy, of the same rate, channels and length.
        enhancers: names or paths, or loaded enhancers by name.
        recognizer: the recogniser (default: pocketsphinx).
        text: what is said (default: the transcript of the original).
        pictures: prefix of the pictures' paths; for each enhancer, `PREFIX-ENHANCER.png` shows the four signals.

    Raises:
        SottovoceError: a file or model cannot be read, or the files differ in rate, channels or length.
    """
    listener = PocketSphinx() if recognizer is None else recognizer
    loaded = enhancers if isinstance(enhancers, Mapping) else load_enhancers(enhancers)
    before, after = files.read(original), files.read(protected)
    if (before.rate, before.samples.shape) != (after.rate, after.samples.shape):
        raise SottovoceError(f"{protected}: not a copy of {original}; the rate, channels or length differ")
    x, x_star = (torch.from_numpy(files.as_mono_16k(recording)) for recording in (before, after))
    cuts = pauses(x)
    notes: list[str] = []

    def listen(signal: Tensor) -> str:
        return " ".join(filter(None, (listener.transcribe(signal[None, cut])[0] for cut in cuts)))

    with noting(notes):
        original_text = listen(x)
        reference = original_text if text is None else text

        def judge(heard: str) -> Heard:
            cer, wer = (rate([reference], [heard]).item() for rate in (metrics.cer, metrics.wer))
            return Heard(text=heard, cer=cer, wer=wer)

        behind = {}
        for name, enhancer in loaded.items():
            y, y_star = enhance(enhancer, x), enhance(enhancer, x_star)
            four = y[None], y_star[None], x[None], x_star[None]
            behind[name] = Behind(
                perturbation_gain=metrics.perturbation_gain(*four).item(),
                energy_drop=metrics.energy_drop(*four[:2]).item(),
                rpr=metrics.rpr(*four).item(),
                rpr_ill_posed=bool(metrics.rpr_ill_posed(*four)),
                original=judge(listen(y)),
                protected=judge(listen(y_star)),
            )
            if pictures is not None:
                label = name.replace("/", "_")
                draw(pictures.with_name(f"{pictures.name}-{label}.png"), x, x_star, y, y_star, title=name)
        own = (torch.from_numpy(recording.samples.reshape(1, -1)) for recording in (before, after))
        result = Verification(
            original_file=str(original),
            protected_file=str(protected),
            seconds=before.seconds,
            recognizer=listener.name,
            reference=reference,
            reference_given=text is not None,
            snr=metrics.snr(*own).item(),
            quality={name: measure(x[None], x_star[None]).item() for name, measure in QUALITY.items()},
            original=judge(original_text),
            protected=judge(listen(x_star)),
            behind=behind,
            notes=[],
        )
    return result.model_copy(update={"notes": notes})
