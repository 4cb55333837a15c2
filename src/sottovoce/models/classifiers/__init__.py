"""Classifiers of short clips: waveforms in, logits out."""

from sottovoce.models.base import load_one_of
from sottovoce.models.classifiers.base import Classifier
from sottovoce.models.classifiers.ds_cnn import DSCNN
from sottovoce.models.classifiers.mfcc import SquareMFCC, usual_mfcc
from sottovoce.models.classifiers.res8 import Res8
from sottovoce.models.classifiers.sample_cnn import SampleCNN
from sottovoce.models.classifiers.wide_resnet import WideResNet

ARCHITECTURES: dict[str, type[Classifier]] = {kind.architecture: kind for kind in (WideResNet, SampleCNN, DSCNN, Res8)}


def load_classifier(name: str) -> Classifier:
    """Load a classifier, in evaluation mode.

    Args:
        name: a bundled or downloaded model, or the path of weights with a card.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is not a classifier.
    """
    return load_one_of(name, ARCHITECTURES, "classifier")


__all__ = [
    "ARCHITECTURES",
    "DSCNN",
    "Classifier",
    "Res8",
    "SampleCNN",
    "SquareMFCC",
    "WideResNet",
    "load_classifier",
    "usual_mfcc",
]
