"""The journal knows what was written and from what, and nothing that could tell on anybody."""

from pathlib import Path

import pytest

from sottovoce import journal
from sottovoce.errors import SottovoceError


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("SOTTOVOCE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_digest_is_that_of_fips_180(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert journal.sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(SottovoceError, match="none: cannot be read"):
        journal.sha256(tmp_path / "none")


def test_what_was_written_is_known_until_it_changes(tmp_path: Path) -> None:
    target, recipe = tmp_path / "a.wav", {"snr": 20.0, "source": "x"}
    target.write_bytes(b"protected")
    assert not journal.is_ours(target) and not journal.was_made_from(target, recipe)
    journal.note(target, recipe)
    assert journal.is_ours(target) and journal.was_made_from(target, {"source": "x", "snr": 20.0})
    assert not journal.was_made_from(target, recipe | {"snr": 21.0})
    target.write_bytes(b"edited")
    assert not journal.is_ours(target) and not journal.was_made_from(target, recipe)


def test_files_of_others_are_not_replaced_unless_it_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    journal.check_free(target, overwrite=False)
    target.write_bytes(b"a recording")
    with pytest.raises(SottovoceError, match="did not write; choose another output, or --overwrite"):
        journal.check_free(target, overwrite=False)
    journal.check_free(target, overwrite=True)
    journal.note(target, {})
    journal.check_free(target, overwrite=False)


def test_it_holds_no_names_and_no_content(tmp_path: Path, own_state: Path) -> None:
    target = tmp_path / "secret-interview.wav"
    target.write_bytes(b"words")
    journal.note(target, {"text": "PATTERSON", "source": "interview.wav"})
    told = " ".join(str(path.relative_to(own_state)) for path in own_state.rglob("*"))
    assert not any(word in told for word in ("interview", "PATTERSON", "secret"))
    assert all(path.stat().st_size == 0 for path in own_state.rglob("*") if path.is_file())


def test_a_state_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("SOTTOVOCE_STATE", str(tmp_path / "file"))
    target = tmp_path / "a.wav"
    target.write_bytes(b"x")
    journal.note(target, {})
    assert not journal.is_ours(target)
