"""What a command took."""

import sys
import time

STARTED = time.monotonic()


def cost() -> str:
    """The seconds since the program began, and, where the system tells, the most memory that it held at once.

    Example:
        >>> cost().startswith("Took ")
        True
    """
    took = f"Took {time.monotonic() - STARTED:.0f} s"
    if sys.platform == "win32":
        return f"{took}."
    import resource  # Windows has none

    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return f"{took} and at most {most:.0f} MiB of memory."
