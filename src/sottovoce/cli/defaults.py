"""Models that several commands take where a person names none."""

SPEAKER_GENERATOR = "ssed-ecapa-tdnn"
"""Hides who speaks, and its removal module gives the voice back."""
