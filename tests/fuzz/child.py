"""One reader in a process of its own, which may crash: `python -m tests.fuzz.child READER FOLDER MIB < PATHS`.

Each line of the input is the path of a file. The answer is a line of JSON when it has been read: what came of it, a
text that says more, the place in the code, and the memory taken so far.
"""

import json
import os
import resource
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from sottovoce.errors import SottovoceError

READ, REFUSED, FAULT = "read", "refused", "fault"
Read = Callable[[Path], None]
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
_NEVER = ("pickle.find_class", "socket.connect", "socket.getaddrinfo", "os.system", "os.exec", "ctypes.dlopen")


class Watch:
    """Sees and prevents what the interpreter does to files outside of a folder, and what it should never do."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen, self.on = os.path.realpath(folder), list[str](), False
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and (done := self._wrong(event, arguments)):
            self.seen.append(done)
            raise PermissionError(done)

    def _wrong(self, event: str, arguments: tuple[object, ...]) -> str:
        if event in _NEVER:
            return f"{event} {arguments[-1]}"
        elif event in _CHANGES or (event == "open" and isinstance(flags := arguments[2], int) and flags & _WRITING):
            path = arguments[0]
            folder = arguments[-1] if event in ("os.mkdir", "os.remove", "os.rmdir") else -1
            if not isinstance(path, int) and not self._inside(path, folder):
                return f"{event} {path!r}"
        elif event == "subprocess.Popen" and Path(str(arguments[0])).name != "ffmpeg":
            return f"{event} {arguments[0]}"
        return ""

    def _inside(self, path: object, folder: object) -> bool:
        """Whether a path, perhaps relative to an open folder, is below ours or no file at all."""
        above = os.getcwd() if folder == -1 else os.readlink(f"/proc/self/fd/{folder}")
        whole = os.path.realpath(os.path.join(above, os.fsdecode(path)))  # type: ignore[arg-type]
        return whole.startswith((self.folder + os.sep, "/dev/"))


def answer(read: Read, path: Path, work: Path, watch: Watch) -> tuple[str, str, str]:
    """Read one file in an empty folder, and see what comes of it."""
    given = work / f"given{path.suffix}"
    shutil.copyfile(path, given)
    watch.seen, watch.on = [], True
    found = _outcome(read, given)
    watch.on = False
    left = os.listdir(tempfile.gettempdir())
    shutil.rmtree(work)
    work.mkdir()
    for each in left:
        whole = Path(tempfile.gettempdir(), each)
        shutil.rmtree(whole) if whole.is_dir() else whole.unlink()
    if watch.seen:
        return FAULT, f"did what it may not: {'; '.join(watch.seen[:3])}", "outside"
    if found[0] != FAULT and left:
        return FAULT, f"left temporary files: {left[:3]}", "leftovers"
    return found


def _outcome(read: Read, path: Path) -> tuple[str, str, str]:
    try:
        read(path)
    except SottovoceError as error:
        said = str(error)
        if not said or not said.isprintable():
            return FAULT, f"an error of more than one printable line: {said!r}", _place(error)
        return REFUSED, said, _place(error)
    except BaseException as error:
        return FAULT, f"{type(error).__name__}: {str(error)[:300]}", f"{type(error).__name__} {_place(error)}"
    return READ, "", ""


def _place(error: BaseException) -> str:
    """The innermost place of ours."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "sottovoce" in each.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.name}"


def limit_memory(mebibytes: int) -> None:
    """Let this process take so much more address space than it has now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + (mebibytes << 20),) * 2)


def reader_of(name: str) -> tuple[Read, list[tuple[str, bytes]], bool]:
    """What reads, some valid files, and whether it uses ffmpeg."""
    if name == "faulty":
        from tests.fuzz import faulty

        return faulty.read, [], False
    from tests.fuzz.readers import READERS

    reader = READERS[name]
    return reader.read, list(reader.seeds().items())[:2], reader.uses_ffmpeg


def main(name: str, folder: Path, mebibytes: int) -> None:
    """Read what the standard input names, until it ends."""
    read, valid, uses_ffmpeg = reader_of(name)
    if not uses_ffmpeg:
        os.environ["PATH"] = ""
    work, tempfile.tempdir = folder / "work", str(folder / "temporary")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    watch = Watch(folder)
    for called, content in valid:  # what is imported and made once
        path = folder / called
        path.write_bytes(content)
        answer(read, path, work, watch)
    limit_memory(mebibytes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(["ready", "", ""]), file=answers)
    for line in sys.stdin:
        found = answer(read, Path(line.rstrip("\n")), work, watch)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(json.dumps([*found, grown]), file=answers)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
