"""How many threads compute."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Networks and linear algebra compute on one thread meanwhile.

    PyTorch's number of threads says nothing about those of NumPy and SciPy, of which each brings a BLAS of its own:
    with two processes on two cores, their threads wait for each other, and what they add up differs in the last digits.

    Example:
        >>> import torch
        >>> with one_thread():
        ...     torch.get_num_threads()
        1
    """
    import scipy.linalg  # noqa: F401  # only what is loaded can be limited
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
