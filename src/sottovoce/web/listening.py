"""Two files to listen to and to look at, as they are and behind an enhancer."""

from collections.abc import Mapping
from pathlib import Path

from sottovoce.audio import files
from sottovoce.audio.views import hear_channels
from sottovoce.evaluation.enhance import enhance_file, load_enhancers
from sottovoce.evaluation.plot import draw
from sottovoce.models.registry import listeners
from sottovoce.web.results import Heard
from sottovoce.web.working import Meter
from sottovoce.writing import write_bytes

ORIGINAL, PROTECTED = "Original", "Protected"
SPECTROGRAMS = "Waveforms and spectrograms"


def listened(original: Path, protected: Path, folder: Path) -> Heard:
    """Two files as browsers play them, and their spectrograms.

    Raises:
        SottovoceError: a file cannot be read, or the folder not be written.
    """
    found = {ORIGINAL: original, PROTECTED: protected}
    sounds = {name: _playable(path, folder / f"{name.lower()}.flac") for name, path in found.items()}
    return Heard(sounds, {SPECTROGRAMS: _drawn(found, folder / "spectrograms.png")})


def enhancers() -> list[str]:
    """The enhancers that are on this machine, by name."""
    return [name for name, each in listeners().items() if each.kind == "enhancer" and each.missing() is None]


def enhanced(heard: Heard, name: str, folder: Path, meter: Meter) -> Heard:
    """The same with what an enhancer makes of both files.

    Args:
        heard: two files.
        name: the enhancer's, one of `enhancers()`.
        folder: an empty one.
        meter: kept up to date; ends the work when it is cancelled.

    Raises:
        SottovoceError: the enhancer is not here or fails.
        CancelledError: the work is no longer wanted.
    """
    meter.begin(f"loading {name}")
    enhancer = load_enhancers([name])[name]
    sounds = {each: heard.sounds[each] for each in (ORIGINAL, PROTECTED)}
    for each in (ORIGINAL, PROTECTED):
        meter.begin(f"{each.lower()} through {name}")
        path = folder / f"{each.lower()}-enhanced.flac"
        enhance_file(heard.sounds[each], path, enhancer, meter)
        sounds[f"{each} after {name}"] = path
    picture = _drawn(sounds, folder / "spectrograms.png")
    return Heard(sounds, {**heard.pictures, SPECTROGRAMS: picture})


def _playable(path: Path, target: Path) -> Path:
    """A copy that every browser plays."""
    write_bytes(target, files.encoded(target, files.opened(path)))
    return target


def _drawn(sounds: Mapping[str, Path], target: Path) -> Path:
    draw(target, {name: hear_channels(files.opened(path))[0] for name, path in sounds.items()})
    return target
