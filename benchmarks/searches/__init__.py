"""Searches for targeted perturbations of keywords and music, at the SNR of Wang et al. (2020)."""
