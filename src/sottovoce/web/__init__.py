"""The page of `sottovoce web`: the same protections, restoring and verification, in a browser on this machine."""
