"""Words protected from a speech recogniser: it writes other words than are said, or a given text."""

import torch
from torch import Tensor, nn

from sottovoce.audio import windows
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels import Quantization
from sottovoce.errors import SottovoceError
from sottovoce.metrics import wer
from sottovoce.models.chain import Chain, device_of, end_of
from sottovoce.models.recognizers import DifferentiableRecognizer
from sottovoce.protections.base import Progress
from sottovoce.protections.presets import SNR, away_from_words, in_rooms, quietest
from sottovoce.protections.report import Effect
from sottovoce.protections.windowed import Window, cut, perturb_in_windows
from sottovoce.text.ctc import encode
from sottovoce.text.spelling import plain
from sottovoce.threats.objectives import Mistranscribe, Transcribe

STEPS, STEPS_TO_TEXT, STEPS_IN_ROOMS = 100, 1000, 300
"""Of the search for other words, for a text, and for a text in rooms."""
LOUDEST = 0.0
"""SNR in dB that a search for a text keeps whatever it finds."""


class Mistranscribed(Effect):
    """What a recogniser writes.

    Attributes:
        recognizer: its name.
        text: what it should write; empty for anything but what is said.
        in_rooms: whether it should write the text in rooms.
        before, after: what it writes for the original and for the written file, for each view.
    """

    recognizer: str
    text: str
    in_rooms: bool
    before: list[str]
    after: list[str]

    def lines(self) -> list[str]:
        if self.text:
            missed = [place for place, written in enumerate(self.after) if written != self.text]
            what = f"“{self.after[missed[0]]}”{self.where(missed[0])}" if missed else "the text"
            return [f"{self.recognizer} writes {what}"]
        rates = self._rates()
        lowest = min(rates, key=rates.__getitem__)
        return [
            f"{self.recognizer} gets {100 * rates[lowest]:.0f} % of the words wrong that it wrote before"
            f"{self.where(lowest)}"
        ]

    def failure(self) -> str | None:
        channels = [place for place, view in enumerate(self.views) if view.startswith("channel")]
        if self.text:
            missed = [place for place in channels if self.after[place] != self.text]
            if missed and not self.in_rooms:
                written = f"“{self.after[missed[0]]}”{self.where(missed[0])}"
                return f"{self.recognizer} writes {written}; try more --steps or a shorter text"
            return None
        if heard := [place for place, rate in self._rates().items() if place in channels and rate == 0]:
            return (
                f"{self.recognizer} writes the same as before{self.where(heard[0])}; try more --steps or a lower --snr"
            )
        return None

    def _rates(self) -> dict[int, float]:
        """Word error rates against what was written before, by view; none where nothing was."""
        rates = wer(self.before, self.after).tolist()
        return {place: rate for place, rate in enumerate(rates) if self.before[place]}


class AgainstRecognizer:
    """Attacks a recogniser, alone or behind what stands in front of it.

    Args:
        name: what the listener is called.
        listener: a CTC recogniser, or a chain that ends with one.
        wanted: the text it should write, in its letters; None for anything but what is said.
        in_rooms: whether it should write the text wherever the file is played in a room.
        steps: of the search; None for 100, 1000 to a text, 300 in rooms.
        snr: minimum SNR of the perturbation in dB; None for 20. A text takes what it needs, unless it is wanted in
            rooms.
        seed: of the rooms and the search in them.

    Raises:
        SottovoceError: the recogniser cannot write the text, `in_rooms` is given without a text, or `snr` with a
            text that is not wanted in rooms.
    """

    def __init__(
        self,
        name: str,
        listener: nn.Module,
        *,
        wanted: str | None,
        in_rooms: bool,
        steps: int | None,
        snr: float | None,
        seed: int,
    ) -> None:
        self.name, self.listener, self.text = name, listener, plain(wanted or "")
        self.recognizer: DifferentiableRecognizer = end_of(listener)  # type: ignore[assignment]
        if wanted is not None and not self.text:
            raise SottovoceError(f"--as {wanted!r}: holds no words; write a text")
        if in_rooms and not self.text:
            raise SottovoceError("--in-rooms needs a text; add --as TEXT")
        encode(self.text, self.recognizer.alphabet)
        if snr is not None and self.text and not in_rooms:
            raise SottovoceError(
                "--snr has no effect on a text, which takes what it needs; leave it out, or add --in-rooms"
            )
        self.in_rooms, self.wanted_snr, self.seed = in_rooms, SNR if snr is None else snr, seed
        self.steps = steps or (STEPS_IN_ROOMS if in_rooms else STEPS_TO_TEXT if self.text else STEPS)
        self.snr = LOUDEST if self.text and not in_rooms else self.wanted_snr

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on besides the recogniser."""
        names = ("text", "in_rooms", "steps", "seed")
        return {name: getattr(self, name) for name in names}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        return self._towards(heard, progress) if self.text else self._away(heard, progress)

    def measure(self, before: Tensor, after: Tensor) -> Mistranscribed:
        """See `Protection.measure`."""
        old, new = ([self._write(view) for view in heard] for heard in (before, after))
        return Mistranscribed(recognizer=self.name, text=self.text, in_rooms=self.in_rooms, before=old, after=new)

    def _towards(self, heard: Tensor, progress: Progress) -> Tensor:
        """To a text, as quietly as possible, or in rooms within the SNR."""
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

    def _away(self, heard: Tensor, progress: Progress) -> Tensor:
        """From what is said, window by window; windows without words stay as they are."""
        found = cut(heard, int(getattr(self.listener, "seam", 1)))
        texts = {self._key(window): self._hear(heard[window.channel, window.place]) for window in found}
        if not any(texts.values()):
            raise SottovoceError("the recogniser hears no words in it; there is nothing to protect from it")

        def search(waveforms: Tensor, lengths: Tensor, batch: list[Window], part: Progress) -> Tensor:
            def stepped(number: int) -> None:
                part(number / self.steps)

            if not (text := texts[self._key(batch[0])]):
                return waveforms
            attack = away_from_words(self.wanted_snr, waveforms, steps=self.steps, progress=stepped)
            return attack(self.listener, waveforms, Mistranscribe([text], self.recognizer), lengths=lengths).adversarial

        return perturb_in_windows(heard, found, 1, search, progress)

    @staticmethod
    def _key(window: Window) -> tuple[int, int]:
        return window.channel, window.place.start

    def _write(self, channel: Tensor) -> str:
        """What the recogniser writes for a whole channel `(samples,)`."""
        spans = windows.spans(len(channel), int(getattr(self.listener, "seam", 1)))
        return " ".join(filter(None, (self._hear(channel[place]) for place in spans)))

    @torch.no_grad()
    def _hear(self, waveform: Tensor) -> str:
        waveforms = waveform[None].to(device_of(self.recognizer))
        if isinstance(self.listener, Chain):
            waveforms = self.listener.front(waveforms)
        return self.recognizer.transcribe(waveforms)[0]
