"""How the page looks: colours, fonts, style sheet and player; all of it local."""

from importlib.resources import files

import gradio as gr


def theme() -> gr.themes.Base:
    """Colours, and fonts that are on the reader's computer already."""
    colours = {"primary_hue": "teal", "neutral_hue": "slate", "radius_size": "md"}
    return gr.themes.Base(**colours, font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_text_color="white",
        body_text_color_subdued="*neutral_600",
        block_info_text_color="*neutral_600",
        block_title_text_weight="600",
    )


def style() -> str:
    """The style sheet."""
    return (files(__package__) / "page.css").read_text(encoding="utf-8")


def script() -> str:
    """What goes into the head of the page: the player."""
    return f"<script>{(files(__package__) / 'player.js').read_text(encoding='utf-8')}</script>"
