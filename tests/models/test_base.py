"""Loading by name: a model of another kind is refused in one line, whoever asks."""

from collections.abc import Callable

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model
from sottovoce.models.classifiers import WideResNet, load_classifier
from sottovoce.models.enhancers import load_enhancer
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.weights.card import Card
from sottovoce.weights.store import save


@pytest.fixture
def classifier(tmp_path):
    network = WideResNet(("on", "off"), depth=10, width=1)
    config = {"labels": ["on", "off"], "depth": 10, "width": 1}
    words = {"name": "tiny", "kind": "classifier", "data": "none", "recipe": "none", "licence": "CC0-1.0"}
    save(
        tmp_path / "tiny",
        network.state_dict(),
        Card(architecture="wide-resnet", config=config, seed=0, metrics={}, **words),
    )
    return str(tmp_path / "tiny")


@pytest.mark.parametrize(("load", "what"), [(load_enhancer, "enhancer"), (load_speaker_encoder, "speaker encoder")])
def test_a_classifier_is_refused_by_what_wants_another_network(
    load: Callable[[str], Model], what: str, classifier: str
) -> None:
    with pytest.raises(SottovoceError, match=f"tiny: holds a wide-resnet model .needed: {what}."):
        load(classifier)


def test_an_enhancer_is_refused_where_a_classifier_is_wanted() -> None:
    with pytest.raises(SottovoceError, match="needed: classifier"):
        load_classifier("metricgan-plus")
