"""What the four papers claim, beside what we have measured, on one page."""
