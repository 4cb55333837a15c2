"""What files, folders, patterns and manifests stand for."""

from pathlib import Path

import pytest

from sottovoce.corpora.manifest import COLUMNS
from sottovoce.corpora.selection import folder_of, is_pattern, is_single, select


def names(source: Path) -> list[str]:
    return [each.name.as_posix() for each in select(source)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/*.wav", ["a.wav", "x/b.wav", "x/y/c.wav"]),
        ("*", ["a.wav", "x/b.wav", "x/d.flac", "x/y/c.wav"]),  # the folder x, as a shell would name it
        ("x/*.wav", ["b.wav"]),
        ("x/?.*", ["b.wav", "d.flac"]),
        ("*/y/[c-e].wav", ["x/y/c.wav"]),
        ("**", ["a.wav", "x/b.wav", "x/d.flac", "x/y/c.wav"]),
        ("*.mp3", []),
    ],
)
def test_a_pattern_stands_for_sound_files_by_their_paths_below_its_fixed_part(tmp_path, touch, pattern, found) -> None:
    touch(*(tmp_path / name for name in ("a.wav", "x/b.wav", "x/d.flac", "x/y/c.wav", "x/notes.txt", ".z/e.wav")))
    assert names(tmp_path / pattern) == found


def test_a_relative_pattern_begins_here(tmp_path, touch, monkeypatch) -> None:
    touch(tmp_path / "a.wav", tmp_path / "x" / "b.wav")
    monkeypatch.chdir(tmp_path)
    assert names(Path("*.wav")) == ["a.wav"] and names(Path("**/*.wav")) == ["a.wav", "x/b.wav"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path, touch) -> None:
    touch(tmp_path / "take[1].wav", tmp_path / "take1.wav")
    assert is_single(tmp_path / "take[1].wav") and names(tmp_path / "take[1].wav") == ["take[1].wav"]
    assert is_pattern(tmp_path / "take[12].wav") and folder_of(tmp_path / "take[12].wav") == tmp_path


def test_no_path_in_a_manifest_leads_out_of_the_output(tmp_path, monkeypatch) -> None:
    (tmp_path / "lists" / "manifests").mkdir(parents=True)
    rows = ("x/a.wav", "../b.wav", "x/../../c.wav", "/d.wav")
    text = ",".join(COLUMNS) + "\n" + "".join(f"{row},,,,1.5,,\n" for row in rows)
    (tmp_path / "lists" / "manifests" / "list.csv").write_text(text)
    (tmp_path / "lists" / "list.csv").write_text(text)
    monkeypatch.chdir(tmp_path / "lists")
    for manifest in (Path("list.csv"), Path("manifests/list.csv"), tmp_path / "lists" / "list.csv"):
        assert names(manifest) == ["x/a.wav", "b.wav", "c.wav", "d.wav"]
        assert {each.seconds for each in select(manifest)} == {1.5}
