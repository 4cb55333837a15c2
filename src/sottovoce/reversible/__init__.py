"""The way back: keys, companions, and the original again, bit for bit."""
