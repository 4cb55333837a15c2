"""Where each file goes."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.cli.places import places
from sottovoce.corpora.manifest import COLUMNS
from sottovoce.errors import SottovoceError


def test_one_file_goes_to_the_output_and_several_below_it(tmp_path: Path) -> None:
    a, b = tmp_path / "a.wav", tmp_path / "b.wav"
    assert places([a], tmp_path / "x.wav").pairs == [(a, tmp_path / "x.wav")]
    assert places([a], tmp_path / "new").pairs == [(a, tmp_path / "new" / "a.wav")]
    (tmp_path / "folder.wav").mkdir()
    assert places([a], tmp_path / "folder.wav").pairs == [(a, tmp_path / "folder.wav" / "a.wav")]
    assert places([a, b], tmp_path / "folder.wav").pairs == [
        (each, tmp_path / "folder.wav" / each.name) for each in (a, b)
    ]
    assert places([a, b], tmp_path / "new").pairs == [(a, tmp_path / "new" / "a.wav"), (b, tmp_path / "new" / "b.wav")]


def test_files_of_a_folder_keep_their_paths_in_it(tmp_path: Path, touch) -> None:
    touch("in/deep/a.wav", "in/b.FLAC", "in/notes.txt")
    pairs = places([tmp_path / "in"], tmp_path / "out").pairs
    assert [target.relative_to(tmp_path / "out").as_posix() for _, target in pairs] == ["b.FLAC", "deep/a.wav"]


def test_two_files_never_go_to_one_place(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="would go there"):
        places([tmp_path / "x" / "a.wav", tmp_path / "y" / "a.wav"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SottovoceError, match="no sound files"):
        places([tmp_path / "empty"], tmp_path / "out")


def test_an_original_is_never_a_target(tmp_path: Path, touch) -> None:
    (a,) = touch("in/a.wav")
    with pytest.raises(SottovoceError, match="this is an original"):
        places([a], tmp_path / "in")
    for output in (tmp_path / "in", tmp_path):
        with pytest.raises(SottovoceError, match="lie in the output"):
            places([tmp_path / "in"], output)


def test_what_names_a_file_is_no_folder(tmp_path: Path, touch) -> None:
    a, b, existing = touch("in/a.wav", "in/b.wav", "existing")
    for sources in ([a, b], [tmp_path / "in"]):
        with pytest.raises(
            SottovoceError, match=r"two\.wav: this looks like a file; several sources, or a folder, need"
        ):
            places(sources, tmp_path / "two.wav")
        with pytest.raises(SottovoceError, match="existing: this is a file"):
            places(sources, existing)
    with pytest.raises(SottovoceError, match="existing: this is a file"):
        places([a], existing)


def test_hidden_files_and_those_in_the_output_are_passed_over_and_counted(tmp_path: Path, touch) -> None:
    touch("in/a.wav", "in/._a.wav", "in/.trash/b.wav", "in/.DS_Store", "in/out/a.wav")
    work = places([tmp_path / "in"], tmp_path / "in" / "out")
    assert [source.name for source, _ in work.pairs] == ["a.wav"] and (work.hidden, work.inside) == (2, 1)
    assert work.passed_over == "2 hidden files and 1 file in the output passed over"
    assert places([tmp_path / "in" / "a.wav"], tmp_path / "out").passed_over == ""


def test_a_folder_without_sound_does_not_stop_the_others(tmp_path: Path, touch) -> None:
    touch("a/a.wav", "b/notes.txt", "c/c.wav")
    work = places([tmp_path / name for name in "abc"], tmp_path / "out")
    assert [source.name for source, _ in work.pairs] == ["a.wav", "c.wav"]
    assert [str(error) for error in work.problems] == [f"{tmp_path / 'b'}: holds no sound files; name another folder"]


def test_patterns_and_manifests_keep_their_trees_below_the_output(tmp_path: Path, touch) -> None:
    touch("rec/p1/a.wav", "rec/p2/a.wav", "rec/p2/notes.txt", "rec/out/p1/a.wav")
    out = tmp_path / "rec" / "out"
    work = places([tmp_path / "rec" / "**" / "*.wav"], out)
    assert work.pairs == [(tmp_path / "rec" / p / "a.wav", out / p / "a.wav") for p in ("p1", "p2")]
    assert work.inside == 1
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"{','.join(COLUMNS)}\nrec/p2/a.wav,,,,2.5,,\n../else/b.wav,,,,,,\n")
    work = places([manifest], tmp_path / "out")
    sources, targets = zip(*work.pairs, strict=True)
    assert targets == (tmp_path / "out" / "rec" / "p2" / "a.wav", tmp_path / "out" / "b.wav")
    assert [work.seconds[source] for source in sources] == [2.5, 0.0]
    with pytest.raises(SottovoceError, match=r"list\.csv: this is a file"):
        places([manifest], manifest)


def test_a_pattern_or_manifest_without_files_is_a_problem(tmp_path: Path, touch) -> None:
    touch("a.wav", "notes.txt")
    with pytest.raises(SottovoceError, match=r"\*\.txt: matches no sound files"):
        places([tmp_path / "*.txt"], tmp_path / "out")
    (tmp_path / "empty.csv").write_text(",".join(COLUMNS) + "\n")
    assert "lists no files" in str(places([tmp_path / "a.wav", tmp_path / "empty.csv"], tmp_path / "out").problems[0])
    with pytest.raises(SottovoceError, match="the manifest cannot be read"):
        places([tmp_path / "none.csv"], tmp_path / "out")


TREE = st.dictionaries(
    st.lists(st.sampled_from(["a", "b", ".c", "out"]), min_size=1, max_size=3).map("/".join),
    st.sampled_from([".wav", ".FLAC", ".txt", ".webm"]),
)


@settings(max_examples=60)
@given(
    tree=TREE,
    chosen=st.lists(st.sampled_from(["", "a", "b", "a/b", "a.wav", "b.FLAC", "none.wav"]), min_size=1, unique=True),
    output=st.sampled_from(["out", "a", "a/out", "../out", "b/a", ".c"]),
)
def test_no_two_sources_share_a_target_and_no_source_is_one(
    tree: dict[str, str], chosen: list[str], output: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name, "top")
        for file, suffix in tree.items():
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / f"{file}{suffix}").touch()
        place = top / output
        try:
            work = places([top / each for each in chosen], place)
        except SottovoceError:
            return
        sources, targets = zip(*work.pairs, strict=True) if work.pairs else ((), ())
        assert len({target.resolve() for target in targets}) == len(targets)
        assert not {target.resolve() for target in targets} & {source.resolve() for source in sources}
        assert all(target.is_relative_to(place) for target in targets)


@settings(max_examples=40)
@given(tree=TREE, output=st.sampled_from(["out", "a/out", "../out"]))
def test_every_sound_file_of_a_folder_is_taken_or_counted(tree: dict[str, str], output: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name, "top")
        top.mkdir()
        for file, suffix in tree.items():
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / f"{file}{suffix}").touch()
        sounds = sum(suffix != ".txt" for suffix in tree.values())
        try:
            work = places([top], top / output)
        except SottovoceError as error:
            assert "holds no sound files" in str(error)
        else:
            assert len(work.pairs) + work.hidden + work.inside == sounds
