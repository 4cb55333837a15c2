"""The page: its three tabs, and what happens when it is left."""

import gradio as gr

from sottovoce.web import compare_tab, markup, protect_tab, restore_tab
from sottovoce.web.sessions import Sessions

HOUR, DAY = 3600, 86_400


def page(sessions: Sessions) -> gr.Blocks:
    """The page of some sessions; what a page holds goes when it is left."""
    blocks = gr.Blocks(title="sottovoce", analytics_enabled=False, delete_cache=(HOUR, DAY))
    with blocks:
        gr.HTML(markup.HEAD)
        with gr.Tabs():
            for name, tab in (("Protect", protect_tab), ("Restore", restore_tab), ("Compare two files", compare_tab)):
                with gr.Tab(name):
                    tab.build(sessions)

        def left(request: gr.Request) -> None:
            sessions.close(str(request.session_hash))

        blocks.unload(left)
    return blocks
