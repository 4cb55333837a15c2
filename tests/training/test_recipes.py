"""Recipes by name: their settings, the options they take, and the card that says how to repeat a training."""

from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.training import Machine, Material, segan, train
from sottovoce.training.recipes import RECIPES, check_options, parse
from sottovoce.weights import load

CPU = Machine("cpu")


def test_train_by_name(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    settings = {"width": "0.03125", "epochs": "1", "steps": "1", "batch": "1", "validation": "1", "mixing.snr": "0,5"}
    speech, noise = corpora
    best = train("segan", Material([speech], [noise]), tmp_path, settings, CPU)
    card, _ = load(best)
    assert card.config == {"width": 0.03125}
    assert speech.name in card.data and card.recipe.startswith("sottovoce train segan --speech")
    assert "--set mixing.snr=0,5" in card.recipe


def test_segan_refuses_excerpts_that_are_no_chunks(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="16384"):
        train("segan", Material([corpora[0]], [corpora[1]]), tmp_path, {"mixing.seconds": "0.5"}, CPU)


@pytest.mark.parametrize("name", RECIPES)
def test_the_defaults_of_every_recipe_are_in_their_ranges(name: str) -> None:
    assert parse(name, {}) == RECIPES[name].config()


def test_settings_are_parsed_to_their_types() -> None:
    config = parse("metricgan-plus", {"epochs": "7", "lr": "1e-3", "mixing.snr": "-3,9", "initial": "x"})
    assert (config.epochs, config.lr, config.mixing.snr) == (7, 1e-3, (-3.0, 9.0))
    assert parse("segan", {}) == segan.Config()


def test_victims_are_settings() -> None:
    assert parse("ssed", {"victims": "resemblyzer,ecapa-tdnn"}).victims == ("resemblyzer", "ecapa-tdnn")
    assert parse("advgan", {"victims": "wide-resnet,res8", "channels.noise": "20,30"}).channels.noise == (20.0, 30.0)
    assert parse("ecapa-tdnn", {"augmentation.tempi": "1.0"}).augmentation.tempi == (1.0,)


@pytest.mark.parametrize(
    ("name", "settings", "complaint"),
    [
        ("wavenet", {}, "no recipe 'wavenet'"),
        ("segan", {"depth": "3"}, "no setting 'depth'"),
        ("segan", {"mixing": "3"}, "no setting 'mixing'"),
        ("segan", {"mixing.colour": "3"}, "no setting 'mixing.colour'"),
        ("segan", {"epochs": "many"}, "epochs cannot be 'many'"),
        ("segan", {"mixing.snr": "3"}, "mixing.snr"),
        ("ecapa-tdnn", {"batch": "5000"}, "utterances must be at least the batch, 5000"),
    ],
)
def test_wrong_settings_are_named_in_one_line(name: str, settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint) as error:
        parse(name, settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "given", "complaint"),
    [
        ("segan", ["noise", "rooms"], "segan does not take --rooms; it takes --speech, --noise and --pairs"),
        ("wave-unet", ["victim"], "wave-unet does not take --victim; it takes --speech, --noise and --pairs"),
        ("ssed", ["target"], "ssed does not take --target; it takes --speech and --victim"),
        ("dnn", ["workers"], "dnn does not take --workers"),
        ("wavenet", [], "no recipe 'wavenet'; choose advgan, "),
    ],
)
def test_options_without_effect_are_refused(name: str, given: list[str], complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint):
        check_options(name, given)


def test_material_without_effect_is_refused_before_any_work(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(SottovoceError, match="ssed does not take --noise"):
        train("ssed", Material([nowhere], [nowhere]), tmp_path / "run", {}, CPU)
    assert not (tmp_path / "run").exists()


def test_every_recipe_says_what_it_trains_on() -> None:
    known = {*Material.__dataclass_fields__, "teacher", "victim", "target", "workers"}
    assert all("speech" in kind.options and known >= set(kind.options) for kind in RECIPES.values())
