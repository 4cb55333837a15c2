"""Rendered songs in ten styles, a stand-in for a corpus of real music."""
