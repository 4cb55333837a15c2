"""The tab on which originals are restored."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.errors import SottovoceError
from sottovoce.web import markup, way_back
from sottovoce.web.events import WORK, on, options, page_of
from sottovoce.web.restoring import restore
from sottovoce.web.sessions import Sessions
from sottovoce.web.telling import told
from sottovoce.web.way_back import KEY_SUFFIXES, OWN_KEY, PASSPHRASE

_WITH = {OWN_KEY: "A key file", PASSPHRASE: "A passphrase"}


def build(sessions: Sessions) -> None:
    """Put the tab's controls where the caller is, and connect them."""
    gr.HTML(
        markup.step(
            1,
            "The protected file and its companion",
            "With both of them and the key, the original comes back, identical to the byte.",
        )
    )
    with gr.Row():
        protected = gr.File(file_types=sorted(SOUND_SUFFIXES), label="Protected file", height=150)
        companion = gr.File(file_types=[".veil"], label="Companion (.veil)", height=150)
    gr.HTML(markup.step(2, "What it was protected with"))
    way = gr.Radio(options(_WITH), value=OWN_KEY, label="Unlock with")
    key = gr.File(label="Key file", height=120)
    passphrase = gr.Textbox(type="password", label="Passphrase", visible=False)
    wrong = gr.HTML()
    start = gr.Button("Restore", variant="primary")
    result = gr.HTML()

    def ways(wanted: str) -> tuple[Any, Any]:
        return gr.update(visible=wanted == OWN_KEY), gr.update(visible=wanted == PASSPHRASE)

    def work(
        given: str | None, beside: str | None, back: str, unlocking: str | None, phrase: str, request: gr.Request
    ) -> Iterator[tuple[str, str]]:
        session = page_of(sessions, request)
        yield markup.status("Restoring …"), ""
        try:
            if given is None or beside is None:
                raise SottovoceError("the protected file and its companion are both needed; choose them above")
            upload, companion = session.recording(given), session.small(beside, [".veil"])
            own = None if unlocking is None else session.small(unlocking, KEY_SUFFIXES)
            secret = way_back.given(back, key=own, passphrase=phrase)
            path, line = restore(upload, companion, secret, session.new_folder())
        except Exception as error:
            yield "", markup.alert(told(error, session))
        else:
            yield markup.download(path, line), ""

    on(way.change, ways, [way], [key, passphrase])
    on(start.click, work, [protected, companion, way, key, passphrase], [result, wrong], concurrency_id=WORK)
