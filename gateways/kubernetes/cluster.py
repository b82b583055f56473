"""What the installer does in a cluster: it applies, starts Jobs, looks, and removes."""

from collections.abc import Callable, Iterator
from typing import Any

from gateways.kubernetes._kinds import KINDS, collection_of, path_of
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import Conflict, KubernetesFault, NotFound, Transport
from model import cluster_state
from model.cluster_state import ClaimState, JobLook, PodState, QuotaState
from model.documents import entries, part
from model.errors import Refusal
from model.manifests import JobKit
from model.ownership import LABEL_MANAGED_BY, MANAGED_BY
from model.results import Capacity

_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_PAGE = 500


def _nothing() -> None:
    return


class Kubernetes:
    """The Kubernetes API of one cluster; safe to share between threads.

    Every method is one look or one change and waits for nothing. A namespace that is not there
    reads as empty. Besides what each method names, all raise ``Refusal`` for what the API server
    forbids or does not take, ``Busy`` when it asks to come back later, and faults.
    """

    def __init__(self, transport: Transport) -> None:
        self._api = transport

    @classmethod
    def connect(cls, kubeconfig: bytes, on_lost: Callable[[], None] = _nothing) -> "Kubernetes":
        """Read the credential; the first request makes the connection.

        Args:
            kubeconfig: As Azure hands it out.
            on_lost: Called when the API server cannot be reached or refuses the credential: the
                kubeconfig should be asked for again before the next try.

        Raises:
            Refusal: The kubeconfig needs a program or a browser to log in.
        """
        return cls(Transport(read(kubeconfig), on_lost))

    def close(self) -> None:
        """Close kept connections; a later call opens new ones."""
        self._api.close()

    # changes

    def apply(self, manifest: dict[str, Any]) -> None:
        """Make an object as the manifest says, by server-side apply; safe to repeat.

        Fields that somebody else set on an object of ours are taken back.

        Raises:
            Refusal: Somebody else's object has fields that the manifest wants otherwise.
        """
        path, query = path_of(manifest), {"fieldManager": MANAGED_BY}
        try:
            self._api.call("PATCH", path, body=manifest, content_type=_APPLY, **query)
        except Conflict as conflict:
            labels = part(self._get(path) or {}, "metadata", "labels")
            if labels.get(LABEL_MANAGED_BY) != MANAGED_BY:
                named = f"{manifest['kind']} {path.rpartition('/')[2]}"
                raise Refusal("kubernetes-conflict", f"{named}: {conflict}") from conflict
            self._api.call("PATCH", path, body=manifest, content_type=_APPLY, force="true", **query)

    def create(self, manifest: dict[str, Any]) -> bool:
        """Make an object once; False when one of that name exists, whatever it says."""
        try:
            self._api.call("POST", collection_of(manifest), body=manifest, fieldManager=MANAGED_BY)
        except Conflict:
            return False
        return True

    def start_job(self, kit: JobKit) -> bool:
        """Make everything that a Job needs, and then the Job, once.

        Returns:
            Whether this call made the Job; False when a twin was quicker.
        """
        for manifest in (*kit.before, *kit.inputs):
            self.apply(manifest)
        created = self.create(kit.job)
        metadata = kit.job["metadata"]
        self.attach_job(metadata["namespace"], metadata["name"])
        return created

    def attach_job(self, namespace: str, name: str) -> bool:
        """Whether a Job is there; its inputs, which have its name, will go with it.

        Idempotent: mends what a crash between the Job and its inputs left.
        """
        job = self.find("Job", namespace, name)
        if job is None:
            return False
        owner = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": name,
            "uid": job["metadata"]["uid"],
        }
        for kind in ("Secret", "ConfigMap"):
            try:
                self._api.call(
                    "PATCH",
                    KINDS[kind].path(namespace, name),
                    body={"metadata": {"ownerReferences": [owner]}},
                    content_type=_MERGE,
                    fieldManager=MANAGED_BY,
                )
            except NotFound:
                continue
        return True

    def remove(self, kind: str, selector: str, namespace: str = "") -> None:
        """Delete every object of a kind that a label selector finds, and what depends on it.

        Returns at once; the cluster deletes dependents in the background.
        """
        path = KINDS[kind].path(namespace)
        self._api.call("DELETE", path, labelSelector=selector, propagationPolicy="Background")

    # looks

    def find(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """An object's API document; ``namespace`` is empty for kinds that have none."""
        return self._get(KINDS[kind].path(namespace, name))

    def secret(self, namespace: str, name: str) -> dict[str, str] | None:
        """A Secret's values as text; None when there is no such Secret."""
        document = self.find("Secret", namespace, name)
        return None if document is None else cluster_state.secret_values(document)

    def look_at_job(self, namespace: str, name: str, lines: int = 50) -> JobLook:
        """A Job's state, its pods, and the last lines of the newest pod's log."""
        document = self.find("Job", namespace, name)
        if document is None:
            return JobLook(state=None, pods=(), lines=None)
        uid = document["metadata"]["uid"]
        selector = f"batch.kubernetes.io/controller-uid={uid}"
        found = [*self._list("Pod", namespace, labelSelector=selector)]
        found.sort(key=lambda pod: pod["metadata"].get("creationTimestamp") or "")
        pods = tuple(cluster_state.pod_state(pod) for pod in found)
        return JobLook(
            state=cluster_state.job_state(document),
            pods=pods,
            lines=self._log(pods[-1], lines) if pods else (),
            trouble="" if pods else self.last_warning(namespace, name),
        )

    def blocked_pods(self, namespace: str) -> tuple[PodState, ...]:
        """Pods that cannot run, with their reasons."""
        pods = map(cluster_state.pod_state, self._list("Pod", namespace))
        return tuple(pod for pod in pods if pod.reasons)

    def unbound_claims(self, namespace: str) -> tuple[ClaimState, ...]:
        """Persistent volume claims that have no volume."""
        claims = map(cluster_state.claim_state, self._list("PersistentVolumeClaim", namespace))
        return tuple(claim for claim in claims if claim.phase != "Bound")

    def unsettled(self, namespace: str) -> tuple[str, ...]:
        """Everything in a namespace that is not as it should be; one short text each.

        Claims without a volume, pods that are pending and pods that cannot run.
        """
        claims = [f"claim {c.name} is {c.phase}" for c in self.unbound_claims(namespace)]
        pods = map(cluster_state.pod_state, self._list("Pod", namespace))
        told = [
            f"pod {p.name} is {p.phase}" + (f" ({'; '.join(p.reasons)})" if p.reasons else "")
            for p in pods
            if p.phase == "Pending" or p.reasons
        ]
        return (*claims, *told)

    def capacity(self) -> Capacity:
        """What the Ready nodes can run and attach, and how many pods run now."""
        running = self._list("Pod", fieldSelector="status.phase=Running")
        return cluster_state.capacity(
            [*self._list("Node")], [*self._list("CSINode")], sum(1 for _ in running)
        )

    def service_address(self, namespace: str, name: str) -> str | None:
        """The address (or host name) of a Service's load balancer; None while it has none."""
        return cluster_state.load_balancer_address(self.find("Service", namespace, name) or {})

    def last_warning(self, namespace: str, name: str) -> str:
        """What the cluster last complained about an object; empty when nothing is on record."""
        about = f"involvedObject.name={name},type=Warning"
        events = [*self._list("Event", namespace, fieldSelector=about)]
        return cluster_state.newest_message(events)

    def quotas(self, namespace: str) -> tuple[QuotaState, ...]:
        """The ResourceQuotas of a namespace."""
        return tuple(map(cluster_state.quota_state, self._list("ResourceQuota", namespace)))

    def _log(self, pod: PodState, lines: int) -> tuple[str, ...] | None:
        """The log's last lines; None when the node cannot be asked now.

        A byte limit would cut the end off, not the beginning, so there is none.
        """
        path = f"{KINDS['Pod'].path(pod.namespace, pod.name)}/log"
        try:
            return tuple(self._api.text("GET", path, tailLines=lines).splitlines())
        except (NotFound, Refusal):  # the pod is gone; or 400: its container has not started
            return ()
        except KubernetesFault:
            return None

    def _get(self, path: str) -> dict[str, Any] | None:
        try:
            return self._api.call("GET", path)
        except NotFound:
            return None

    def _list(self, kind: str, namespace: str = "", **query: str) -> Iterator[dict[str, Any]]:
        """Every object of a list, page by page."""
        path, more = KINDS[kind].path(namespace), query
        while True:
            page = self._api.call("GET", path, limit=_PAGE, **more)
            yield from entries(page, "items")
            rest: str | None = part(page, "metadata").get("continue")
            if not rest:
                return
            more = query | {"continue": rest}
