"""The library's face: everything by name, nothing before it is asked for."""

import subprocess
import sys

import pytest

import sottovoce


def test_everything_that_is_promised_is_there() -> None:
    for name in sottovoce.__all__:
        assert getattr(sottovoce, name) is not None
    assert set(dir(sottovoce)) >= {
        "protect_file",
        "Words",
        "Voice",
        "WordsAndVoice",
        "Keyword",
        "restore_file",
        "verify",
        "load",
    }
    with pytest.raises(AttributeError, match="no attribute 'protekt'"):
        _ = sottovoce.protekt


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("sottovoce", ("torch", "pydantic", "numpy")),
        ("sottovoce.attacks", ("pocketsphinx", "transformers", "pandas", "matplotlib", "sottovoce.models")),
        ("sottovoce.protections.words", ("pandas", "matplotlib", "parselmouth", "speechmos", "transformers")),
    ],
)
def test_importing_a_part_loads_no_other(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
