"""Ends a function that runs on a thread, as a killed worker process would end it."""

import ctypes
import sys
from types import FrameType

_RUNS_A_FUNCTION = "run_sync_func"
"""In the published worker library; its local ``invocation_id`` tells which invocation."""


class WorkerKilled(BaseException):
    """Raised in the function's thread at its next step; no ``except Exception`` holds it up."""


def end_thread_of(invocation_id: str) -> bool:
    """End the thread that runs ``invocation_id``; False when none does.

    A thread inside a system call ends when that returns: it never does anything further.
    """
    for thread, frame in sys._current_frames().items():  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # documented
        if _runs(frame, invocation_id):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread), ctypes.py_object(WorkerKilled)
            )
            return True
    return False


def _runs(frame: FrameType | None, invocation_id: str) -> bool:
    while frame is not None:
        if frame.f_code.co_name == _RUNS_A_FUNCTION:
            return frame.f_locals.get("invocation_id") == invocation_id
        frame = frame.f_back
    return False
