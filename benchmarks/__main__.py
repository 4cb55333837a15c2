"""`python -m benchmarks NAME`, from the repository's root."""

import sys

import typer

from benchmarks.ablation.command import ablation
from benchmarks.dong2022.command import dong2022
from benchmarks.guo2024.command import guo2024
from benchmarks.keyed.command import keyed
from benchmarks.music.command import render_music
from benchmarks.papers.command import papers
from benchmarks.searches.command import searches
from benchmarks.transfer.command import transfer
from benchmarks.voice.command import voice
from benchmarks.wang2020.command import wang2020
from benchmarks.words.command import words
from benchmarks.yang2020.command import yang2020
from sottovoce.errors import SottovoceError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (
    dong2022,
    yang2020,
    wang2020,
    searches,
    guo2024,
    words,
    voice,
    keyed,
    transfer,
    ablation,
    papers,
    render_music,
):
    app.command()(command)


@app.callback()
def benchmarks() -> None:
    """Measure what the papers report. A rerun measures only what is missing."""


def main() -> None:
    """Run a benchmark; a user error is one line on stderr and exit status 2."""
    try:
        app(prog_name="python -m benchmarks")
    except SottovoceError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
