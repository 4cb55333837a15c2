"""`sottovoce train`, end to end on tiny networks."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from sottovoce.cli.train import RECIPES, WORKERS
from sottovoce.models.enhancers import load_enhancer
from sottovoce.training import Machine, recipes


@pytest.fixture
def corpora(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("speech", 3), ("noise", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            soundfile.write(tmp_path / name / f"{number}.wav", 0.1 * rng.normal(size=32_000), 16_000)
    return "--speech", tmp_path / "speech", "--noise", tmp_path / "noise"


def test_the_help_names_all_recipes_and_the_default_of_workers(run):
    assert tuple(recipes.RECIPES) == RECIPES
    assert Machine().workers == WORKERS
    code, out, _ = run("train", "--help")
    assert code == 0 and all(name in out for name in RECIPES)


def test_a_training_gives_weights_with_a_true_card(run, corpora, tmp_path):
    sizes = {"width": "0.015625", "epochs": "1", "steps": "1", "batch": "2", "validation": "2", "mixing.snr": "0,5"}
    options = [word for key, value in sizes.items() for word in ("--set", f"{key}={value}")]
    code, out, _ = run("train", "segan", *corpora, "-o", tmp_path / "run", "--device", "cpu", *options)
    assert code == 0 and str(tmp_path / "run" / "best.safetensors") in out
    assert load_enhancer(str(tmp_path / "run" / "best")).architecture == "segan"
    card = json.loads((tmp_path / "run" / "best.json").read_text())
    assert card["data"] == "speech: speech; noise: noise"
    assert card["recipe"].startswith("sottovoce train segan --speech speech --noise noise --set width=0.015625")


def test_stored_pairs_are_on_the_card_and_none_gets_one_line(run, corpora, tmp_path):
    sizes = {"levels": "2", "width": "0.2", "epochs": "1", "steps": "1", "batch": "2", "validation": "2"}
    options = [word for key, value in sizes.items() for word in ("--set", f"{key}={value}")]
    stored = tmp_path / "stored"
    command = ["train", "wave-unet", *corpora, "--pairs", stored, "-o", tmp_path / "run", *options]
    for side in ("clean", "noisy"):
        code, _, err = run(*command)
        assert code == 2 and "no pairs of files" in err and err.count("\n") == 1
        shutil.copytree(tmp_path / "speech", stored / side)
    assert run(*command)[0] == 0
    card = json.loads((tmp_path / "run" / "best.json").read_text())
    assert card["data"] == "speech: speech; noise: noise; pairs: stored" and "--pairs stored" in card["recipe"]


def test_metricgan_plus_trains_from_the_command_line(run, corpora, tmp_path):
    sizes = {"epochs": "1", "warm_epochs": "1", "warm_utterances": "2", "warm_batch": "2", "validation": "1"}
    options = [word for key, value in sizes.items() for word in ("--set", f"{key}={value}")]
    code, _, _ = run(
        "train", "metricgan-plus", *corpora, "-o", tmp_path / "run", "--device", "cpu", "--workers", 1, *options
    )
    assert code == 0
    assert load_enhancer(str(tmp_path / "run" / "best")).architecture == "metricgan-plus"


def test_victims_and_the_target_become_settings(run, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(recipes, "train", lambda *words: asked.append(words) or tmp_path)
    common = "--speech", tmp_path, "-o", tmp_path
    assert run("train", "ssed", *common, "--victim", "a", "--victim", "b", "--set", "steps=3")[0] == 0
    assert (
        run("train", "advgan", *common, "--victim", "a", "--victim", "b", "--target", "yes", "--device", "cpu")[0] == 0
    )
    assert [words[3] for words in asked] == [{"steps": "3", "victims": "a,b"}, {"victims": "a,b", "target": "yes"}]
    assert asked[1][4] == Machine("cpu")


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("segan", ["--rooms", "x"], "segan does not take --rooms; it takes --speech, --noise and --pairs"),
        ("ssed", ["--pairs", "x"], "ssed does not take --pairs; it takes --speech and --victim"),
        ("wave-unet", ["--victim", "x"], "wave-unet does not take --victim"),
        ("dnn", ["--target", "x"], "dnn does not take --target"),
        ("dnn", ["--workers", "3"], "dnn does not take --workers"),
        ("metricgan-plus", ["--workers", "0"], "--workers 0: must be at least 1"),
        ("segan", ["--devices", "0"], "--devices 0: must be at least 1"),
        ("segan", ["--devices", "2", "--device", "cuda:0"], "cuda:0 is a single device"),
        ("segan", ["--device", "tpu"], "tpu"),
        ("nobody", ["--set", "epochs=1"], "no recipe"),
        ("segan", ["--set", "epoch=1"], "no setting 'epoch'; did you mean 'epochs'?"),
        ("segan", ["--set", "mixing=1"], "no setting"),
        ("segan", ["--set", "epochs=many"], "epochs"),
        ("segan", ["--set", "epochs=0"], "epochs"),
        ("segan", ["--set", "epochs"], "KEY=VALUE"),
    ],
)
def test_wrong_options_get_one_line_before_any_work(run, tmp_path, name, options, complaint):
    code, _, err = run("train", name, "--speech", tmp_path / "nowhere", "-o", tmp_path / "run", *options)
    assert code == 2 and complaint in err and err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_material_that_a_recipe_has_no_use_for_gets_one_line(run, corpora, tmp_path):
    code, _, err = run("train", "ssed", *corpora, "-o", tmp_path / "run")
    assert code == 2 and "does not take --noise" in err and err.count("\n") == 1
    assert not (tmp_path / "run").exists()
