"""A reader that does what none should, by what its file says: to see that faults are seen."""

import os
import pickle
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sottovoce.errors import SottovoceError


def read(path: Path) -> None:
    """Do it, and refuse the file."""
    deeds: dict[bytes, Callable[[], object]] = {
        b"crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        b"hang": lambda: time.sleep(3600),
        b"memory": lambda: bytearray(2 << 30),
        b"outside": lambda: Path(__file__).with_name("outside.tmp").touch(),
        b"leave": lambda: tempfile.mkstemp(),
        b"connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
        b"unpickle": lambda: pickle.loads(b"cos\nlistdir\n."),
        b"raise": lambda: 1 / 0,
    }
    if deed := deeds.get(path.read_bytes()):
        deed()
    raise SottovoceError("refused")
