"""The Kubernetes API of one cluster."""

from gateways.kubernetes._transport import CredentialExpired, KubernetesFault, Unreachable
from gateways.kubernetes.cluster import Kubernetes

__all__ = ["CredentialExpired", "Kubernetes", "KubernetesFault", "Unreachable"]
