"""wav2vec 2.0 with a CTC head (Baevski et al., 2020) with transformers."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths
from sottovoce.models.recognizers.base import ByCTC
from sottovoce.models.recognizers.hub import from_pretrained, settings
from sottovoce.text.spelling import plain


class Wav2Vec2(ByCTC, nn.Module):
    """A differentiable recogniser with 50 frames per second.

    Args:
        name: a folder or a repository on the hub, such as `facebook/wav2vec2-base-960h`.
        download: whether it may be downloaded from the hub if it is not on this machine.

    Raises:
        SottovoceError: if transformers is not installed or the model cannot be loaded.

    Example:
        >>> recognizer = Wav2Vec2("facebook/wav2vec2-base-960h", download=True)  # doctest: +SKIP
        >>> recognizer.transcribe(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "wav2vec2"
    language = ""
    """Unknown: checkpoints do not state it."""

    def __init__(self, name: str, *, download: bool = False) -> None:
        super().__init__()
        self.name = name
        self.model, self.processor = from_pretrained("Wav2Vec2ForCTC", "Wav2Vec2Processor", name, download)
        blank, size = self.model.config.pad_token_id, self.model.config.vocab_size
        self._order = [blank, *(number for number in range(size) if number != blank)]
        characters = self._characters()
        self.alphabet = tuple(characters.get(number, "") for number in self._order)
        """The characters by index: the blank comes first; the blank and special tokens are empty strings."""
        normalised = self.processor.feature_extractor.do_normalize
        self.config = {**settings(self.model), "alphabet": self.alphabet, "do_normalize": normalised}
        """What defines the network besides its weights."""

    def _characters(self) -> dict[int, str]:
        tokenizer, between = self.processor.tokenizer, self.processor.tokenizer.word_delimiter_token
        silent = set(tokenizer.all_special_tokens) - {between}
        written = {number: token for token, number in tokenizer.get_vocab().items() if token not in silent}
        return {number: " " if token == between else token.upper() for number, token in written.items()}

    def frames(self, lengths: Tensor) -> Tensor:
        """Number of frames for `lengths (batch,)` in samples: `(batch,)`, zero below 25 ms."""
        for kernel, stride in zip(self.model.config.conv_kernel, self.model.config.conv_stride, strict=True):
            lengths = (lengths - kernel).div(stride, rounding_mode="floor") + 1
        return lengths.clamp(min=0)

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Scores of the characters, differentiable with respect to the waveforms.

        Rows of equal length are processed together, so that padding does not enter the statistics over time of many
        published models (group normalisation in the first layer, normalisation of the waveform).

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            `(batch, frames, characters)` in the order of `alphabet`, before the softmax; zeros after the last frame of
            a row.
        """
        lengths = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        frames = self.frames(lengths)
        scores = waveforms.new_zeros(len(waveforms), int(frames.max()), self.model.config.vocab_size)
        for length in sorted(set(lengths[frames > 0].tolist())):
            (rows,) = torch.nonzero(lengths == length, as_tuple=True)
            found = self.model(self._normalise(waveforms[rows, :length])).logits[..., self._order]
            scores = scores.index_put((rows,), nn.functional.pad(found, (0, 0, 0, scores.shape[1] - found.shape[1])))
        return scores

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The same as `logits`."""
        return self.logits(waveforms, lengths)

    @torch.inference_mode()
    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch by greedy decoding; see `Recognizer.transcribe`."""
        frames = self.frames(full_lengths(waveforms) if lengths is None else lengths)
        best = self.logits(waveforms, lengths).argmax(-1).tolist()
        spans = [
            [self._order[number] for number in row[:count]] for row, count in zip(best, frames.tolist(), strict=True)
        ]
        return [plain(self.processor.decode(span, skip_special_tokens=True)) for span in spans]

    def _normalise(self, waveforms: Tensor) -> Tensor:
        if not self.processor.feature_extractor.do_normalize:
            return waveforms
        centred = waveforms - waveforms.mean(-1, keepdim=True)
        return centred / torch.sqrt(waveforms.var(-1, correction=0, keepdim=True) + 1e-7)
