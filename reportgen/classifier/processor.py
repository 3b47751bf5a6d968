"""How the processor computes inside a block: without denormal numbers, with one thread.

Numbers below about 1e-38 make the processor many times slower and mean nothing here. A recurrent
network is many small products one after the other: threads gain little on each, wait for one
another, and may sum in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["flushed_denormals", "one_thread"]


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Treat denormal numbers as zero within the block."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread within the block."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
