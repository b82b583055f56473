"""Kubeconfigs that differ from a good one in one thing."""

import base64
from typing import Any

import yaml


def with_user(kubeconfig: bytes, **user: Any) -> bytes:
    """The same kubeconfig with another credential."""
    document = yaml.safe_load(kubeconfig)
    document["users"][0]["user"] = user
    return yaml.safe_dump(document).encode()


def with_cluster(kubeconfig: bytes, **cluster: Any) -> bytes:
    """The same kubeconfig with something else about the server."""
    document = yaml.safe_load(kubeconfig)
    document["clusters"][0]["cluster"] |= cluster
    return yaml.safe_dump(document).encode()


def encoded(text: bytes) -> str:
    """As a kubeconfig holds certificates."""
    return base64.b64encode(text).decode()
