"""How a failed invocation becomes the failure details that orchestrators see."""

import re

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers

from emulator.functions_host.worker import Answer

_TYPED = re.compile(r"(?s)([A-Za-z_][\w.]*): (.*)")


def failure_details(answer: Answer) -> pb.TaskFailureDetails:
    """Split the worker's ``Type: text`` as the Durable extension does."""
    typed = _TYPED.fullmatch(answer.message)
    return pb.TaskFailureDetails(
        errorType=typed[1] if typed else "(unknown)",
        errorMessage=typed[2] if typed else answer.message,
        stackTrace=helpers.get_string_value(answer.stack),
    )


def missing(kind: str, name: str) -> pb.TaskFailureDetails:
    """What an orchestration sees when the app has no such function."""
    return pb.TaskFailureDetails(
        errorType="System.ArgumentException",
        errorMessage=f"The {kind} function '{name}' doesn't exist, is disabled, or is not "
        f"{'an' if kind[0] in 'aeo' else 'a'} {kind} function.",
        isNonRetriable=True,
    )


def foreign(version: str | None) -> pb.TaskFailureDetails:
    """What becomes of an orchestration whose version this app must not run."""
    return pb.TaskFailureDetails(
        errorType="VersionMismatch",
        errorMessage=f"The orchestration version '{version or ''}' is not one that this app runs.",
        isNonRetriable=True,
    )
