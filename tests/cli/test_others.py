"""The other commands, end to end on tiny models."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from sottovoce import __version__
from sottovoce.cli.train import RECIPES
from sottovoce.models.enhancers import load_enhancer
from sottovoce.training.recipes import CONFIGS


def test_version(run):
    assert run("--version") == (0, f"sottovoce {__version__}\n", "")


def test_a_card_is_printed_and_an_unknown_model_is_an_error(run, tiny):
    assert json.loads(run("models", "info", tiny)[1])["architecture"] == "segan"
    assert run("models", "list")[0] == 0
    code, _, err = run("models", "info", "nobody")
    assert code == 2 and err.startswith("sottovoce: no model 'nobody'")


def test_the_demo_protects_and_verifies(run, tiny, tmp_path):
    code, out, _ = run("demo", "-o", tmp_path / "demo", "--against", tiny)
    assert code == 0
    assert "What pocketsphinx hears" in out and "the true text" in out
    assert soundfile.info(tmp_path / "demo" / "protected.wav").samplerate == 16_000


def test_a_folder_is_enhanced_and_a_bad_file_in_it_is_named(run, tiny, sound, tmp_path):
    for name in ("noisy/a.wav", "noisy/b.wav"):
        sound(name)
    (tmp_path / "noisy" / "b.wav").write_bytes(b"no sound")
    code, out, err = run("enhance", tmp_path / "noisy", "-o", tmp_path / "clean", "--with", tiny)
    assert code == 1 and out.strip().endswith("a.wav: enhanced") and "1 of 2 files were not enhanced" in err
    assert [path.name for path in (tmp_path / "clean").iterdir()] == ["a.wav"]


def test_an_evaluation_goes_on_after_a_pair_that_cannot_be_compared(run, tiny, sound, tmp_path):
    originals, protected = tmp_path / "originals", tmp_path / "protected"
    for folder in (originals, protected):
        for name in ("a.wav", "b.wav"):
            sound(f"{folder.name}/{name}")
    (protected / "b.wav").write_bytes(b"no sound")
    code, out, err = run("evaluate", originals, protected, "-o", tmp_path / "out", "--against", tiny)
    assert code == 1 and "b.wav" in err and "1 of 2 pairs" in err
    assert "protected_cer" in out
    rows = (tmp_path / "out" / "evaluation.csv").read_text().splitlines()
    assert len(rows) == 2 and rows[1].startswith(str(originals / "a.wav"))

    (protected / "a.wav").write_bytes(b"no sound either")
    code, _, err = run("evaluate", originals, protected, "-o", tmp_path / "none", "--against", tiny)
    assert code == 2 and "none of the 2 pairs" in err
    assert not (tmp_path / "none" / "evaluation.csv").exists()


def test_a_bench_without_its_data_gets_one_line(run, tmp_path):
    code, _, err = run("bench", "enhancement", "--data", tmp_path / "nothing", "-o", tmp_path / "out")
    assert code == 2 and "nothing" in err and err.count("\n") == 1


@pytest.fixture
def corpora(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("speech", 3), ("noise", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            soundfile.write(tmp_path / name / f"{number}.wav", 0.1 * rng.normal(size=32_000), 16_000)
    return "--speech", tmp_path / "speech", "--noise", tmp_path / "noise"


def test_a_training_gives_weights_with_a_true_card(run, corpora, tmp_path):
    sizes = {"width": "0.015625", "epochs": "1", "steps": "1", "batch": "2", "validation": "2", "mixing.snr": "0,5"}
    options = [word for key, value in sizes.items() for word in ("--set", f"{key}={value}")]
    code, _, _ = run("train", "segan", *corpora, "-o", tmp_path / "run", "--accelerator", "cpu", *options)
    assert code == 0
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


def test_material_that_a_recipe_has_no_use_for_gets_one_line(run, corpora, tmp_path):
    code, _, err = run("train", "ssed", *corpora, "-o", tmp_path / "run")
    assert code == 2 and "no use for --noise" in err and err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_metricgan_plus_trains_from_the_command_line(run, corpora, tmp_path):
    sizes = {"epochs": "1", "warm_epochs": "1", "warm_utterances": "2", "warm_batch": "2", "validation": "1"}
    options = [word for key, value in sizes.items() for word in ("--set", f"{key}={value}")]
    code, _, _ = run(
        "train", "metricgan-plus", *corpora, "-o", tmp_path / "run", "--accelerator", "cpu", "--workers", 1, *options
    )
    assert code == 0
    assert load_enhancer(str(tmp_path / "run" / "best")).architecture == "metricgan-plus"


def test_the_help_of_train_names_all_recipes():
    assert tuple(CONFIGS) == RECIPES


def test_rendering_music_without_its_soundfont_gets_one_line(run, tmp_path):
    code, _, err = run("render-music", "-o", tmp_path / "songs", "--soundfont", tmp_path / "none.sf2")
    assert code == 2 and "apt install fluidsynth" in err and not (tmp_path / "songs").exists()


@pytest.mark.parametrize(
    ("name", "setting", "part"),
    [
        ("nobody", "epochs=1", "no recipe"),
        ("segan", "epoch=1", "no setting"),
        ("segan", "mixing=1", "no setting"),
        ("segan", "epochs=many", "epochs"),
        ("segan", "epochs", "KEY=VALUE"),
    ],
)
def test_a_wrong_training_setting_gets_one_line(run, corpora, tmp_path, name, setting, part):
    code, _, err = run("train", name, *corpora, "-o", tmp_path / "run", "--set", setting)
    assert code == 2
    assert part in err and err.count("\n") == 1
