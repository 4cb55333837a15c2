"""Programs without a network: what they try to reach.

The interpreter's own calls are seen and refused. Those of libraries in C or Rust are seen in a network namespace of its
own (`unshare -rn`), in which the kernel counts packets and connections that have nowhere to go.
"""

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_CALLS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
_APART = ("unshare", "-rn")


class Tried(NamedTuple):
    """What a program tried.

    Attributes:
        status: its exit status.
        calls: calls of the interpreter's that lead into a network.
        packets: how many packets and connections had nowhere to go; None where the kernel does not let us count.
        said: what it wrote to stderr.
    """

    status: int
    calls: list[str]
    packets: int | None
    said: str


def run(program: str, *arguments: str | Path, home: Path) -> Tried:
    """Run MODULE:FUNCTION with a command line, without a network, in a home folder of its own."""
    apart = _APART if _can_be_apart() else ()
    command = [*apart, sys.executable, "-m", "tests.alone", str(len(apart)), program, *map(str, arguments)]
    # Where $CI and the like are set, some libraries keep quiet that would not elsewhere.
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SOTTOVOCE_CACHE") if name in os.environ}
    own = kept | {"HOME": str(home), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=own, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Tried(*json.loads(done.stdout.splitlines()[-1]), done.stderr)


def _can_be_apart() -> bool:
    return bool(shutil.which("unshare")) and not subprocess.run([*_APART, "true"], capture_output=True).returncode


def _nowhere_to_go() -> int:
    names, numbers = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line[:3] == "Ip:")
    return int(dict(zip(names, numbers, strict=True))["OutNoRoutes"])


def _main(apart: str, program: str, *arguments: str) -> None:
    calls = list[str]()

    def refuse(event: str, values: tuple[object, ...]) -> None:
        if event in _CALLS and not isinstance(values[1] if event == "socket.connect" else "", str):
            calls.append(f"{event} {values[1:3]}")
            raise OSError("this program is alone")

    sys.addaudithook(refuse)
    module, _, function = program.partition(":")
    sys.argv = [module, *arguments]
    status = 0
    with contextlib.redirect_stdout(sys.stderr):
        try:
            getattr(importlib.import_module(module), function)()
        except SystemExit as end:
            status = int(end.code or 0)
    print(json.dumps([status, calls, _nowhere_to_go() if int(apart) else None]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
