"""Songs in ten styles, composed by rules: a replacement for a corpus of real music."""
