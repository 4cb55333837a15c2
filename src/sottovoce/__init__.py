"""Keeps speech private with adversarial perturbations, and measures what each protection is worth."""

__version__ = "0.1.0"
