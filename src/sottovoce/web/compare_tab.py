"""The tab on which any two files are compared."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from sottovoce.audio.formats import SOUND_SUFFIXES
from sottovoce.errors import SottovoceError
from sottovoce.web import markup
from sottovoce.web.events import WORK, Kept, followed, on, on_cancel, page_of
from sottovoce.web.judging import compare, here, usual
from sottovoce.web.sessions import Sessions
from sottovoce.web.telling import told


def build(sessions: Sessions) -> None:
    """Put the tab's controls where the caller is, and connect them."""
    gr.HTML(
        markup.step(
            1,
            "An original and its protected copy",
            "Made here or by any other program. The panel listens to both, before and after.",
        )
    )
    with gr.Row():
        original = gr.File(file_types=sorted(SOUND_SUFFIXES), label="Original", height=150)
        protected = gr.File(file_types=sorted(SOUND_SUFFIXES), label="Protected copy", height=150)
    gr.HTML(markup.step(2, "Who should listen?"))
    names = gr.CheckboxGroup(here(), value=usual(), label="Listeners on this computer")
    survival = gr.Checkbox(label="Also after codecs, a telephone line and a room (takes several times as long)")
    text = gr.Textbox(label="What is said, if you know it (otherwise, what is heard in the original counts)")
    wrong = gr.HTML()
    with gr.Row():
        start = gr.Button("Compare", variant="primary")
        cancel = gr.Button("Cancel", interactive=False)
    status, player, verdict, pictures = gr.HTML(), gr.HTML(), gr.HTML(), gr.HTML()

    def begin(request: gr.Request) -> tuple[str, str, Any]:
        page_of(sessions, request).cancelled.clear()
        return markup.status("Waiting for its turn …"), "", gr.update(interactive=True)

    def work(
        one: str | None, other: str | None, who: list[str], after: bool, said: str, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        session = page_of(sessions, request)
        ended = {status: "", cancel: gr.update(interactive=False)}
        try:
            if one is None or other is None:
                raise SottovoceError("two files are needed; choose them above")
            if not who:
                raise SottovoceError("nobody listens; choose at least one listener")
            pair = session.recording(one), session.recording(other)
        except SottovoceError as error:
            yield {**ended, wrong: markup.alert(told(error, session))}
            return
        task = partial(compare, *pair, session.new_folder(), names=who, text=said.strip() or None, survival=after)
        for line in (kept := Kept(followed(session, pair[1].label, task))):
            yield {status: line}
        found, problem = kept.value
        ended |= {wrong: problem}
        if found is not None:
            ended |= {
                player: markup.player(found.heard),
                verdict: markup.judgement(found.verified),
                pictures: markup.pictures(found.heard),
            }
        yield ended

    begun = on(start.click, begin, None, [status, wrong, cancel], queue=False)
    outputs = [status, wrong, cancel, player, verdict, pictures]
    on(begun.then, work, [original, protected, names, survival, text], outputs, concurrency_id=WORK)
    on_cancel(cancel, sessions)
