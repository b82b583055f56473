"""What watchers are told."""

from pathlib import Path
from typing import Any

import pytest

from tests.emulator_kubernetes.running import Refused, Watch, official, running


def test_a_watch_goes_on_from_where_the_list_ended(core: Any, namespace: str) -> None:
    """No change between list and watch is lost, and each is told once."""
    revision = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "c"}})
    core.patch_namespaced_config_map("c", namespace, {"data": {"k": "v"}})
    core.delete_namespaced_config_map("c", namespace)

    stream = Watch().stream(
        core.list_namespaced_config_map, namespace,
        field_selector="metadata.name=c", resource_version=revision, timeout_seconds=1,
    )  # fmt: skip # one call; a new namespace gets a ConfigMap of the cluster's own at any time

    assert [e["type"] for e in stream] == ["ADDED", "MODIFIED", "DELETED"]


def test_an_object_that_leaves_the_selection_is_deleted_for_the_watcher(
    core: Any, namespace: str
) -> None:
    """A label selector is about now: leaving it looks like an end."""
    revision = core.list_namespaced_config_map(namespace).metadata.resource_version
    meta = {"name": "c", "labels": {"a": "b"}}
    core.create_namespaced_config_map(namespace, {"metadata": meta})
    core.patch_namespaced_config_map("c", namespace, {"metadata": {"labels": {"a": "x"}}})

    stream = Watch().stream(
        core.list_namespaced_config_map, namespace,
        label_selector="a=b", resource_version=revision, timeout_seconds=1,
    )  # fmt: skip # one call

    assert [e["type"] for e in stream] == ["ADDED", "DELETED"]


def test_too_old_a_revision_is_gone(tmp_path: Path) -> None:
    """History is bounded; who comes from before it has to list again."""
    with running(tmp_path, history=10) as cluster, cluster.api() as api:
        core = official.CoreV1Api(api)
        for number in range(20):
            core.create_namespaced_config_map("default", {"metadata": {"name": f"c{number}"}})

        with pytest.raises(Refused) as caught:
            list(
                Watch().stream(
                    core.list_namespaced_config_map,
                    "default",
                    resource_version="5",
                    timeout_seconds=1,
                )
            )

    assert caught.value.status == 410
