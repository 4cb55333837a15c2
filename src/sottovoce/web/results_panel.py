"""The part of the page that shows what was protected: to hear, to see, to have judged, and to download."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sottovoce.web import markup
from sottovoce.web.events import WORK, Kept, followed, on, on_cancel, page_of
from sottovoce.web.judging import judge
from sottovoce.web.listening import enhanced, enhancers
from sottovoce.web.protecting import packed
from sottovoce.web.results import Heard
from sottovoce.web.sessions import Session, Sessions
from sottovoce.web.working import Meter

USUAL = "metricgan-plus"


class ResultsPanel:
    """Its controls, put where the caller is.

    Args:
        sessions: all open pages.
    """

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        with gr.Column(visible=False) as self.column:
            gr.HTML(markup.step(5, "Listen, check, and download"))
            self.which = gr.Radio([], label="Recording", visible=False)
            self.summary = gr.HTML()
            self.player = gr.HTML()
            self.downloads = gr.HTML()
            gr.HTML(markup.heading("Check it further"))
            with gr.Row(equal_height=True):
                self.enhancer = gr.Dropdown(enhancers(), value=USUAL, label="Enhancer", filterable=False)
                listen = gr.Button("Hear what an enhancer makes of it")
            with gr.Row(equal_height=True):
                self.survival = gr.Checkbox(
                    label="Also after codecs, a telephone line and a room (takes several times as long)"
                )
                ask = gr.Button("Ask the panel of listeners")
                cancel = gr.Button("Cancel", interactive=False)
            self.status, self.wrong = gr.HTML(), gr.HTML()
            self.verdict, self.pictures = gr.HTML(), gr.HTML()
        self.outputs = [
            self.column, self.which, self.summary, self.player, self.verdict, self.pictures, self.downloads, self.wrong
        ]  # fmt: skip
        self.cancel = cancel
        on(self.which.change, self._show, [self.which], self.outputs[2:])
        for button, work, inputs in ((listen, self._listen, [self.enhancer]), (ask, self._ask, [self.survival])):
            begun = on(button.click, self._begin, None, [self.status, self.wrong, cancel], queue=False)
            outputs = [*self.outputs[2:], self.status, cancel]
            on(begun.then, work, [self.which, *inputs], outputs, concurrency_id=WORK)
        on_cancel(cancel, sessions)

    def shown(self, session: Session) -> dict[Any, Any]:
        """Updates that show new results, the first one first."""
        choices = [(result.label, number) for number, result in enumerate(session.protected)]
        several = len(choices) > 1
        which = gr.update(choices=choices, value=0, visible=several)
        return {self.column: gr.update(visible=True), self.which: which, **self._of(session, 0)}

    def _of(self, session: Session, number: int) -> dict[Any, Any]:
        result = session.protected[number]
        archive = session.folder / "protected.zip"
        if len(session.protected) > 1:
            packed([each.target for each in session.protected], archive)
        return {
            self.summary: markup.summary(result),
            self.player: markup.player(result.heard),
            self.verdict: "" if result.verified is None else markup.judgement(result.verified),
            self.pictures: markup.pictures(result.heard),
            self.downloads: markup.downloads(
                session.protected, session.key, archive if len(session.protected) > 1 else None
            ),
            self.wrong: "",
        }

    def _show(self, number: int, request: gr.Request) -> dict[Any, Any]:
        session = page_of(self.sessions, request)
        return self._of(session, number) if session.protected else {self.wrong: ""}

    def _begin(self, request: gr.Request) -> tuple[str, str, Any]:
        page_of(self.sessions, request).cancelled.clear()
        return markup.status("Waiting for its turn …"), "", gr.update(interactive=True)

    def _listen(self, number: int, name: str, request: gr.Request) -> Iterator[dict[Any, Any]]:
        session = page_of(self.sessions, request)
        result = session.protected[number]

        def work(meter: Meter) -> Heard:
            return enhanced(result.heard, name, session.new_folder(), meter)

        for status in (kept := Kept(followed(session, result.label, work))):
            yield {self.status: status}
        heard, wrong = kept.value
        result.heard = heard or result.heard
        yield {**self._of(session, number), **self._end(wrong)}

    def _ask(self, number: int, survival: bool, request: gr.Request) -> Iterator[dict[Any, Any]]:
        session = page_of(self.sessions, request)
        result = session.protected[number]

        def work(meter: Meter) -> None:
            judge(result, meter, survival=survival)

        for status in (kept := Kept(followed(session, result.label, work))):
            yield {self.status: status}
        yield {**self._of(session, number), **self._end(kept.value[1])}

    def _end(self, wrong: str) -> dict[Any, Any]:
        return {self.status: "", self.wrong: wrong, self.cancel: gr.update(interactive=False)}
