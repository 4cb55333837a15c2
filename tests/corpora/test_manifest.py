"""Manifests are read as they were written; other files are errors."""

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.corpora import Utterance, load_corpus, read_manifest, write_manifest
from sottovoce.errors import SottovoceError

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
HEADER = "path,split,speaker,sex,seconds,text,label\n"


@given(
    rows=st.lists(
        st.tuples(
            TEXT.map(lambda name: name.replace("/", "_").strip(".") or "x"),
            st.sampled_from(["train", "valid", "test", ""]),
            TEXT,
            st.sampled_from(["M", "F", ""]),
            st.integers(min_value=0, max_value=10_000_000).map(lambda milliseconds: milliseconds / 1000),
            TEXT,
            TEXT,
        ),
        max_size=5,
    ),
    folder=st.sampled_from([".", "manifests"]),
)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]], folder: str) -> None:
    root = tmp_path_factory.getbasetemp().resolve() / "round-trip"
    (root / folder).mkdir(parents=True, exist_ok=True)
    utterances = [Utterance(root / "audio" / str(row[0]), *row[1:]) for row in rows]
    write_manifest(root / folder / "list.csv", utterances)
    assert read_manifest(root / folder / "list.csv") == utterances
    assert [path.name for path in (root / folder).iterdir() if path.is_file()] == ["list.csv"]


def test_a_manifest_moves_with_its_files_and_keeps_others_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    elsewhere = tmp_path.resolve() / "elsewhere.wav"
    write_manifest(tmp_path / "old" / "list.csv", [Utterance(tmp_path / "old" / "a.wav"), Utterance(elsewhere)])
    (tmp_path / "old").rename(tmp_path / "new")
    moved = [utterance.path for utterance in read_manifest(tmp_path / "new" / "list.csv")]
    assert moved == [tmp_path / "new" / "a.wav", elsewhere]


def test_other_columns_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "rirs.csv"
    path.write_text("t60," + HEADER + "0.5,a.wav,train,s,M,,HELLO,\n")
    assert read_manifest(path) == [Utterance(tmp_path / "a.wav", "train", "s", "M", 0.0, "HELLO")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path, rows = tmp_path / "list.csv", ['a.wav,test,s,M,"1,5","SCHÖN, JA",', ",,,,,,"]
    text = HEADER.replace(",", delimiter) + "".join(delimiter.join(next(csv.reader([row]))) + "\r\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    assert read_manifest(path) == [Utterance(tmp_path / "a.wav", "test", "s", "M", 1.5, "SCHÖN, JA")]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "lacks the columns"),
        (b"path,split\na.wav,train\n", "lacks the columns label, seconds, sex, speaker, text"),
        (HEADER.encode() + b"a.wav,train,s,M,long,HELLO,\n", "long"),
        (HEADER.encode() + b"a.wav,train,s\n", "fields"),
        (HEADER.encode() + b"a.wav,train,s,M,1,YES, NO,label\n", "fields"),
        (HEADER.encode() + b",train,s,M,1,YES,\n", "no path"),
        (HEADER.encode() + b"\xff\xfe.wav,train,s,M,1,,\n", "UTF-8"),
    ],
)
def test_what_is_no_manifest_is_named_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(SottovoceError, match=complaint) as error:
        read_manifest(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_missing_manifest_and_a_missing_folder_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")
    with pytest.raises(SottovoceError, match="cannot be written"):
        write_manifest(tmp_path / "none" / "list.csv", [])


def test_an_interrupted_write_leaves_the_old_manifest(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_manifest(path, [Utterance(tmp_path / "a.wav")])
    before = path.read_bytes()

    def interrupted():
        yield Utterance(tmp_path / "b.wav")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_manifest(path, interrupted())
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["list.csv"]


def test_shared_manifests_name_files_and_keep_speakers_apart(shared_data: Path) -> None:
    paths = sorted((shared_data / "manifests").glob("*.csv"))
    assert paths
    splits = defaultdict(set)
    for path in paths:
        utterances = load_corpus(path)
        assert utterances and all(utterance.path.is_file() for utterance in utterances), path
        for utterance in utterances:
            if utterance.speaker:
                splits[path.stem.split("-")[0], utterance.speaker].add(utterance.split)
    assert splits and not [speaker for speaker, found in splits.items() if {"train", "test"} <= found]
