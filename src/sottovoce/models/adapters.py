"""One's own network as a listener, in one line."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import by_length, full_lengths, map_rows
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import device_of
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.recognizers.base import ByCTC
from sottovoce.text.ctc import greedy
from sottovoce.text.spelling import plain


class AsEnhancer(Enhancer):
    """A denoiser of your own.

    Args:
        network: `(batch, samples)` in, enhanced waveforms of the same shape out; differentiable, if it is to be
            attacked with gradients. Rows of equal length go through it together, so it need not know about padding.

    Example:
        >>> enhancer = AsEnhancer(torch.nn.Hardtanh(-0.5, 0.5))
        >>> enhancer(torch.ones(2, 4), lengths=torch.tensor([4, 2]))
        tensor([[0.5000, 0.5000, 0.5000, 0.5000],
                [0.5000, 0.5000, 0.0000, 0.0000]])
    """

    architecture = "own enhancer"

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.eval()

    @property
    def device(self) -> torch.device:
        """Where the network's weights are."""
        return device_of(self.network)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Enhanced waveforms, the same shape as `waveforms (batch, samples)`, zero in the padding.

        Raises:
            SottovoceError: the network returns another shape than it takes.
        """
        return map_rows(self._enhanced, waveforms, lengths)

    def _enhanced(self, rows: Tensor) -> Tensor:
        enhanced: Tensor = self.network(rows)
        if enhanced.shape != rows.shape:
            name = type(self.network).__name__
            raise SottovoceError(f"{name}: returns {tuple(enhanced.shape)} for waveforms {tuple(rows.shape)}")
        return enhanced


class AsRecognizer(ByCTC, nn.Module):
    """A CTC recogniser of your own.

    Args:
        network: `(batch, samples)` in, logits `(batch, frames, characters)` out, before the softmax; differentiable.
            Rows of equal length go through it together.
        alphabet: the characters by number, upper case; the blank comes first, as an empty string.
        name: what reports call it.
        language: ISO 639-1 code of the language that it writes; empty if unknown.

    Example:
        >>> class Energy(torch.nn.Module):  # writes "A" wherever it is loud
        ...     def forward(self, waveforms):
        ...         level = waveforms.unfold(-1, 160, 160).square().mean(-1)
        ...         return torch.stack([0.01 - level, level - 0.01], -1)
        >>> recognizer = AsRecognizer(Energy(), alphabet=("", "A"))
        >>> recognizer.transcribe(torch.ones(1, 1600))
        ['A']
    """

    def __init__(
        self, network: nn.Module, alphabet: Sequence[str], *, name: str = "own recognizer", language: str = ""
    ) -> None:
        super().__init__()
        self.network, self.alphabet, self.name, self.language = network, tuple(alphabet), name, language
        self._frames: dict[int, int] = {}
        self.eval()

    @torch.no_grad()
    def frames(self, lengths: Tensor) -> Tensor:
        """How many frames `lengths (batch,)` samples give, `(batch,)`: asked of the network once for each length."""
        for length in set(lengths.tolist()) - self._frames.keys():
            self._frames[length] = self.network(torch.zeros(1, length, device=device_of(self.network))).shape[1]
        return torch.tensor([self._frames[length] for length in lengths.tolist()], device=lengths.device)

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Scores `(batch, frames, characters)` of `waveforms (batch, samples)`; zero after a row's own frames."""
        return by_length(lambda rows: self.network(rows).transpose(1, 2), waveforms, lengths).transpose(1, 2)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The same as `logits`."""
        return self.logits(waveforms, lengths)

    @torch.no_grad()
    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """The best character of every frame; see `Recognizer.transcribe`."""
        frames = self.frames(full_lengths(waveforms) if lengths is None else lengths)
        return [plain(text) for text in greedy(self.logits(waveforms, lengths), frames, self.alphabet)]
