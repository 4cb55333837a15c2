"""`sottovoce stream`."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live

from sottovoce.cli.display import complain
from sottovoce.cli.options import Device
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from sottovoce.live import LiveVoice, Timing

GENERATOR = "ssed-ecapa-tdnn"
WORTH = (
    "It misleads our own ECAPA-TDNN (EER 33.4 % instead of 8.7 %, measured on files), not CAM++ and not Resemblyzer "
    "(1.6 and 3.1 %, as recorded)."
)
_REFRESH = 1.0


def stream(
    microphone: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DEVICE",
            help="A microphone instead of stdin: default, or a number or part of a name that python -m sounddevice "
            "lists.",
        ),
    ] = None,
    loudspeaker: Annotated[
        str | None,
        typer.Option("--to", metavar="DEVICE", help="A loudspeaker or virtual device instead of stdout, with --from."),
    ] = None,
    generator: Annotated[
        str, typer.Option(metavar="NAME", help="Generator of the perturbation, a name or path.")
    ] = GENERATOR,
    device: Device = "cpu",
) -> None:
    """Hide who speaks while they speak: raw PCM (s16le, mono, 16 kHz) from stdin to stdout, or between sound devices.

    It is weaker than protect voice: a generator's single pass, and nothing is measured. The latency is told at the end,
    with the buffers that came too late: below 50 ms unless the machine is busy, and sound devices add their own. With
    pipes, let the sound begin once the line on stderr is there: what waits in a pipe stays behind.
    """
    if (microphone is None) != (loudspeaker is None):
        raise SottovoceError("--from and --to belong together: a microphone, and where its sound should go")
    if microphone is None:
        _check_pipes()
    import torch

    from sottovoce.live import LiveVoice, Timing, converse, pipe
    from sottovoce.models.devices import choose_device
    from sottovoce.perturbers import SSED

    torch.set_num_threads(1)  # for blocks this small, threads only wait for each other
    voice, timing = LiveVoice(SSED.load(generator).to(choose_device(device))), Timing()
    voice.warm_up()
    worth = WORTH if generator == GENERATOR else f"sottovoce models info {generator} says whom it was made to mislead."
    complain(f"{generator}, live. {worth} Nothing that is sent is measured.")
    with _figures(timing, voice) as told:
        if microphone is not None and loudspeaker is not None:
            converse(voice, _place(microphone), _place(loudspeaker), timing, told)
        else:
            with _until_closed():
                pipe(sys.stdin.buffer, sys.stdout.buffer, voice, timing, told)


def _check_pipes() -> None:
    if sys.stdin.isatty():
        raise SottovoceError(
            "stdin is a terminal; pipe raw PCM in (s16le, mono, 16 kHz), or name a microphone (--from)"
        )
    if sys.stdout.isatty():
        raise SottovoceError("stdout is a terminal; send the raw PCM to a program or a file")


def _place(device: str) -> str | int | None:
    """A sound device as sounddevice names it."""
    if device == "default":
        return None
    return int(device) if device.isdecimal() else device


@contextmanager
def _figures(timing: "Timing", voice: "LiveVoice") -> Iterator[Callable[[], None]]:
    """Shows what is measured, every second on a terminal, and at the end."""
    screen, shown = Console(stderr=True), time.monotonic()
    with Live(console=screen, auto_refresh=False, transient=True, redirect_stdout=False) as live:

        def told() -> None:
            nonlocal shown
            if screen.is_terminal and time.monotonic() - shown > _REFRESH:
                shown = time.monotonic()
                live.update(_line(timing, voice), refresh=True)

        try:
            yield told
        finally:
            live.stop()
            if timing.blocks:
                complain(_line(timing, voice))


def _line(timing: "Timing", voice: "LiveVoice") -> str:
    return f"{timing.line()}; SNR {voice.floor.snr:.1f} dB"


@contextmanager
def _until_closed() -> Iterator[None]:
    """Ends quietly when whoever reads stdout has gone."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)  # what is still in Python's buffer
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
