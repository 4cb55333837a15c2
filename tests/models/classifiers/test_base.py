"""What all classifiers do with short, long and many clips, and with labels."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import DSCNN, Res8, SampleCNN, WideResNet

LABELS = ("yes", "no", "up")
SMALL = {
    "wide-resnet": lambda: WideResNet(LABELS, depth=10, width=1),
    "sample-cnn": lambda: SampleCNN(LABELS, channels=4),
    "ds-cnn": lambda: DSCNN(LABELS, channels=8),
    "res8": lambda: Res8(LABELS, channels=8),
}


@pytest.fixture(scope="module", params=SMALL.values(), ids=SMALL)
def classifier(request):
    torch.manual_seed(0)
    return request.param().eval()


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


def test_predictions_do_not_depend_on_how_many_there_are(classifier) -> None:
    clips = 0.1 * torch.randn(70, 4000, generator=torch.Generator().manual_seed(0))
    lengths = torch.randint(1000, 4001, (70,), generator=torch.Generator().manual_seed(1))
    together = classifier.predict(clips, lengths)
    assert together[60:] == classifier.predict(clips[60:], lengths[60:])
    with torch.no_grad():
        assert together[:9] == [LABELS[number] for number in classifier(clips[:9], lengths[:9]).argmax(-1).tolist()]
