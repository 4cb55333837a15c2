"""What becomes of a perturbation that depends on a key, in the hands of those who have the key and those who do not."""
