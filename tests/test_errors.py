"""Any error is told in one line."""

import pytest

from sottovoce.errors import SottovoceError, explained


def test_errors_are_told_in_one_line_that_names_the_file(tmp_path) -> None:
    class OutOfMemoryError(RuntimeError):
        """As torch's for the GPU."""

    file = tmp_path / "a.wav"
    assert explained(SottovoceError("b.wav: damaged"), file) == "b.wav: damaged"
    assert explained(ValueError("one\n two."), file) == f"{file}: unexpected ValueError: one two; --debug shows where"
    assert explained(ValueError()) == "unexpected ValueError; --debug shows where"
    for error in (MemoryError(), OutOfMemoryError("CUDA out of memory. Tried to allocate")):
        assert explained(error, file).startswith(f"{file}: out of memory;")
    with pytest.raises(FileNotFoundError) as missing:
        file.read_bytes()
    assert explained(missing.value) == f"No such file or directory ({file}); --debug shows where"
    assert explained(KeyError("a"), more="see the log") == "unexpected KeyError: 'a'; see the log"


def test_what_a_file_says_cannot_steer_a_terminal() -> None:
    said = "a.csv: row \x1b[2J\r\n\u202e\u2028\udcff é ж 声"
    expected = r"a.csv: row \x1b[2J\r\n\u202e\u2028\udcff é ж 声"
    assert str(SottovoceError(said)) == expected
    assert explained(ValueError("\x1b]0;title\x07"), more="see") == r"unexpected ValueError: \x1b]0;title\x07; see"
