"""Loading by name: another kind of model, a wrong config and unfitting weights are each refused in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sottovoce
from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model
from sottovoce.models.classifiers import WideResNet, load_classifier
from sottovoce.models.enhancers import SEGAN, load_enhancer
from sottovoce.models.loading import load_listener
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers import SSED
from sottovoce.weights.card import Card
from sottovoce.weights.store import save

CONFIG: dict[str, object] = {"labels": ["on", "off"], "depth": 10, "width": 1}


def saved(path: Path, config: dict[str, object]) -> str:
    """The name of a tiny classifier whose card holds `config`, whatever its weights are."""
    card = Card(
        name="tiny",
        kind="classifier",
        architecture="wide-resnet",
        config=config,
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(path, WideResNet(("on", "off"), depth=10, width=1).state_dict(), card)
    return str(path)


@pytest.fixture
def classifier(tmp_path: Path) -> str:
    return saved(tmp_path / "tiny", CONFIG)


@pytest.mark.parametrize(("load", "what"), [(load_enhancer, "enhancer"), (load_speaker_encoder, "speaker encoder")])
def test_a_classifier_is_refused_by_what_wants_another_network(
    load: Callable[[str], Model], what: str, classifier: str
) -> None:
    with pytest.raises(SottovoceError, match=f"tiny: holds a wide-resnet model .needed: {what}."):
        load(classifier)


def test_an_enhancer_is_refused_where_a_classifier_is_wanted() -> None:
    with pytest.raises(SottovoceError, match="needed: classifier"):
        load_classifier("metricgan-plus")


@pytest.mark.parametrize("load", [load_classifier, WideResNet.load, load_listener, sottovoce.load])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"depth": 11}, "depth is 11, but must be"),  # refused by the constructor
        ({"width": -1}, "negative dimension"),  # refused by PyTorch
        ({"width": True}, "width is True"),
        ({"depth": "ten"}, "depth is 'ten'"),
        ({"labels": "on"}, "labels is 'on'"),  # would be the labels "o" and "n"
        ({"colour": "red"}, "colour"),
        ({"width": 3000}, "larger than its weights"),  # would take tens of GB
    ],
)
def test_a_config_that_the_network_refuses_is_one_line(
    load: Callable[[str], object], change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    assert reason in refusal(load, saved(tmp_path / "tiny", CONFIG | change))


@pytest.mark.parametrize("load", [load_classifier, WideResNet.load, load_listener, sottovoce.load])
@pytest.mark.parametrize("change", [{"width": 2}, {"labels": ["a", "b", "c"]}, {"depth": 16}])
def test_weights_that_do_not_fit_their_config_are_one_line(
    load: Callable[[str], object], change: dict[str, object], tmp_path: Path
) -> None:
    assert "the weights do not fit" in refusal(load, saved(tmp_path / "tiny", CONFIG | change))


def refusal(load: Callable[[str], object], name: str) -> str:
    with pytest.raises(SottovoceError) as error:
        load(name)
    message = str(error.value)
    assert message.startswith(name) and "\n" not in message and len(message) < len(name) + 300
    return message


def test_a_config_without_a_required_argument_names_it() -> None:
    with pytest.raises(SottovoceError, match=r"wide-resnet: .*'labels'"):
        WideResNet.from_state({}, {})


def test_a_config_has_finite_numbers() -> None:
    with pytest.raises(SottovoceError, match="width is nan"):
        SEGAN.from_state({"width": float("nan")}, {})


def test_whole_numbers_stand_for_floating_point_ones() -> None:
    config: dict[str, object] = {"channels": 2, "blocks": 1, "epsilon": 1}
    assert SSED.from_state(config, SSED(channels=2, blocks=1).state_dict()).epsilon == 1.0
