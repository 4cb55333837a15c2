"""The kind of corpus at a path is recognised."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.corpora import (
    Utterance,
    audio_files,
    load_corpus,
    load_pairs,
    read_gtzan,
    read_librispeech,
    read_speech_commands,
    read_voicebank_demand,
    write_manifest,
)
from sottovoce.corpora.gtzan import GENRES
from sottovoce.corpora.loading import is_hidden
from sottovoce.errors import SottovoceError


def test_known_layouts_are_recognised(librispeech: Path, voicebank: Path, speech_commands: Path, gtzan: Path) -> None:
    assert load_corpus(librispeech) == read_librispeech(librispeech)
    assert load_corpus(voicebank) == [pair.clean for pair in read_voicebank_demand(voicebank)]
    assert load_corpus(speech_commands) == read_speech_commands(speech_commands)
    assert load_corpus(gtzan) == read_gtzan(gtzan)


def test_the_ten_genres_are_gtzan_without_the_folder_above_them(tmp_path: Path, touch) -> None:
    touch(*(tmp_path / genre / f"{genre}.{number:05}.wav" for genre in GENRES for number in range(10)))
    assert {(u.label, u.split) for u in load_corpus(tmp_path)} == {
        (genre, split) for genre in GENRES for split in ("train", "valid", "test")
    }


def test_a_csv_file_is_a_manifest(tmp_path: Path) -> None:
    utterances = [Utterance(tmp_path.resolve() / "x.wav", "valid")]
    write_manifest(tmp_path / "list.csv", utterances)
    assert [utterance.split for utterance in load_corpus(tmp_path / "list.csv")] == ["valid"]


def test_all_sound_files_of_another_folder_are_listed(tmp_path: Path, touch) -> None:
    touch(tmp_path / "b.WAV", tmp_path / "noise" / "a.flac", tmp_path / "notes.txt")
    assert audio_files(tmp_path) == [tmp_path / "b.WAV", tmp_path / "noise" / "a.flac"]
    assert load_corpus(tmp_path) == [
        Utterance(tmp_path / "b.WAV", "train", label=tmp_path.name),
        Utterance(tmp_path / "noise" / "a.flac", "train", label="noise"),
    ]


def test_hidden_files_are_listed_only_when_asked_for(tmp_path: Path, touch) -> None:
    names = ("a.wav", "._a.wav", ".trash/b.wav", "deep/.c.flac")
    touch(*(tmp_path / name for name in names), tmp_path / ".DS_Store")
    assert audio_files(tmp_path) == [tmp_path / "a.wav"]
    assert set(audio_files(tmp_path, hidden=True)) == {tmp_path / name for name in names}
    assert [is_hidden(Path(name)) for name in names] == [False, True, True, True]


def test_linked_folders_are_followed_once_and_loops_end(tmp_path: Path, touch) -> None:
    touch(tmp_path / "elsewhere" / "b.wav", tmp_path / "in" / "deep" / "a.wav")
    for name, target in {"again": "../elsewhere", "link": "../elsewhere", "deep/up": "..", "deep/self": "self"}.items():
        (tmp_path / "in" / name).symlink_to(target)
    (tmp_path / "in" / "linked.wav").symlink_to("deep/a.wav")
    (tmp_path / "in" / "lost.wav").symlink_to("nowhere.wav")
    found = [path.relative_to(tmp_path / "in").as_posix() for path in audio_files(tmp_path / "in")]
    assert found == ["again/b.wav", "deep/a.wav", "linked.wav", "lost.wav"]


def test_what_only_looks_like_a_sound_file_is_left_out(tmp_path: Path, touch) -> None:
    touch(tmp_path / "folder.wav" / "a.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert audio_files(tmp_path) == [tmp_path / "folder.wav" / "a.wav"]


def test_a_folder_that_cannot_be_listed_is_named_and_the_others_are(tmp_path: Path, touch, monkeypatch) -> None:
    touch(*(tmp_path / name / "a.wav" for name in ("closed", "open", ".hidden")))
    scandir = os.scandir

    def refuse(folder):
        if Path(folder).name in ("closed", ".hidden"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    failed: list[SottovoceError] = []
    assert audio_files(tmp_path, hidden=True, failed=failed.append) == [tmp_path / "open" / "a.wav"]
    assert [str(error) for error in failed] == [
        f"{tmp_path / 'closed'}: the folder cannot be listed (Permission denied); check its permissions"
    ]
    with pytest.raises(SottovoceError, match="closed: the folder cannot be listed"):
        audio_files(tmp_path)


NAMES = st.sampled_from(["a", "b", ".c"])


@settings(max_examples=30)
@given(
    files=st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join)),
    links=st.dictionaries(st.tuples(NAMES, NAMES).map("/".join), st.lists(NAMES, max_size=3).map("/".join)),
)
def test_every_sound_file_is_listed_exactly_once(files: set[str], links: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name, "top")
        top.mkdir()
        for file in files:
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / f"{file}.wav").touch()
        for link, target in links.items():
            (top / link).parent.mkdir(parents=True, exist_ok=True)
            if not (top / link).exists():
                (top / link).symlink_to(top / target, target_is_directory=True)
        found = [path.resolve() for path in audio_files(top, hidden=True)]
        assert sorted(found) == sorted((top / f"{file}.wav").resolve() for file in files)
        visible = [path for path in audio_files(top, hidden=True) if not is_hidden(path.relative_to(top))]
        assert audio_files(top) == visible


def test_a_folder_without_sound_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=str(without_files)):
        load_corpus(without_files)


def test_pairs_are_found_in_a_folder_a_manifest_and_voicebank_demand(voicebank: Path, tmp_path: Path, touch) -> None:
    touch(tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav", tmp_path / "noisy" / "b.wav")
    (pair,) = load_pairs(tmp_path)
    assert (pair.clean.path, pair.noisy.path) == (tmp_path / "clean" / "a.wav", tmp_path / "noisy" / "a.wav")
    resolved = tmp_path.resolve()
    write_manifest(tmp_path / "list.csv", [Utterance(resolved / side / "a.wav") for side in ("clean", "noisy")])
    assert [pair.noisy.path for pair in load_pairs(tmp_path / "list.csv")] == [tmp_path / "noisy" / "a.wav"]
    assert load_pairs(voicebank) == read_voicebank_demand(voicebank)


def test_a_folder_without_pairs_is_an_error(without_files: Path) -> None:
    with pytest.raises(SottovoceError, match=f"{without_files}: no pairs of files"):
        load_pairs(without_files)
