"""Paths of files elsewhere: named as local ones are, read and written through fsspec."""

import pickle
from pathlib import Path

import fsspec
import pytest

from sottovoce.errors import SottovoceError
from sottovoce.remote import Remote, place


@pytest.mark.parametrize("text", ["s3://bucket/a b/c.wav", "gs://b/x", "memory://a", "s3://bucket"])
def test_an_address_keeps_its_slashes(text: str) -> None:
    path = place(text)
    assert isinstance(path, Remote) and str(path) == text
    assert str(pickle.loads(pickle.dumps(path / "d.wav"))) == text + "/d.wav"


@pytest.mark.parametrize("text", ["a/b.wav", "c:/b.wav", "a:/b.wav", "what://"])
def test_what_is_no_address_is_a_path_of_this_machine(text: str) -> None:
    assert type(place(text)) is type(Path()) or text == "what://"


def test_a_file_of_this_machine_is_a_path_like_all() -> None:
    assert place("file:///tmp/a.wav") == Path("/tmp/a.wav") and type(place("file:///tmp/a.wav")) is type(Path())


def test_files_are_written_listed_and_read(tmp_path: Path) -> None:
    local = tmp_path / "a"
    local.write_bytes(b"sound")
    folder = Remote("memory://test_remote")
    (folder / "p1" / "a.wav").put(local)
    (folder / "b.wav").write_bytes(b"other")
    assert folder.files() == [folder / "b.wav", folder / "p1" / "a.wav"]
    assert (folder / "**" / "a*").files() == [folder / "p1" / "a.wav"]
    assert folder.is_dir() and not folder.is_file() and (folder / "b.wav").is_file()
    (folder / "p1" / "a.wav").fetch(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"sound" == fsspec.filesystem("memory").cat("/test_remote/p1/a.wav")


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("memory://nothing/a.wav", "memory://nothing/a.wav: no such file; check the name"),
        ("nowhere://a.wav", r"nowhere://a.wav: needs the extra 'cluster'"),
    ],
)
def test_what_cannot_be_read_is_one_line(address: str, complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint):
        Remote(address).read_bytes()
