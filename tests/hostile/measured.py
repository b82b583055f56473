"""Work within bounds: at most so much work, and at most so much memory of Python's own."""

import time
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def bounded(seconds: float = 5.0, megabytes: float = 64.0) -> Generator[None]:
    """Fail when the block works longer, or its peak of new memory is higher.

    Counts seconds of this thread's own work: what else the machine does is not the block's fault.
    Tracing makes the block several times slower, which ``seconds`` allows for.
    """
    tracemalloc.start()
    begun = time.thread_time()
    try:
        yield
        took = time.thread_time() - begun
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert took < seconds, f"took {took:.1f} s"
    assert peak < megabytes, f"took {peak:.0f} MB"
