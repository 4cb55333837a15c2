"""Voices that nobody should recognise: the protection that `protect voice` gives, also asked of encoders left out."""
