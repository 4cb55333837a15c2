"""The tab on which recordings are protected."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.errors import SottovoceError
from sottovoce.protections.presets import Effort, Strength
from sottovoce.web import batch, estimates, markup, way_back
from sottovoce.web.arrivals import recordings
from sottovoce.web.choices import EFFORTS, STRENGTHS, WHAT, WORDS, Choice
from sottovoce.web.events import WORK, Kept, on, on_cancel, options, page_of
from sottovoce.web.results_panel import ResultsPanel
from sottovoce.web.sessions import Session, Sessions
from sottovoce.web.telling import told
from sottovoce.web.uploads import MOST_BYTES, MOST_FILES, MOST_SECONDS, Upload
from sottovoce.web.way_back import KEY_SUFFIXES, NEW_KEY, OWN_KEY, PASSPHRASE, WAYS

_LIMITS = (
    f"Up to {MOST_FILES} recordings or videos, each up to {MOST_SECONDS / 60:.0f} minutes and {MOST_BYTES >> 30} GB."
)


def build(sessions: Sessions) -> None:
    """Put the tab's controls where the caller is, and connect them."""
    gr.HTML(markup.step(1, "Choose recordings", _LIMITS))
    with gr.Row():
        files = gr.File(
            file_count="multiple",
            file_types=sorted(SOUND_SUFFIXES),
            label="Recordings",
            height=190,
            elem_id="recordings",
        )
        recorded = gr.Audio(sources=["microphone"], type="filepath", label="Or record now", buttons=[])
    files_wrong = gr.HTML()
    chosen = gr.HTML()

    gr.HTML(markup.step(2, "What should machines no longer get?"))
    what = gr.Radio(options(WHAT), value=WORDS, label="Hide from machines", elem_classes="sv-column")

    gr.HTML(markup.step(3, "How much may be heard, and how long may it take?"))
    with gr.Row():
        strength = gr.Radio(options(STRENGTHS), value=Strength.MEDIUM, label="Strength", elem_classes="sv-column")
        effort = gr.Radio(options(EFFORTS), value=Effort.NORMAL, label="Effort", elem_classes="sv-column")
    estimate = gr.HTML()

    gr.HTML(markup.step(4, "Should you be able to get the original back?"))
    way = gr.Radio(options(WAYS), value=NEW_KEY, label="Way back", elem_classes="sv-column")
    own = gr.File(file_count="single", label="Key file", height=120, visible=False)
    with gr.Row(visible=False) as phrases:
        passphrase = gr.Textbox(type="password", label="Passphrase")
        again = gr.Textbox(type="password", label="The same again")
    way_wrong = gr.HTML()

    with gr.Row():
        start = gr.Button("Protect", variant="primary", elem_id="protect")
        cancel = gr.Button("Cancel", interactive=False)
    status = gr.HTML()
    wrong = gr.HTML()
    panel = ResultsPanel(sessions)

    def look(given: list[str] | None, spoken: str | None, request: gr.Request) -> tuple[str, str]:
        paths = [*(given or []), *([spoken] if spoken else [])]
        found, problems = recordings(page_of(sessions, request), paths) if paths else ([], [])
        return markup.chosen(found), markup.alert(*problems)

    def estimated(given: list[str] | None, spoken: str | None, wanted: str, request: gr.Request) -> str:
        session = page_of(sessions, request)
        found, _ = recordings(session, [*(given or []), *([spoken] if spoken else [])])
        if not found:
            return ""
        try:
            return markup.note(estimates.line(wanted, [upload.seconds for upload in found]))
        except SottovoceError as error:
            return markup.alert(told(error, session))

    def ways(wanted: str) -> tuple[Any, Any]:
        return gr.update(visible=wanted == OWN_KEY), gr.update(visible=wanted == PASSPHRASE)

    def begin(request: gr.Request) -> tuple[str, str, str, Any]:
        page_of(sessions, request).cancelled.clear()
        return markup.status("Waiting for its turn …"), "", "", gr.update(interactive=True)

    def work(
        given: list[str] | None,
        spoken: str | None,
        wanted: str,
        strong: str,
        long: str,
        back: str,
        key: str | None,
        phrase: str,
        repeated: str,
        request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:
        session = page_of(sessions, request)
        uploads, problems = recordings(session, [*(given or []), *([spoken] if spoken else [])])
        ended = {status: "", cancel: gr.update(interactive=False), files_wrong: markup.alert(*problems)}
        try:
            secret = way_back.chosen(back, session.folder, key=_key(session, key), passphrase=phrase, again=repeated)
        except SottovoceError as error:
            yield {**ended, way_wrong: markup.alert(told(error, session))}
            return
        if not uploads:
            yield ended
            return
        steps = batch.run(session, uploads, Choice(wanted, Strength(strong), Effort(long)), secret)
        for label, meter in (kept := Kept(steps)):
            yield {status: markup.progress(label, meter), files_wrong: markup.alert(*problems)}
        outcome = kept.value
        ended |= {status: markup.status(outcome.line()), wrong: markup.alert(*outcome.failed)}
        if outcome.done:
            session.protected, session.key = outcome.done, way_back.new_key(session.folder) if back == NEW_KEY else None
            ended |= panel.shown(session)
        yield ended

    for source in (files, recorded):
        seen = on(source.change, look, [files, recorded], [chosen, files_wrong])
        on(seen.then, estimated, [files, recorded, what], [estimate], concurrency_id=WORK)
    on(what.change, estimated, [files, recorded, what], [estimate], concurrency_id=WORK)
    on(way.change, ways, [way], [own, phrases])
    begun = on(start.click, begin, None, [status, wrong, way_wrong, cancel], queue=False)
    on(
        begun.then,
        work,
        [files, recorded, what, strength, effort, way, own, passphrase, again],
        [status, wrong, files_wrong, way_wrong, cancel, *panel.outputs],
        concurrency_id=WORK,
    )
    on_cancel(cancel, sessions)


def _key(session: Session, given: str | None) -> Upload | None:
    return None if given is None else session.small(given, KEY_SUFFIXES)
