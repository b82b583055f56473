"""Events: what controllers tell people of the objects that they look after."""

import hashlib

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.objects import JsonObject, key_of, suffix, timestamp
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.resources import EVENTS


class Recorder:
    """Writes events in the name of one controller.

    Args:
        component: Name of the controller, such as ``job-controller``.
    """

    def __init__(self, operations: Operations, component: str) -> None:
        self._operations = operations
        self._component = component

    def tell(self, about: JsonObject, reason: str, message: str) -> None:
        """Something went as it should."""
        name = f"{about['metadata']['name']}.{suffix()}{suffix()}"
        self._write(self._event(about, name, "Normal", reason, message))

    def warn(self, about: JsonObject, reason: str, message: str) -> None:
        """Something failed; the same again only raises the count of the first event."""
        told = f"{about['metadata']['uid']} {reason}".encode()
        name = f"{about['metadata']['name']}.{hashlib.sha256(told).hexdigest()[:16]}"
        event = self._event(about, name, "Warning", reason, message)
        earlier = self._operations.store.get(EVENTS, *key_of(event))
        if earlier is None:
            self._write(event)
            return
        news = {"count": earlier["count"] + 1, "message": message, "lastTimestamp": timestamp()}
        self._operations.replace(EVENTS, earlier, {**earlier, **news})

    def _write(self, event: JsonObject) -> None:
        try:
            self._operations.create(EVENTS, event["metadata"]["namespace"], event)
        except ApiError:
            # A namespace that goes, or a quota, refuses events; no controller fails for that.
            return

    def _event(
        self, about: JsonObject, name: str, kind: str, reason: str, message: str
    ) -> JsonObject:
        meta, now = about["metadata"], timestamp()
        involved = {field: about[field] for field in ("apiVersion", "kind")} | {
            field: meta[field] for field in ("namespace", "name", "uid", "resourceVersion")
        }
        return {
            "metadata": {"name": name, "namespace": meta["namespace"]},
            "involvedObject": involved,
            "type": kind,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "source": {"component": self._component},
            "reportingComponent": self._component,
            "reportingInstance": "",
            "eventTime": None,
        }
