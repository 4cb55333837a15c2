"""`python -m benchmarks render-music`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.music.render import SOUNDFONT
from benchmarks.music.render import render_music as render
from sottovoce.cli.display import progress_bar


def render_music(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the songs and their manifest.")],
    songs: Annotated[int, typer.Option(min=1, help="Number of songs of each style.")] = 30,
    soundfont: Annotated[Path, typer.Option(help="General MIDI soundfont (.sf2).")] = SOUNDFONT,
) -> None:
    """Render songs in ten styles with FluidSynth, as a replacement for a corpus of real music."""
    with progress_bar("rendering") as moved:
        manifest = render(output, songs=songs, soundfont=soundfont, progress=moved)
    typer.echo(f"wrote {manifest}")
