"""One thread computes, and afterwards as many as before."""

import scipy.linalg  # noqa: F401  # what is not loaded has no threads
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from sottovoce.threads import one_thread


def counts() -> set[int]:
    """Of PyTorch and of each library for linear algebra."""
    blas = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    return {torch.get_num_threads(), *blas}


def test_nobody_computes_on_more_than_one_thread() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with threadpool_limits(2, user_api="blas"):
            assert counts() == {2}
            with one_thread():
                assert counts() == {1}
            assert counts() == {2}
    finally:
        torch.set_num_threads(before)
