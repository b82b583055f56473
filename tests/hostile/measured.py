"""Work within bounds: at most so long, and at most so much memory of Python's own."""

import time
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def bounded(seconds: float = 5.0, megabytes: float = 64.0) -> Generator[None]:
    """Fail when the block takes longer, or its peak of new memory is higher.

    Tracing makes the block several times slower, which ``seconds`` allows for.
    """
    tracemalloc.start()
    begun = time.monotonic()
    try:
        yield
        took = time.monotonic() - begun
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert took < seconds, f"took {took:.1f} s"
    assert peak < megabytes, f"took {peak:.0f} MB"
