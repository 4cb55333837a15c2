"""What several commands make of what is typed."""

from pathlib import Path

import pytest

from sottovoce.cli.options import names, output_path, parsed, source_path
from sottovoce.errors import SottovoceError


def test_names_are_separated_by_commas() -> None:
    assert names("a") == ["a"] and names("a, b+c") == ["a", "b+c"]
    for wrong in ("", "a,", ",a", "a,,b"):
        with pytest.raises(SottovoceError, match="a name is empty"):
            names(wrong)


def test_settings_are_pairs() -> None:
    assert parsed(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"} and parsed(None) == {}
    with pytest.raises(SottovoceError, match="KEY=VALUE"):
        parsed(["a"])


def test_an_empty_name_is_not_the_current_folder() -> None:
    assert source_path("a.wav") == output_path("a.wav") == Path("a.wav") and output_path(".") == Path()
    for path_of in (source_path, output_path):
        with pytest.raises(SottovoceError, match="is empty"):
            path_of("")
    with pytest.raises(SottovoceError, match="standard output"):
        output_path("-")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("protect", "words", "", "-o", "y.wav"), "the name of a file to read is empty; check the command line"),
        (("enhance", "a.wav", "", "-o", "y"), "the name of a file to read is empty; check the command line"),
        (("enhance", "a.wav", "-o", ""), "the name of the output is empty; check the command line"),
        (("enhance", "a.wav", "-o", "-"), "'-': nothing is written to standard output; name a file or folder"),
        (
            ("protect", "voice", "a.wav", "-o", "b.wav", "--key", ""),
            "the name of a file to read is empty; check the command line",
        ),
        (("demo", "-o", ""), "the name of the output is empty; check the command line"),
        (("keygen", "s3://b/k"), "s3://b/k: this has to lie on this machine; copy it here first"),
        (("verify", "a.wav", "s3://b/b.wav"), "s3://b/b.wav: this has to lie on this machine; copy it here first"),
        (("keygen", ""), "the name of the output is empty; check the command line"),
    ],
)
def test_empty_arguments_are_refused_before_any_work(run, tmp_path, monkeypatch, words, line) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*words) == (2, "", f"sottovoce: {line}\n")
    assert list(tmp_path.iterdir()) == []
