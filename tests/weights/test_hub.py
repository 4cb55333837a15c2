import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce.errors import SottovoceError
from sottovoce.weights import Card, available, fetch, hub, load, save

huggingface_hub = pytest.importorskip("huggingface_hub")
COMMIT = "0" * 40


class Handler(http.server.SimpleHTTPRequestHandler):
    """As much of the hub as a download needs: `OWNER/NAME/resolve/main/FILE` with the two headers that its client
    wants, and the list of a repository's files."""

    def do_GET(self) -> None:
        if not self.path.startswith("/api/models/"):
            super().do_GET()
            return
        owner, name, kind = self.path.split("/")[3:6]
        folder = Path(self.directory, owner, name)
        if not folder.is_dir():
            self.send_error(404)
            return
        files = [(file.name, file.stat().st_size) for file in sorted(folder.iterdir())]
        revision = {"id": f"{owner}/{name}", "sha": COMMIT, "siblings": [{"rfilename": name} for name, _ in files]}
        tree = [{"type": "file", "path": name, "size": size, "oid": "1"} for name, size in files]
        answer = json.dumps(tree if kind == "tree" else revision)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.replace("/resolve/main/", "/").replace(f"/resolve/{COMMIT}/", "/"))

    def end_headers(self) -> None:
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", '"1"')
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The folder of a hub's repository `someone/models` with the model `tiny`."""
    folder = tmp_path / "hub" / "someone" / "models"
    card = Card(
        name="tiny",
        kind="enhancer",
        architecture="tiny",
        config={},
        data="made up",
        recipe="sottovoce train tiny",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(folder / "tiny", {"w": torch.arange(4.0)}, card)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def local_hub(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads are copies from `repository`."""

    def download(repo_id: str, filename: str, *, local_dir: str) -> str:
        return shutil.copy(repository.parents[1] / repo_id / filename, local_dir)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)


@pytest.fixture
def endpoint(repository: Path) -> Iterator[str]:
    handler = partial(Handler, directory=repository.parents[1])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_hubs_own_client_brings_a_model_into_the_cache(endpoint: str, cache: Path, tmp_path: Path) -> None:
    # The client reads HF_ENDPOINT when it is imported, so a process of its own.
    script = """
from sottovoce.errors import SottovoceError
from sottovoce.weights import fetch
print(fetch("someone/models", "tiny").name)
try:
    fetch("someone/models", "other")
except SottovoceError as error:
    print(error)
"""
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "127.0.0.1"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    name, complaint = run.stdout.splitlines()
    assert name == "tiny"
    assert "cannot fetch other from someone/models on the hub: " in complaint
    assert {path.name for path in cache.iterdir()} == {"tiny.safetensors", "tiny.json"}
    assert torch.equal(load("tiny")[1]["w"], torch.arange(4.0))


def test_the_hubs_own_client_brings_what_transformers_saved(
    endpoint: str, repository: Path, cache: Path, tmp_path: Path
) -> None:
    save_file({"w": torch.arange(4.0)}, repository / "model.safetensors")
    for name in ("config.json", "vocab.txt", "pytorch_model.bin", "README.md"):
        (repository / name).write_bytes(name.encode())
    script = """
from sottovoce.errors import SottovoceError
from sottovoce.weights.fetching import Hub, fetch_third_party
fetch_third_party("ears", Hub("someone/models"))
try:
    fetch_third_party("eyes", Hub("someone/else"))
except SottovoceError as error:
    print(error)
"""
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "127.0.0.1"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.startswith("cannot fetch the network from someone/else on the hub: ")
    assert run.stdout.endswith("; or give --folder\n") and len(run.stdout.splitlines()) == 1
    assert [path.name for path in cache.iterdir()] == ["ears"]
    brought = {path.name for path in (cache / "ears").iterdir()}
    assert brought == {"config.json", "model.safetensors", "tiny.json", "vocab.txt"}
    assert torch.equal(load_file(cache / "ears" / "model.safetensors")["w"], torch.arange(4.0))


def test_offline_is_one_line_and_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(SottovoceError, match="cannot fetch tiny") as caught:
        fetch("someone/models", "tiny")
    assert "\n" not in str(caught.value)
    assert not cache.exists()


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SottovoceError, match=r"pip install 'sottovoce\[hub\]'"):
        fetch("someone/models", "tiny")


@pytest.mark.usefixtures("local_hub")
def test_what_was_fetched_is_known_by_name(cache: Path) -> None:
    fetch("someone/models", "tiny")
    assert "tiny" in [card.name for card in available()]


@pytest.mark.usefixtures("local_hub")
def test_weights_that_are_not_the_cards_are_not_kept(repository: Path, cache: Path) -> None:
    weights = repository / "tiny.safetensors"
    weights.write_bytes(weights.read_bytes() + b"x")
    with pytest.raises(SottovoceError, match="sha256"):
        fetch("someone/models", "tiny")
    assert not cache.exists()


@pytest.mark.usefixtures("local_hub")
def test_a_card_of_another_name_is_not_kept(repository: Path, cache: Path) -> None:
    card = repository / "tiny.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"name": "else"}))
    with pytest.raises(SottovoceError, match="else"):
        fetch("someone/models", "tiny")
    assert not cache.exists()


@pytest.mark.usefixtures("local_hub")
def test_a_bundled_model_is_not_fetched(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "EMBEDDED", repository)
    with pytest.raises(SottovoceError, match="is bundled with sottovoce"):
        fetch("someone/models", "tiny")
