"""Texts: spelling, and the alphabets and paths of CTC."""
