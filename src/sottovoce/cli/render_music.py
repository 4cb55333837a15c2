"""`sottovoce render-music`."""

from pathlib import Path
from typing import Annotated

import typer

from sottovoce.cli.display import progress_bar


def render_music(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the songs and their manifest.")],
    songs: Annotated[int, typer.Option(min=1, help="Of each style.")] = 30,
    soundfont: Annotated[Path | None, typer.Option(help="A General MIDI soundfont; Debian's without.")] = None,
) -> None:
    """Render songs in ten styles, a stand-in for a corpus of real music."""
    from benchmarks.music.render import SOUNDFONT
    from benchmarks.music.render import render_music as render

    with progress_bar("rendering") as moved:
        manifest = render(output, songs=songs, soundfont=soundfont or SOUNDFONT, progress=moved)
    typer.echo(f"the songs' manifest is {manifest}")
