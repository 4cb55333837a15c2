"""Batches whose files lie elsewhere: in memory, on an S3, and there with the actors of a Ray."""

import hashlib
import json
from pathlib import Path

import fsspec
import pytest

from sottovoce.corpora import Utterance, write_manifest
from tests.cli.test_resuming import digests


@pytest.fixture(params=["memory", "s3"])
def there(request, tmp_path):
    """The address of an empty folder in memory or on an S3."""
    where = request.getfixturevalue("s3") if request.param == "s3" else "memory:/"
    return f"{where}/{tmp_path.name}"


@pytest.fixture
def corpus(tmp_path, sound):
    """A folder of three sounds, and what one process makes of them."""
    for number in range(3):
        sound(f"in/p{number % 2}/{number}.wav", seconds=0.5 + 0.1 * number)
    return tmp_path / "in"


def upload(folder: Path, address: str) -> None:
    system, name = fsspec.core.url_to_fs(address)
    for path in folder.rglob("*"):
        if path.is_file():
            system.pipe_file(f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def contents(address: str) -> dict[str, str]:
    system, name = fsspec.core.url_to_fs(address, use_listings_cache=False)
    files = system.find(name)
    return {file.removeprefix(name + "/"): hashlib.sha256(system.cat_file(file)).hexdigest() for file in files}


def test_a_batch_elsewhere_gives_the_files_of_one_here(corpus, there, tmp_path, run, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    upload(corpus, f"{there}/in")
    key = tmp_path / "a.key"
    run("keygen", key)
    protect = ("protect", "keyword", "--as", "right")
    assert run(*protect, corpus, "-o", tmp_path / "here")[0] == 0

    away = (*protect, f"{there}/in", "-o", f"{there}/out", "--key", key, "--report", f"{there}/report")
    code, out, err = run(*away)
    assert (code, err) == (0, "sottovoce: 3 of 3 files protected\n")
    assert f"{there}/in/p0/0.wav → {there}/out/p0/0.wav: " in out and "/temporary" not in out
    made = contents(f"{there}/out")
    assert {name: made[name] for name in made if name.endswith(".wav")} == digests(tmp_path / "here")
    assert len(made) == 6
    reports = contents(f"{there}/report")
    assert set(reports) == {"summary.csv", *(f"p{n % 2}/{n}.wav.report.json" for n in range(3))}
    text = fsspec.open(f"{there}/report/p1/1.wav.report.json").open().read()
    assert json.loads(text)["source"] == f"{there}/in/p1/1.wav" and b"/temporary" not in text

    monkeypatch.setenv("SOTTOVOCE_STATE", str(tmp_path / "another machine"))
    system, name = fsspec.core.url_to_fs(f"{there}/out/p1/1.wav")
    system.rm_file(name)
    code, out, err = run(*away)
    assert code == 0 and out.count("there already") == 2 and contents(f"{there}/out")["p1/1.wav"] == made["p1/1.wav"]
    assert err == "sottovoce: 1 of 3 files protected; 2 there already, not looked into\n"

    assert run("restore", f"{there}/out", "-o", f"{there}/again", "--key", key)[0] == 0
    assert contents(f"{there}/again") == digests(corpus)

    system.rm_file(f"{name}.veil")
    code, _, err = run(*away)
    assert code == 1 and "p1/1.wav: there already, without 1.wav.veil; --overwrite makes both" in err
    assert not list((tmp_path / "temporary").rglob("*.*"))


def test_patterns_manifests_and_single_files_lie_elsewhere_too(corpus, there, tmp_path, run) -> None:
    write_manifest(corpus / "list.csv", [Utterance(corpus / "p1" / "1.wav", "test")])
    upload(corpus, f"{there}/in")
    protect = ("protect", "keyword", "--as", "right")
    assert run(*protect, f"{there}/in/**/2.wav", f"{there}/in/list.csv", "-o", f"{there}/out")[0] == 0
    assert set(contents(f"{there}/out")) == {"p0/2.wav", "p1/1.wav"}
    assert run(*protect, f"{there}/in/p0/0.wav", "-o", tmp_path / "out.wav")[0] == 0
    assert run(*protect, corpus / "p0" / "0.wav", "-o", f"{there}/one.wav")[0] == 0
    digest = hashlib.sha256((tmp_path / "out.wav").read_bytes()).hexdigest()
    assert contents(f"{there}/one.wav") == {fsspec.core.url_to_fs(f"{there}/one.wav")[1]: digest}


def test_what_fails_elsewhere_is_named_as_the_person_knows_it(there, tmp_path, run) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.wav").write_bytes(b"no sound")
    upload(tmp_path / "in", f"{there}/in")
    protect = ("protect", "keyword", "--as", "right", "-o", f"{there}/out.wav")
    code, _, err = run(*protect, f"{there}/in/a.wav")
    assert code == 2 and err.startswith(f"sottovoce: {there}/in/a.wav: ") and err.count("\n") == 1
    assert run(*protect, f"{there}/in/b.wav") == (
        2,
        "",
        f"sottovoce: {there}/in/b.wav: no such file; check the name\n",
    )
    assert contents(f"{there}/out.wav") == {}


@pytest.mark.usefixtures("local_ray")
def test_actors_read_and_write_elsewhere(corpus, s3, tmp_path, run) -> None:
    there = f"{s3}/{tmp_path.name}"
    upload(corpus, f"{there}/in")
    protect = ("protect", "keyword", "--as", "right", "--jobs")
    assert run(*protect, "1", corpus, "-o", tmp_path / "here")[0] == 0
    assert run(*protect, "2", f"{there}/in", "-o", f"{there}/out", "--engine", "ray")[0] == 0
    assert contents(f"{there}/out") == digests(tmp_path / "here")
