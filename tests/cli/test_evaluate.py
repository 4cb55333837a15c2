"""The evaluation of a folder."""

import csv

import pytest

pytestmark = pytest.mark.usefixtures("no_dnsmos")

HEADER = "path,split,speaker,sex,seconds,text,label"


@pytest.fixture
def corpus(sound, tmp_path):
    """Two originals of one name in two folders, and their copies."""
    for folder in ("originals", "protected"):
        for speaker in ("p1", "p2"):
            sound(f"{folder}/{speaker}/a.wav", seconds=0.4, subtype="PCM_16" if folder == "originals" else "PCM_U8")
    return tmp_path / "originals", tmp_path / "protected", "-o", tmp_path / "out"


@pytest.fixture
def who(tiny):
    return "--listeners", f"pocketsphinx,{tiny}"


def rows_of(folder):
    with (folder / "evaluation.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_an_evaluation_goes_on_after_a_pair_that_cannot_be_compared(run, who, sound, tmp_path):
    originals, protected = tmp_path / "originals", tmp_path / "protected"
    for folder in (originals, protected):
        for name in ("a.wav", "b.wav"):
            sound(f"{folder.name}/{name}", seconds=0.4)
    (protected / "b.wav").write_bytes(b"no sound")
    code, out, err = run("evaluate", originals, protected, "-o", tmp_path / "out", *who)
    assert code == 1 and "b.wav" in err and "1 of 2 pairs" in err
    assert "pesq_wb" in out
    rows = rows_of(tmp_path / "out")
    # the file, its enhancer, the recogniser alone and behind it, and the file that cannot be read
    assert [row["kind"] for row in rows] == ["file", "enhancer", "words", "words", "file"]
    assert rows[4]["file"] == str(originals / "b.wav") and "protected/b.wav" in rows[4]["problem"]

    (protected / "a.wav").write_bytes(b"no sound either")
    code, _, err = run("evaluate", originals, protected, "-o", tmp_path / "none", *who)
    assert code == 2 and "none of the 2 pairs" in err
    assert not (tmp_path / "none" / "evaluation.csv").exists()


def test_texts_are_given_by_path_and_missing_files_are_rows(run, who, tiny, sound, corpus, tmp_path):
    originals, protected, *_ = corpus
    sound("originals/p2/b.wav")
    sound("protected/p2/b.flac")
    (originals / "list.csv").write_text(f"{HEADER}\np2/a.wav,test,p2,M,1,ONE TWO,\n")
    code, out, err = run("evaluate", *corpus, *who, "--manifest", originals / "list.csv")
    assert code == 1
    assert f"{originals / 'p2' / 'b.wav'}: no copy" in err and f"{protected / 'p2' / 'b.flac'}: no original" in err
    assert "list.csv: gives the text of only 1 of the 2 originals" in err
    rows = {row["file"]: row for row in rows_of(tmp_path / "out") if row["kind"] == "file"}
    assert rows[str(originals / "p1" / "a.wav")]["reference"] == "pocketsphinx"
    assert rows[str(originals / "p2" / "a.wav")]["reference"] == "given"
    assert rows[str(originals / "p2" / "b.wav")]["problem"].startswith("no copy")
    assert len(rows) == 4
    assert tiny in out and "protected" in out and "…" not in out and "nan" not in out


def test_a_manifest_of_originals_gives_their_texts(run, who, corpus, tmp_path):
    manifest = corpus[0] / "list.csv"
    manifest.write_text(f"{HEADER}\np2/a.wav,test,p2,M,1,ONE TWO,\n")
    code, _, err = run("evaluate", manifest, *corpus[1:], *who, "--jobs", 1)
    assert (code, err) == (0, "")
    assert [(row["file"], row["reference"]) for row in rows_of(tmp_path / "out") if row["kind"] == "file"] == [
        (str(corpus[0] / "p2" / "a.wav"), "given")
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_manifests_from_spreadsheets_are_read(run, who, corpus, tmp_path, encoding):
    manifest = corpus[0] / "list.csv"
    text = f"{HEADER}\np1/a.wav,t,p1,M,1,ÄH,\np2/a.wav,t,p2,M,1.5,ONE,\n".replace(",", ";")
    manifest.write_bytes(text.encode(encoding))
    code, _, err = run("evaluate", *corpus, *who, "--manifest", manifest)
    assert code == 0 and "list.csv" not in err
    assert {row["reference"] for row in rows_of(tmp_path / "out")} == {"given"}


def test_who_was_attacked_is_marked_in_tables_and_rows(run, who, tiny, corpus, tmp_path):
    _, out, _ = run("evaluate", *corpus, *who, "--attacked", tiny)
    assert f"{tiny} (attacked)" in out and "pocketsphinx (attacked)" not in out
    marks = {(row["kind"], row["channel"]): row["attacked"] for row in rows_of(tmp_path / "out")}
    assert marks == {
        ("file", ""): "False",
        ("enhancer", tiny): "True",
        ("words", "as it is"): "False",
        ("words", tiny): "True",
    }


def test_a_manifest_of_other_files_is_said_to_fit_none(run, who, corpus):
    (corpus[0] / "list.csv").write_text(f"{HEADER}\np1/a.flac,test,p1,M,1,ONE TWO,\n")
    code, _, err = run("evaluate", *corpus, *who, "--manifest", corpus[0] / "list.csv")
    assert code == 0 and "list.csv: fits no original" in err
    assert "2 of 2 pairs have no word error rates" in err and "--manifest" in err


def test_results_that_were_not_written_here_stay(run, who, corpus, tmp_path):
    mine = tmp_path / "out" / "summary.csv"
    mine.parent.mkdir()
    mine.write_text("mine")
    code, _, err = run("evaluate", *corpus, *who)
    assert code == 2 and "summary.csv" in err and [path.name for path in mine.parent.iterdir()] == ["summary.csv"]
    assert run("evaluate", *corpus, *who, "--overwrite")[0] == 0 and mine.read_text() != "mine"
    assert run("evaluate", *corpus, *who)[0] == 0
    assert sorted(path.name for path in mine.parent.iterdir()) == ["evaluation.csv", "summary.csv"]
