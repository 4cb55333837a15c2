"""README and the quick starts do what they say: their commands, one after the other, with nothing but the bundle."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import soundfile

from sottovoce.cli import options
from sottovoce.processes import each
from sottovoce.workers import Done, Named, Told, Work
from tests.pages import blocks, run

RATE = 16_000
SAMPLES = 19_200  # eight times that fills DNSMOS' window
START = 4 * RATE


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a recording and a small corpus."""
    demo = files("sottovoce.data") / "demo.wav"
    for path, start in {
        tmp_path / "interview.wav": START,
        tmp_path / "corpus" / "speaker-0" / "a.flac": 0,
        tmp_path / "corpus" / "speaker-1" / "a.flac": START,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, soundfile.read(demo, start=start, frames=SAMPLES)[0], RATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(*pages: str) -> list[str]:
    """What pages show, each command once; nothing is installed, fetched or left running."""
    shown = dict.fromkeys(line for page in pages for line in blocks(page, "shell") if line.startswith("sottovoce "))
    return [line for line in shown if not line.startswith("sottovoce models fetch")]


def assert_restored(original: str, restored: str) -> None:
    """Bytes of a file, or of every file in a folder."""
    sources = sorted(Path(original).rglob("*.flac")) or [Path(original)]
    for source in sources:
        assert (Path(restored) / source.relative_to(original)).read_bytes() == source.read_bytes()


def sent(thing: Any) -> Any:
    """What comes out of a pipe between processes."""
    return pickle.loads(pickle.dumps(thing))


def in_this_process(
    build: Callable[[], Work], tasks: Sequence[Any], *, processes: int | None, told: Told, name: Named
) -> Iterator[Done]:
    """Does what other processes would do, which would load everything anew and know nothing of `low_effort`."""

    def heard(place: int, message: Any) -> None:
        told(place, sent(message))

    yield from map(sent, each(sent(build), sent(tasks), processes=processes and 1, told=heard, name=name))


@pytest.mark.usefixtures("here", "few_listeners", "low_effort", "no_dnsmos")
def test_the_commands_for_a_recording_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "each", in_this_process)
    typed = commands("README.md", "docs/start/recording.md")
    assert len(typed) >= 12
    for line in typed:
        run(line)
    assert_restored("interview.wav", "again.wav")
    for name in ("protected.wav", "hidden.wav", "quiet.wav", "sealed.wav", *Path("hidden").rglob("*.flac")):
        assert soundfile.info(name).frames == SAMPLES
    assert Path("report/protected.wav.json").is_file() and Path("measured/summary.csv").is_file()


@pytest.mark.usefixtures("here", "no_dnsmos")
def test_the_commands_for_a_corpus_work() -> None:
    typed = commands("docs/start/corpus.md")
    assert len(typed) >= 4
    for line in typed:
        with pytest.MonkeyPatch.context() as patch:
            if not line.startswith("sottovoce restore "):  # two real processes, which load no networks
                patch.setattr(options, "each", in_this_process)
            run(line)
    assert_restored("corpus", "again")


def test_the_script_of_the_quick_start_for_research_works() -> None:
    found: dict[str, Any] = {}
    exec("\n".join(blocks("docs/start/research.md", "python")), found)
    result, adaptive, waveforms = (found[name] for name in ("result", "adaptive", "waveforms"))
    assert (result.snr >= 20.0 - 1e-3).all() and result.adversarial.shape == waveforms.shape
    assert len(adaptive(waveforms)) == len(waveforms)
