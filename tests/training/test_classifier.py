"""The recipe of classifiers."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import DSCNN, Res8, SampleCNN, WideResNet, load_classifier
from sottovoce.training import classifier


def test_a_classifier_learns_and_its_weights_load(victim, clips) -> None:
    network = load_classifier(victim)
    assert network.labels == clips.labels
    assert network(clips.valid).argmax(-1).tolist() == clips.valid_classes.tolist()


def test_all_networks_are_made_to_their_settings(clips, fabric) -> None:
    small = (
        classifier.WideResNetConfig(depth=10, width=1),
        classifier.SampleCNNConfig(channels=4),
        classifier.DSCNNConfig(channels=8),
        classifier.Res8Config(channels=8),
    )
    recipes = [classifier.ClassifierRecipe(clips, config, fabric) for config in small]
    assert [type(recipe.network) for recipe in recipes] == [WideResNet, SampleCNN, DSCNN, Res8]
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


def test_adversarial_training_goes_on_from_weights_and_adds_the_loss_of_a_step(clips, fabric, victim, tmp_path) -> None:
    settings = {"initial": victim, "epochs": 1, "steps": 1, "batch": 6, "depth": 10, "width": 1, "lr": 1e-9}
    found = []
    for alpha in (1.0, 0.0):
        config = classifier.WideResNetConfig(alpha=alpha, epsilon=0.05, **settings)
        recipe = classifier.ClassifierRecipe(clips, config, fabric)
        assert torch.equal(recipe.network.linear.weight, load_classifier(victim).linear.weight)
        found.append(recipe.train_epoch(0)["loss"])
        notes = recipe.card({"valid_accuracy": 0.5, "epoch": 0}).notes
        assert ("adversarially" in notes) == (alpha == 0.0)
    assert found[1] > found[0]


def test_weights_of_other_labels_are_refused(clips, fabric) -> None:
    with pytest.raises(SottovoceError, match="made for the labels"):
        classifier.ClassifierRecipe(clips, classifier.WideResNetConfig(initial="wide-resnet"), fabric)
