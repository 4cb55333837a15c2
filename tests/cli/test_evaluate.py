"""The evaluation of a folder."""


def test_an_evaluation_goes_on_after_a_pair_that_cannot_be_compared(run, tiny, sound, tmp_path):
    originals, protected = tmp_path / "originals", tmp_path / "protected"
    for folder in (originals, protected):
        for name in ("a.wav", "b.wav"):
            sound(f"{folder.name}/{name}")
    (protected / "b.wav").write_bytes(b"no sound")
    code, out, err = run("evaluate", originals, protected, "-o", tmp_path / "out", "--against", tiny)
    assert code == 1 and "b.wav" in err and "1 of 2 pairs" in err
    assert "protected_cer" in out
    rows = (tmp_path / "out" / "evaluation.csv").read_text().splitlines()
    assert len(rows) == 2 and rows[1].startswith(str(originals / "a.wav"))

    (protected / "a.wav").write_bytes(b"no sound either")
    code, _, err = run("evaluate", originals, protected, "-o", tmp_path / "none", "--against", tiny)
    assert code == 2 and "none of the 2 pairs" in err
    assert not (tmp_path / "none" / "evaluation.csv").exists()
