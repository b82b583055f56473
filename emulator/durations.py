"""How long things take in reality: the one table that the emulator's speed divides.

Each number names its source; where no official figure exists, the comment says what it rests on.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Realistic durations of everything that the emulated world takes its time for."""

    resource_group_delete: timedelta = timedelta(minutes=6)
    """A group that holds a cluster; about as long as the cluster's, no official figure."""
    network_create: timedelta = timedelta(seconds=8)
    """Virtual network or subnet; seconds in every public recording, no official figure."""
    cluster_create: timedelta = timedelta(minutes=8)
    """No official figure; Terraform and Cluster API allow 90 minutes, reports say 5 to 10."""
    cluster_update: timedelta = timedelta(minutes=4)
    """No official figure; half of a creation."""
    cluster_delete: timedelta = timedelta(minutes=5)
    """No official figure; reports say 4 to 8 minutes."""
    node_ready: timedelta = timedelta(seconds=30)
    """After the cluster Succeeded nodes are usually Ready; a late node takes seconds."""
    pod_start: timedelta = timedelta(seconds=15)
    """Schedule, pull a cached or small image, start."""
    load_balancer_address: timedelta = timedelta(seconds=60)
    """Azure assigns the front-end address in about one minute."""
    component_install: timedelta = timedelta(minutes=2)
    """helm --wait of cert-manager or Istio: minutes."""
    console_start: timedelta = timedelta(minutes=2)
    """kotsadm, rqlite and MinIO ready; KOTS's own --wait-duration default is 2 minutes each."""
    application_fetch: timedelta = timedelta(minutes=2)
    """kotsadm pulls the release and renders it before it opens its port."""
    preflights: timedelta = timedelta(minutes=1)
    """KOTS preflight checks in the cluster."""
    application_rollout: timedelta = timedelta(minutes=20)
    """97 core pods from remote registries; with the console and the fetch about 25 minutes."""
    ingress_rollout: timedelta = timedelta(minutes=3)
    """The ingress controller's Service appears early in the roll-out of the application."""
    dns_publish: timedelta = timedelta(seconds=10)
    """Azure DNS: changes reach the name servers in seconds; 60 is the documented target."""
