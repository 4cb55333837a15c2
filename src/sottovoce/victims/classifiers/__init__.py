"""Classifiers of short clips: waveforms in, logits out."""

from sottovoce.errors import SottovoceError
from sottovoce.models import store
from sottovoce.victims.classifiers.base import Classifier
from sottovoce.victims.classifiers.mfcc import SquareMFCC
from sottovoce.victims.classifiers.sample_cnn import SampleCNN
from sottovoce.victims.classifiers.wide_resnet import WideResNet

ARCHITECTURES: dict[str, type[Classifier]] = {kind.architecture: kind for kind in (WideResNet, SampleCNN)}


def load_classifier(name: str) -> Classifier:
    """The classifier called `name`, in evaluation mode.

    Args:
        name: an embedded or fetched model, or the path of weights with their card.

    Raises:
        SottovoceError: if there is no such model, its file is damaged, or it is no classifier.
    """
    card, state = store.load(name)
    if card.architecture not in ARCHITECTURES:
        raise SottovoceError(f"{name}: holds a {card.architecture} model, no classifier.")
    return ARCHITECTURES[card.architecture].from_state(card.config, state)


__all__ = ["Classifier", "SampleCNN", "SquareMFCC", "WideResNet", "load_classifier"]
