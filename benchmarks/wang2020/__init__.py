"""Paper C's tables and figures: keywords, and music."""
