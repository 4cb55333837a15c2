"""A text put into a recogniser's mouth: it writes that instead of what is said."""

from torch import Tensor, nn

from sottovoce.audio import windows
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels import Quantization
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import Chain, end_of
from sottovoce.models.recognizers import DifferentiableRecognizer
from sottovoce.protections.base import Progress
from sottovoce.protections.hearing import write_whole
from sottovoce.protections.presets import SNR, in_rooms, quietest
from sottovoce.protections.report import Effect
from sottovoce.protections.windowed import Window, cut, perturb_in_windows
from sottovoce.text.ctc import encode
from sottovoce.text.spelling import plain
from sottovoce.threats.objectives import Transcribe

STEPS, STEPS_IN_ROOMS = 1000, 300
"""Of the search for a text, in files and in rooms."""
LOUDEST = 0.0
"""SNR in dB that a search for a text keeps whatever it finds."""


class Transcribed(Effect):
    """What a recogniser writes.

    Attributes:
        recognizer: its name.
        text: what it should write.
        in_rooms: whether it should write the text in rooms.
        after: what it writes for the written file, for each view.
    """

    recognizer: str
    text: str
    in_rooms: bool
    after: list[str]

    def lines(self) -> list[str]:
        missed = [place for place, written in enumerate(self.after) if written != self.text]
        what = f"“{self.after[missed[0]]}”{self.where(missed[0])}" if missed else "the text"
        return [f"{self.recognizer} writes {what}"]

    def failure(self) -> str | None:
        channels = [place for place, view in enumerate(self.views) if view.startswith("channel")]
        missed = [place for place in channels if self.after[place] != self.text]
        if missed and not self.in_rooms:
            written = f"“{self.after[missed[0]]}”{self.where(missed[0])}"
            return f"{self.recognizer} writes {written}; try more --steps or a shorter text"
        return None


class Dictation:
    """Makes a recogniser, alone or behind what stands in front of it, write a text.

    Args:
        name: what the listener is called.
        listener: a CTC recogniser, or a chain that ends with one.
        wanted: the text it should write, in its letters.
        in_rooms: whether it should write the text wherever the file is played in a room.
        steps: of the search; None for 1000, in rooms 300.
        snr: minimum SNR of the perturbation in dB in rooms; None for 20. In files a text takes what it needs.
        seed: of the rooms and the search in them.

    Raises:
        SottovoceError: the recogniser cannot write the text, or `snr` is given for files.
    """

    def __init__(
        self,
        name: str,
        listener: nn.Module,
        *,
        wanted: str,
        in_rooms: bool,
        steps: int | None,
        snr: float | None,
        seed: int,
    ) -> None:
        self.name, self.listener, self.text = name, listener, plain(wanted)
        self.recognizer: DifferentiableRecognizer = end_of(listener)  # type: ignore[assignment]
        if not self.text:
            raise SottovoceError(f"--as {wanted!r}: holds no words; write a text")
        encode(self.text, self.recognizer.alphabet)
        if snr is not None and not in_rooms:
            raise SottovoceError(
                "--snr has no effect on a text, which takes what it needs; leave it out, or add --in-rooms"
            )
        self.in_rooms, self.wanted_snr, self.seed = in_rooms, SNR if snr is None else snr, seed
        self.steps = steps or (STEPS_IN_ROOMS if in_rooms else STEPS)
        self.snr = self.wanted_snr if in_rooms else LOUDEST

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on besides the recogniser."""
        names = ("text", "in_rooms", "steps", "seed")
        return {name: getattr(self, name) for name in names}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """As quietly as possible, or in rooms within the SNR; see `Protection.perturb`."""
        if heard.shape[-1] > windows.LONGEST:
            longest = windows.LONGEST / MODEL_RATE
            raise SottovoceError(f"a text can be put into recordings of up to {longest:.0f} s; cut it")
        objective = Transcribe([self.text], self.recognizer)
        objective.check(full_lengths(heard))

        def search(waveforms: Tensor, lengths: Tensor, batch: list[Window], part: Progress) -> Tensor:
            def stepped(number: int) -> None:
                part(number / self.steps)

            if self.in_rooms:
                aloud = in_rooms(
                    self.wanted_snr, self.text, self.recognizer, steps=self.steps, seed=self.seed, progress=stepped
                )
                return aloud(self.listener, waveforms, objective, lengths=lengths).adversarial
            as_in_files = Chain(Quantization(1), self.listener)  # the quietest is hardly above a file's rounding
            attack = quietest(self.text, self.recognizer, steps=self.steps, progress=stepped)
            return attack(as_in_files, waveforms, objective, lengths=lengths).adversarial

        return perturb_in_windows(heard, cut(heard), 1, search, progress)

    def measure(self, before: Tensor, after: Tensor) -> Transcribed:
        """See `Protection.measure`."""
        written = [write_whole(self.listener, view) for view in after]
        return Transcribed(recognizer=self.name, text=self.text, in_rooms=self.in_rooms, after=written)
