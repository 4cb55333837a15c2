"""Guo et al. (2024): hiding the speaker's voice, and restoring it."""
