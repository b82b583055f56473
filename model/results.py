"""What the stages answer when they are done."""

from model import wire


@wire.record
class Nothing:
    """Done, and there is nothing to tell."""


@wire.record
class Made:
    """A resource is there, or on its way.

    Attributes:
        resource_id: Azure resource id, or ``namespace/name`` of a Kubernetes object.
        changed: Whether this call asked for a change; False when all was as wanted.
    """

    resource_id: str
    changed: bool


@wire.record
class ClusterFacts:
    """A cluster that is Succeeded."""

    resource_id: str
    fqdn: str
    kubernetes_version: str
    node_resource_group: str


@wire.record
class Capacity:
    """Sums over Ready nodes: nodes, allocatable pods, attachable volumes, pods running."""

    nodes: int
    pods: int
    volumes: int
    pods_running: int


@wire.record
class JobDone:
    """A Job reached its goal.

    Attributes:
        job: Its name.
        detail: Last line worth showing.
        version: Installed version label; empty for components.
    """

    job: str
    detail: str
    version: str


@wire.record
class JobFailed:
    """A Job ended without reaching its goal, and another run may.

    Result of an observe stage, not a refusal: the orchestrator decides on the next attempt.
    """

    job: str
    detail: str


@wire.record
class JobEnded:
    """Exactly one of the two is set."""

    done: JobDone | None
    failed: JobFailed | None


@wire.record
class Address:
    """The load balancer's address: an IPv4 address as text."""

    address: str


@wire.record
class DnsRecord:
    """One record; ``zone`` and ``relative_name`` are empty in manual mode.

    Attributes:
        name: Fully qualified, without the last dot.
        kind: ``A`` or ``CNAME``.
        value: IPv4 address or target name.
    """

    name: str
    kind: str
    value: str
    zone: str
    relative_name: str


@wire.record
class DnsRecords:
    """All seven records and how many of them were written by this call."""

    records: tuple[DnsRecord, ...]
    written: int


@wire.record
class Administrator:
    """The administrator as Keycloak has it now."""

    user_id: str
    username: str
    roles: tuple[str, ...]
    login_verified: bool


@wire.record
class Limits:
    """The limits and where they were applied.

    Attributes:
        applied: Of ``quota`` and ``graphql``, those done by us.
        instructions: For a person at the gate: numbers and click path; empty without a gate.
    """

    pods: int
    volumes: int
    baseline_pods: int
    applied: tuple[str, ...]
    instructions: str


@wire.record
class Evidence:
    """One proof of the verification: what was tried, and what was seen."""

    subject: str
    proof: str


@wire.record
class Verified:
    """All proofs; a failed one is a refusal or a pending answer instead."""

    evidence: tuple[Evidence, ...]


@wire.record
class Leftovers:
    """What is ours, when an installation ended early.

    Attributes:
        resources: Azure resource ids of what exists still.
        busy: What Azure is still doing about them, and what could not be looked at.
        removed: Ids of what existed before the clean-up and does not any longer.
    """

    resources: tuple[str, ...]
    busy: tuple[str, ...]
    removed: tuple[str, ...] = ()
