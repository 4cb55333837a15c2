"""Files are written completely or not at all."""

import errno
import os
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.journal import is_ours
from sottovoce.writing import (
    Staged,
    check_name,
    folder_beside,
    make_folder,
    remove_leftovers,
    write_bytes,
    write_text,
    write_together,
)


def test_text_is_utf8_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    write_text(path, "Größe ≥ 20 dB\n")
    assert path.read_bytes() == "Größe ≥ 20 dB\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_bytes(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SottovoceError, match=r"x: the file cannot be written \(No space left on device\)"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_changes_if_one_of_them_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(SottovoceError, match=r"none/y: the file cannot be written"):
        write_together({path: b"new", tmp_path / "none" / "y": b"new"})
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_cannot_be_created_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SottovoceError, match="the folder cannot be created"):
        make_folder(tmp_path / "file" / "below")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_staged_files_appear_together_when_the_block_ends(tmp_path: Path) -> None:
    one, other = tmp_path / "a.wav", tmp_path / "a.wav.veil"
    one.write_bytes(b"old")
    with Staged() as staged:
        temporary = staged.write(one, b"new")
        staged.write(other, iter([b"in ", b"pieces"]))
        assert temporary.suffix == ".wav" and temporary.read_bytes() == b"new"
        assert one.read_bytes() == b"old" and not other.exists()
    assert (one.read_bytes(), other.read_bytes()) == (b"new", b"in pieces")
    assert sorted(tmp_path.iterdir()) == [one, other]


def test_nothing_is_left_of_staged_files_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Staged() as staged:
        staged.write(tmp_path / "a", b"new")
        raise KeyboardInterrupt
    with pytest.raises(SottovoceError, match="the file cannot be written"), Staged() as staged:
        staged.write(tmp_path / "a", b"new")
        staged.write(tmp_path / "none" / "b", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_replaced_takes_the_others_back(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    with pytest.raises(SottovoceError, match="folder: the file cannot be written"), Staged() as staged:
        staged.write(tmp_path / "a", b"new")
        staged.write(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_staged_files_have_their_mode_from_the_first_byte(tmp_path: Path) -> None:
    with Staged(0o600) as staged:
        assert staged.write(tmp_path / "a", b"secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_name_that_no_file_system_takes_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="cannot be written"), Staged() as staged:
        staged.write(tmp_path / ("n" * 300), b"")
    assert list(tmp_path.iterdir()) == []


def test_the_journal_knows_files_before_they_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, replace = [], os.replace

    def looking(temporary: Path, target: Path) -> None:
        known.append((target.name, is_ours(temporary)))
        replace(temporary, target)

    monkeypatch.setattr(os, "replace", looking)
    with Staged() as staged:
        staged.write(tmp_path / "protected.wav", b"protected, and killed right after")
    with Staged(ours=False) as staged:
        staged.write(tmp_path / "restored.wav", b"an original again")
    write_together({tmp_path / "report.csv": b"a report of our own"}, ours=True)
    assert known == [("protected.wav", True), ("restored.wav", False), ("report.csv", True)]


def test_leftovers_are_those_of_a_target_and_of_what_is_written_with_it(tmp_path: Path) -> None:
    killed, other = Staged(), Staged()
    left = [killed.write(tmp_path / name, b"") for name in ("a.wav", "a.wav.veil")]
    kept = other.write(tmp_path / "b.wav", b"")
    (tmp_path / "a.wav").touch()
    remove_leftovers([tmp_path / "a.wav", tmp_path / "none" / "b.wav"])
    assert not any(path.exists() for path in left) and kept.exists() and (tmp_path / "a.wav").exists()


def test_names_need_room_for_their_suffixes() -> None:
    check_name(Path("a" * 250), ".veil")
    for name, missing in (("a" * 251, 1), ("\u00e4" * 126, 2)):
        with pytest.raises(SottovoceError, match=f"{missing} bytes too long"):
            check_name(Path(name), ".veil")


def test_a_folder_that_was_left_goes_with_all_that_it_holds_and_no_other(tmp_path: Path) -> None:
    kept = [folder_beside(tmp_path / name) for name in ("a.mp4", "b.mp4")]
    for folder in kept:
        Path(folder.name, "half.mp4").write_bytes(b"x")
    remove_leftovers([tmp_path / "a.mp4"])
    assert [path.name for path in tmp_path.iterdir()] == [Path(kept[1].name).name]
