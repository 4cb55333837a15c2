"""The verification of two files."""

import json


def test_two_files_are_compared_in_tables_sentences_and_json(run, tiny, sound, tmp_path):
    source, target = sound("a.wav"), sound("b.wav", seconds=1.0)
    code, out, _ = run("verify", source, target, "--against", tiny, "--text", "one two", "--report", tmp_path / "r")
    assert code == 0 and "What pocketsphinx hears" in out and "the true text" in out
    result = json.loads((tmp_path / "r" / "b.wav.json").read_text())
    assert result["reference"] == "one two" and list(result["behind"]) == [tiny]
    assert len(list((tmp_path / "r").glob("*.png"))) == 1


def test_files_that_do_not_belong_together_get_one_line(run, tiny, sound, tmp_path):
    code, _, err = run("verify", sound("a.wav"), sound("b.wav", seconds=0.9), "--against", tiny)
    assert code == 2 and "not a copy" in err and err.count("\n") == 1
