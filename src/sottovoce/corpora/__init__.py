"""Recordings to train and measure on: manifests, standard folder layouts, mixing."""
