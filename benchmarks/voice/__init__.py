"""Voices that no speaker encoder should recognise."""
