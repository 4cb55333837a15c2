"""`python -m tests.web.crowd`, from the repository's root: many people at the page at the same time.

Each is a browser's view of the page, without the browser: a page that stays open, an upload, a protection, a download.
"""

import asyncio
import io
import json
import os
import re
import secrets
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import httpx
import numpy as np
import soundfile
import typer
import uvicorn

from sottovoce.web.server import application, listening
from sottovoce.web.sessions import Sessions
from sottovoce.web.way_back import NEW_KEY

RATE, SECONDS = 16_000, 1.0
API = "/gradio_api"
PATIENCE = 1800.0
"""Seconds until a client gives up."""
_FILES = re.compile(r"/gradio_api/file=([^\"'\s<>&\\]+)")


@dataclass
class Visit:
    """What somebody at the page got.

    Attributes:
        seconds: from the upload to the answer.
        files: where the files lie that the page showed.
        own: whether the protected file that was downloaded is their own recording, a little changed.
        said: what the page said at the end.
    """

    seconds: float = 0.0
    files: set[str] = field(default_factory=set)
    own: bool = False
    said: str = ""


@dataclass
class Outcome:
    """What came of all visits.

    Attributes:
        visits: one each.
        left: what lies in the folder of the page once all have gone.
    """

    visits: list[Visit]
    left: list[str]

    @property
    def answered(self) -> int:
        """How many got their own recording, protected."""
        return sum(visit.own for visit in self.visits)

    @property
    def shared(self) -> set[str]:
        """Files that more than one of them was shown."""
        seen, twice = set[str](), set[str]()
        for visit in self.visits:
            twice |= seen & visit.files
            seen |= visit.files
        return twice


@contextmanager
def served() -> Iterator[tuple[str, Sessions]]:
    """The page in a thread: its address, and its sessions."""
    with listening("127.0.0.1", 0) as place, Sessions() as sessions:
        page = application(sessions, "127.0.0.1", None)
        server = uvicorn.Server(uvicorn.Config(page, log_level="warning", timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}", sessions
        finally:
            server.should_exit = True
            thread.join()


def recording(number: int) -> bytes:
    """A voice-like sound of a pitch of its own; every tenth person has the same as the one before."""
    pitch = 90 + 3 * (number - (number % 10 == 9))
    time_axis = np.arange(round(SECONDS * RATE)) / RATE
    hum = sum(np.sin(2 * np.pi * pitch * k * time_axis) / k for k in range(1, 12)) * 0.1
    content = io.BytesIO()
    soundfile.write(content, hum, RATE, format="WAV")
    return content.getvalue()


async def crowd(address: str, sessions: Sessions, count: int) -> Outcome:
    """Let so many people come at once, and wait until all have gone again."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits) as client:
        config = (await client.get("/config")).json()
        calls = config["dependencies"]
        look = next(each for each in calls if each["targets"][0][1] == "change" and len(each["inputs"]) == 2)
        work = next(each for each in calls if len(each["inputs"]) == 9)
        visits = await asyncio.gather(*(_visit(client, look, work, number) for number in range(count)))
    for _ in range(200):
        left = _left(sessions.root) + [path.name for path in sessions.outbox.iterdir()]
        if not left:
            break
        await asyncio.sleep(0.1)
    return Outcome(visits, left)


def _left(root: Path) -> list[str]:
    """Files that hold something; Gradio makes an empty one for each that it passes on. Some go meanwhile."""
    found = list[str]()
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):
                if (path := Path(folder, name)).stat().st_size:
                    found.append(str(path.relative_to(root)))
    return found


async def _visit(client: httpx.AsyncClient, look: dict[str, Any], work: dict[str, Any], number: int) -> Visit:
    page, visit, content = secrets.token_hex(6), Visit(), recording(number)
    async with _open_page(client, page):
        began = time.monotonic()
        uploaded = await client.post(f"{API}/upload", files={"files": ("interview.wav", content, "audio/wav")})
        (path,) = uploaded.json()
        file = {"path": path, "orig_name": "interview.wav", "size": len(content), "meta": {"_type": "gradio.FileData"}}
        chosen = [[file], None]
        await _called(client, page, look, chosen)
        said = await _called(client, page, work, [*chosen, "voice", "medium", "low", NEW_KEY, None, "", ""])
        visit.said, visit.files = said[-1], {each for text in said for each in _FILES.findall(text)}
        visit.seconds = time.monotonic() - began
        visit.own = await _is_own(client, visit.files, content)
    return visit


async def _called(client: httpx.AsyncClient, page: str, call: dict[str, Any], data: list[object]) -> list[str]:
    """Let a control of the page do its work, and give all that the server says to it."""
    body = {"data": data, "fn_index": call["id"], "session_hash": page, "trigger_id": call["targets"][0][0]}
    (await client.post(f"{API}/queue/join", json=body)).raise_for_status()
    said = []
    async with client.stream("GET", f"{API}/queue/data?session_hash={page}") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                said.append(line)
                if json.loads(line.removeprefix("data:"))["msg"] == "process_completed":
                    break
    return said


@asynccontextmanager
async def _open_page(client: httpx.AsyncClient, page: str) -> AsyncIterator[None]:
    """Hold the connection by which the server knows that the page is open."""
    async with client.stream("GET", f"{API}/heartbeat/{page}"):
        yield


async def _is_own(client: httpx.AsyncClient, files: set[str], content: bytes) -> bool:
    found = [each for each in files if Path(each).name == "protected-1.wav"]
    if len(found) != 1:
        return False
    answer = await client.get(f"{API}/file={found[0]}")
    own, protected = (soundfile.read(io.BytesIO(each))[0] for each in (content, answer.content))
    if own.shape != protected.shape or np.array_equal(own, protected):
        return False
    return bool(np.corrcoef(own, protected)[0, 1] > 0.9)


def main(clients: Annotated[int, typer.Option(help="How many people.")] = 100) -> None:
    """Have many people protect a voice at once; fails if one of them is not served, or sees what is another's."""
    with served() as (address, sessions):
        outcome = asyncio.run(crowd(address, sessions, clients))
    seconds = sorted(visit.seconds for visit in outcome.visits)
    print(
        f"{outcome.answered} of {clients} answered, the first after {seconds[0]:.1f} s, half after "
        f"{seconds[len(seconds) // 2]:.1f} s, the last after {seconds[-1]:.1f} s; {len(outcome.shared)} files shown to "
        f"several; {len(outcome.left)} files and folders left"
    )
    for path in outcome.left[:10]:
        print(f"    left: {path}", file=sys.stderr)
    for visit in outcome.visits:
        if not visit.own:
            print(f"    not answered: {visit.said[:300]}", file=sys.stderr)
    sys.exit(1 if outcome.answered < clients or outcome.shared or outcome.left else 0)


if __name__ == "__main__":
    typer.run(main)
