"""How long the page of `sottovoce web` takes: until something can be done on it, and to protect a recording of 10 s.

sottovoce web --port 7860 &
python -m benchmarks.page http://127.0.0.1:7860
"""

import shutil
import sys
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from sottovoce.audio.files import Recording, read, write

VISITS, SECONDS = 3, 10
WORK = (("Who speaks", "Low"), ("What is said", "Normal"))


def clip(folder: Path) -> Path:
    """The bundled recording, repeated to `SECONDS`."""
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        speech = read(path)
    repeated = np.resize(speech.samples, (SECONDS * speech.rate, speech.channels))
    write(folder / "clip.wav", Recording(repeated, speech.rate))
    return folder / "clip.wav"


def opened(page: Page, address: str) -> float:
    """Seconds from the request until the button can be pressed."""
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("button", name="Protect", exact=True).wait_for()
    return time.perf_counter() - start


def protected(page: Page, recording: Path, what: str, effort: str) -> float:
    """Seconds from pressing the button until the result can be played."""
    page.get_by_role("radio", name=f"{what}:").check()
    page.get_by_role("radio", name=f"{effort}:").check()
    page.locator("#recordings input[type=file]").set_input_files(recording)
    page.locator(".sv-note", has_text=f"For {SECONDS} s").wait_for()
    start = time.perf_counter()
    page.get_by_role("button", name="Protect", exact=True).click()
    page.locator("sv-player").wait_for()
    return time.perf_counter() - start


def main(address: str) -> None:
    """Print the times of a page that is served at an address."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        recording = clip(Path(folder))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(VISITS):
            print(f"first useful paint: {opened(browser.new_context().new_page(), address):.1f} s")
        for what, effort in WORK:
            page = browser.new_context().new_page()
            page.set_default_timeout(600_000)
            opened(page, address)
            print(f"{what}, effort {effort.lower()}: {protected(page, recording, what, effort):.1f} s")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
