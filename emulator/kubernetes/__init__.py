"""The Kubernetes API of an emulated cluster: server, store, rules and built-in controllers.

Pods are not run here: a kubelet (``emulator.kubelet``) is a client like any other.
"""

from emulator.kubernetes.server import ApiServer

__all__ = ["ApiServer"]
