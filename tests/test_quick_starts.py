"""The quick starts do what they say: their commands, one after the other, on a machine with nothing but the bundle."""

import shlex
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from sottovoce.cli import main

START = Path(__file__).parents[1] / "docs" / "start"


def blocks(page: str, language: str) -> list[str]:
    """The indented lines of a page that are commands, or those that are not."""
    lines = [line[4:] for line in (START / page).read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    shell = [line for line in lines if line.startswith(("sottovoce ", "pip ", "python "))]
    return shell if language == "shell" else [line for line in lines if line not in shell]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a recording and a small corpus."""
    samples, rate = soundfile.read(str(files("sottovoce.data") / "demo.wav"))
    soundfile.write(tmp_path / "interview.wav", samples[: 5 * rate // 2], rate)
    for number, piece in enumerate(np.array_split(samples[: 2 * rate], 2)):
        path = tmp_path / "corpus" / f"speaker-{number}" / "a.flac"
        path.parent.mkdir(parents=True)
        soundfile.write(path, piece, rate)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["recording.md", "corpus.md"])
def test_the_commands_of_a_quick_start_work(page: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = [line for line in blocks(page, "shell") if not line.startswith(("pip ", "sottovoce models fetch"))]
    assert len(typed) >= 4
    for line in typed:
        monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, line
    originals = {"recording.md": {"interview.wav": "again.wav"}, "corpus.md": {"corpus": "again"}}[page]
    for original, restored in originals.items():
        pairs = [(Path(original), Path(restored))]
        if Path(original).is_dir():
            pairs = [(path, Path(restored) / path.relative_to(original)) for path in Path(original).rglob("*.flac")]
        assert pairs and all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def test_the_script_of_the_quick_start_for_research_works() -> None:
    found: dict[str, Any] = {}
    exec("\n".join(blocks("research.md", "python")), found)
    result, adaptive, waveforms = (found[name] for name in ("result", "adaptive", "waveforms"))
    assert (result.snr >= 20.0 - 1e-3).all() and result.adversarial.shape == waveforms.shape
    assert len(adaptive(waveforms)) == len(waveforms)
