"""Ablations: short trainings of a recipe with and without its terms or switches."""
