"""What a protection is worth: an original and its protected copy, read from disk, before and after enhancers."""

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
    "si_sdr": lambda original, protected: metrics.si_sdr(original, protected),
    "pesq_wb": lambda original, protected: metrics.pesq(original, protected),
    "stoi": lambda original, protected: metrics.stoi(original, protected),
    "dnsmos_original": lambda original, protected: metrics.dnsmos(original.clamp(-1, 1)).ovrl,
    "dnsmos_protected": lambda original, protected: metrics.dnsmos(protected.clamp(-1, 1)).ovrl,
}
"""How the protected file sounds: measures of both files as batches of one, in mono at 16 kHz. A measure added here is
printed and reported everywhere."""


class _Result(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")


class Heard(_Result):
    """What the recogniser made of one signal.

    Attributes:
        text: its words.
        cer, wer: their error rates as fractions.
    """

    text: str
    cer: float
    wer: float


class Behind(_Result):
    """What is left of a protection behind one enhancer.

    Attributes:
        perturbation_gain: how much the enhancer amplifies the perturbation, in dB.
        energy_drop: how much quieter its output is than for the original, in dB.
        rpr: residual perturbation rate (Dong et al., 2022).
        rpr_ill_posed: whether that says nothing here.
        original, protected: what is heard of the two files once enhanced.
    """

    perturbation_gain: float
    energy_drop: float
    rpr: float
    rpr_ill_posed: bool
    original: Heard
    protected: Heard


class Verification(_Result):
    """The comparison of two files; a value that does not exist is NaN, and a note says why.

    Attributes:
        original_file, protected_file: their names.
        seconds: duration.
        recognizer: who listened.
        reference: the text that error rates are counted against.
        reference_given: whether a person gave it; if not, it is what the recogniser hears in the original.
        snr: of the perturbation, over the file's own samples, in dB.
        quality: the measures of `QUALITY`.
        original, protected: what is heard of the two files as they are.
        behind: by enhancer.
        notes: why values are missing.
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
    """Measure what a protection is worth.

    Args:
        original: a sound file.
        protected: its protected copy, of the same rate, channels and length.
        enhancers: names or paths, or loaded enhancers by name.
        recognizer: who listens (default: pocketsphinx).
        text: what is said (default: what the recogniser hears in the original).
        pictures: a path without suffix; a PNG of the four signals is saved for each enhancer, its name appended.

    Returns:
        The measurements.

    Raises:
        SottovoceError: a file or model cannot be read, or the two files do not belong together.
    """
    listener = PocketSphinx() if recognizer is None else recognizer
    loaded = enhancers if isinstance(enhancers, Mapping) else load_enhancers(enhancers)
    before, after = files.read(original), files.read(protected)
    if (before.rate, before.samples.shape) != (after.rate, after.samples.shape):
        raise SottovoceError(f"{protected}: not a copy of {original}; rate, channels or length differ")
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
