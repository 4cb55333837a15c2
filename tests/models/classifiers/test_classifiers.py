"""Classifiers: features against another computation, published sizes, padding, labels."""

import numpy as np
import pytest
import scipy.fft
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import SampleCNN, SquareMFCC, WideResNet, load_classifier
from sottovoce.weights import Card, save

LABELS = ("yes", "no", "up")


@pytest.fixture(scope="module", params=["wide-resnet", "sample-cnn"])
def classifier(request):
    torch.manual_seed(0)
    made = WideResNet(LABELS, depth=10, width=1) if request.param == "wide-resnet" else SampleCNN(LABELS, channels=4)
    return made.eval()


def test_the_features_are_those_of_the_textbook() -> None:
    clip = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    samples = clip[0].double().numpy()
    emphasised = np.append(samples[0], samples[1:] - 0.97 * samples[:-1])
    power = np.abs(np.fft.rfft(emphasised.reshape(32, 500), 2048)) ** 2 / 2048
    mels = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 34)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.arange(1025) * 16_000 / 2048
    bands = np.stack([power @ np.interp(bins, edges[i : i + 3], [0, 1, 0]) for i in range(32)], axis=1)
    wanted = scipy.fft.dct(np.log(bands), norm="ortho") * (1 + 11 * np.sin(np.pi * np.arange(32) / 22))
    wanted[:, 0] = np.log(power.sum(1))
    np.testing.assert_allclose(SquareMFCC()(clip)[0].numpy(), wanted, atol=2e-3)


def test_sizes_are_the_published_ones() -> None:
    wide = WideResNet(LABELS)
    assert sum(isinstance(m, torch.nn.Conv2d) and m.kernel_size == (3, 3) for m in wide.modules()) == 25
    assert [block.conv2.out_channels for block in wide.blocks] == [160] * 4 + [320] * 4 + [640] * 4
    sample = SampleCNN(LABELS)
    assert sample.linear.in_features == 7680
    widths = [m.out_channels for m in sample.modules() if isinstance(m, torch.nn.Conv1d)]
    assert widths == [128, 128, 128, 256, 256, 256, 256, 256, 256, 512, 512]


@torch.no_grad()
def test_a_short_clip_is_filled_up_with_silence(classifier) -> None:
    clips = 0.1 * torch.randn(2, 9000, generator=torch.Generator().manual_seed(0))
    alone = classifier(clips[1:, :7000])
    together = classifier(clips, torch.tensor([9000, 7000]))
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=1e-5)


def test_a_gradient_reaches_the_whole_of_a_clip(classifier) -> None:
    clip = (0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))).requires_grad_()
    classifier(clip).square().sum().backward()
    assert clip.grad[0, :500].any() and clip.grad[0, -500:].any()
    assert (clip.grad != 0).float().mean() > 0.5  # maxima pass on to some samples only


def test_a_long_clip_and_an_unknown_label_are_refused(classifier) -> None:
    with pytest.raises(SottovoceError, match="cut the recording"):
        classifier(torch.zeros(1, 20_000))
    with pytest.raises(SottovoceError, match="choose yes, no, up"):
        classifier.label_number("down")
    assert classifier.label_number("no") == 1


def test_weights_load_with_their_labels(tmp_path) -> None:
    torch.manual_seed(0)
    network = WideResNet(LABELS, depth=10, width=1).eval()
    card = Card(
        name="tiny",
        kind="classifier",
        architecture="wide-resnet",
        config={"labels": list(LABELS), "depth": 10, "width": 1},
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(tmp_path / "tiny", network.state_dict(), card)
    loaded, clip = load_classifier(str(tmp_path / "tiny")), torch.randn(1, 16_000)
    assert loaded.predict(clip) == network.predict(clip) and loaded.labels == LABELS
