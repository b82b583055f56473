"""Making and ending pods for an owner, who tells of each in an event."""

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.controllers.events import Recorder
from emulator.kubernetes.objects import JsonObject, deleting
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import PODS


class PodControl:
    """What the controllers of ReplicaSets, Jobs and DaemonSets do with pods.

    Args:
        events: Tells in the name of the controller.
    """

    def __init__(self, operations: Operations, events: Recorder) -> None:
        self._operations = operations
        self._events = events

    def create(self, owner: JsonObject, pod: JsonObject) -> None:
        """Make a pod of ``owner``.

        Raises:
            ApiError: It was refused.
        """
        try:
            made = self._operations.create(PODS, owner["metadata"]["namespace"], pod)
        except ApiError as refused:
            self._events.warn(owner, "FailedCreate", f"Error creating: {refused.message}")
            raise
        self._events.tell(owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")

    def delete(self, owner: JsonObject, pod: JsonObject) -> None:
        """End a pod unless it ends already."""
        if not deleting(pod):
            self._operations.delete(PODS, pod)
            name = pod["metadata"]["name"]
            self._events.tell(owner, "SuccessfulDelete", f"Deleted pod: {name}")
