"""Protect, verify, evaluate: files in, files and a report out."""
