"""The way back: keys, companions, and the original again, to the byte."""
