"""The recipe of classifiers."""

import pytest
import torch

from sottovoce.models.classifiers import SampleCNN, WideResNet, load_classifier
from sottovoce.training import classifier


def test_a_classifier_learns_and_its_weights_load(victim, clips) -> None:
    network = load_classifier(victim)
    assert network.labels == clips.labels
    assert network(clips.valid).argmax(-1).tolist() == clips.valid_classes.tolist()


def test_both_networks_are_made_to_their_settings(clips, fabric) -> None:
    small = classifier.WideResNetConfig(depth=10, width=1), classifier.SampleCNNConfig(channels=4)
    recipes = [classifier.ClassifierRecipe(clips, config, fabric) for config in small]
    assert [type(recipe.network) for recipe in recipes] == [WideResNet, SampleCNN]
    for recipe, config in zip(recipes, small, strict=True):
        card = recipe.card({"valid_accuracy": 0.5, "epoch": 0})
        assert card.config == {"labels": ["high", "low", "middle"], **config.shape()}
        assert "24 training clips" in card.data


def test_the_score_is_the_accuracy_and_the_loss_breaks_ties(clips, fabric) -> None:
    config = classifier.WideResNetConfig(depth=10, width=1)
    recipe = classifier.ClassifierRecipe(clips, config, fabric)
    found = recipe.validate()
    with torch.no_grad():
        chances = recipe.network(clips.valid).softmax(-1)
    own = chances[torch.arange(3), clips.valid_classes]
    assert found["valid_accuracy"] == pytest.approx(float((chances.argmax(-1) == clips.valid_classes).double().mean()))
    assert found["valid_loss"] == pytest.approx(float(-own.log().mean()), rel=1e-4)
    assert found["score"] == pytest.approx(found["valid_accuracy"] - 1e-3 * found["valid_loss"])
