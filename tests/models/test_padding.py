"""A batch wider than its longest row: each network and channel gives what it gives without the excess."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import PGD, Genetic
from sottovoce.channels import BandPass, Codec, MedianSmoothing, Quantization, Room
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.models.chain import Chain
from sottovoce.models.classifiers import DSCNN, Res8, SampleCNN, WideResNet
from sottovoce.models.enhancers import DNN, DTLN, SEGAN, MetricGANPlus, WaveUNet
from sottovoce.models.recognizers import DeepSpeech, PocketSphinx, WhisperStudent
from sottovoce.models.speakers import ECAPATDNN, Resemblyzer, Similarity
from sottovoce.perturbers import SSED, AdvGAN
from sottovoce.threats import Silence

SIZES = (6000, 4000, 6000)
EXCESS = 3000


class Removal(nn.Module):
    """The other half of an SSED."""

    def __init__(self) -> None:
        super().__init__()
        self.network = SSED(channels=2, blocks=1)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.network.remove(waveforms, lengths)


class Targeted(nn.Module):
    """An AdvGAN for three targets."""

    def __init__(self) -> None:
        super().__init__()
        self.network = AdvGAN(["a", "b", "c"], width=1 / 16)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.network(waveforms, lengths, targets=torch.arange(len(waveforms)))


class Frames(nn.Module):
    """Scores of two characters in frames of 400 samples."""

    def forward(self, waveforms: Tensor) -> Tensor:
        levels = waveforms.unfold(-1, 400, 400).square().mean(-1)
        return torch.stack([0.01 - levels, levels - 0.01], -1)


KEEPING: dict[str, Callable[[], nn.Module]] = {
    "metricgan-plus": MetricGANPlus,
    "segan": lambda: SEGAN(width=1 / 64),
    "wave-unet": lambda: WaveUNet(levels=3, width=1 / 8),
    "unet-at": lambda: WaveUNet(levels=5, width=1 / 8, attention=True),
    "dnn": lambda: DNN(hidden=8),
    "own enhancer": lambda: AsEnhancer(nn.Hardtanh(-0.05, 0.05)),
    "chain": lambda: Chain(BandPass(), WaveUNet(levels=3, width=1 / 8)),
    "ssed": lambda: SSED(channels=2, blocks=1),
    "ssed normalised": lambda: SSED(channels=2, blocks=1, normalised=True),
    "ssed removal": Removal,
    "advgan": lambda: AdvGAN(["a"], width=1 / 16),
    "advgan with targets": Targeted,
    "band-pass": BandPass,
    "codec": lambda: Codec("mp3", 64),
    "median": MedianSmoothing,
    "quantization": Quantization,
    "room": lambda: Room(torch.tensor([0.1, 1.0, -0.5])),
}
READING: dict[str, Callable[[], nn.Module]] = {
    "ecapa-tdnn": lambda: ECAPATDNN(channels=16, aggregated=24),
    "resemblyzer": Resemblyzer,
    "similarity": lambda: Similarity(ECAPATDNN(channels=16, aggregated=24), torch.ones(1, 192)),
    "whisper-student": lambda: WhisperStudent(width=16, layers=2, heads=2, inner=32, channels=8),
    "wide-resnet": lambda: WideResNet(["a", "b"], depth=10, width=1),
    "sample-cnn": lambda: SampleCNN(["a", "b"], channels=4),
    "ds-cnn": lambda: DSCNN(["a", "b"], channels=8),
    "res8": lambda: Res8(["a", "b"], channels=8),
}
WRITING: dict[str, Callable[[], DeepSpeech | AsRecognizer]] = {
    "deep-speech": lambda: DeepSpeech(hidden=8, layers=2),
    "own recogniser": lambda: AsRecognizer(Frames(), ("", "A")),
}


def batch(rows: slice = slice(None)) -> tuple[Tensor, Tensor]:
    waveforms = 0.1 * torch.randn(len(SIZES), max(SIZES), generator=torch.Generator().manual_seed(0))
    for row, size in zip(waveforms, SIZES, strict=True):
        row[size:] = 0.0
    return waveforms[rows], torch.tensor(SIZES)[rows]


def made(make: Callable[[], nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return make().eval()


def wider(waveforms: Tensor) -> Tensor:
    return nn.functional.pad(waveforms, (0, EXCESS))


some_rows = pytest.mark.parametrize("rows", [slice(None), slice(0, 1)], ids=["of two lengths", "of one length"])


@torch.no_grad()
@some_rows
@pytest.mark.parametrize("make", KEEPING.values(), ids=KEEPING)
def test_waveforms_keep_their_shape(make: Callable[[], nn.Module], rows: slice) -> None:
    network, (waveforms, lengths) = made(make), batch(rows)
    heard = network(wider(waveforms), lengths)
    assert heard.shape == wider(waveforms).shape
    torch.testing.assert_close(heard, wider(network(waveforms, lengths)), rtol=0, atol=1e-5)
    for row, size in zip(heard, lengths.tolist(), strict=True):
        assert row[:size].any() and not row[size:].any()


@torch.no_grad()
@some_rows
@pytest.mark.parametrize("make", READING.values(), ids=READING)
def test_what_is_read_out_is_the_same(make: Callable[[], nn.Module], rows: slice) -> None:
    network, (waveforms, lengths) = made(make), batch(rows)
    torch.testing.assert_close(network(wider(waveforms), lengths), network(waveforms, lengths), rtol=0, atol=1e-4)


@torch.no_grad()
@some_rows
@pytest.mark.parametrize("make", WRITING.values(), ids=WRITING)
def test_what_is_written_is_the_same(make: Callable[[], DeepSpeech | AsRecognizer], rows: slice) -> None:
    network, (waveforms, lengths) = made(make), batch(rows)
    wide, tight = network.logits(wider(waveforms), lengths), network.logits(waveforms, lengths)
    for one, other, frames in zip(wide, tight, network.frames(lengths).tolist(), strict=True):
        torch.testing.assert_close(one[:frames], other[:frames], rtol=0, atol=1e-5)
    assert network.transcribe(wider(waveforms), lengths) == network.transcribe(waveforms, lengths)


def test_pocketsphinx_writes_the_same() -> None:
    waveforms, lengths = batch()
    recognizer = PocketSphinx()
    assert recognizer.transcribe(wider(waveforms), lengths) == recognizer.transcribe(waveforms, lengths)


def test_dtln_keeps_the_shape(shared_models) -> None:
    enhancer, (waveforms, lengths) = DTLN(shared_models / "dtln"), batch()
    torch.testing.assert_close(enhancer(wider(waveforms), lengths), wider(enhancer(waveforms, lengths)))


@pytest.mark.parametrize("name", ["wave-unet", "metricgan-plus", "ssed", "band-pass", "own enhancer"])
def test_attacks_with_and_without_gradients_take_such_a_batch(name: str) -> None:
    network, (waveforms, lengths) = made(KEEPING[name]), batch()
    searches = PGD(steps=2), Genetic(generator=torch.Generator().manual_seed(0), size=4, generations=2)
    for attack in searches:
        result = attack(network, wider(waveforms), Silence(), lengths=lengths)
        assert result.adversarial.shape == wider(waveforms).shape and not result.adversarial[1, SIZES[1] :].any()
