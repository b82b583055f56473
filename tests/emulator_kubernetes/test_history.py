"""How far back a cluster remembers: the pages of a list, and the answers about what is gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator_kubernetes.running import Refused, eventually, official, running
from tests.real.requirements import BACKENDS

GONE = 410
SHORT = ("--watch-cache=false", "--etcd-compaction-interval=1s")
"""A real API server that forgets within two seconds, and keeps nothing besides its store."""


@pytest.fixture(scope="module", params=BACKENDS)
def forgetful(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The official client of a cluster with a short memory."""
    folder = tmp_path_factory.mktemp("forgetful")
    with (
        running(folder, str(request.param), history=10, options=SHORT) as cluster,
        cluster.api() as api,
    ):
        yield official.CoreV1Api(api)


@pytest.fixture
def old(forgetful: Any) -> Any:
    """The first page of a list, long after it was read."""
    for number in range(3):
        body = {"metadata": {"name": f"c{number}"}, "data": {"a": "old"}}
        if exists(forgetful, f"c{number}"):
            forgetful.replace_namespaced_config_map(f"c{number}", "default", body)
        else:
            forgetful.create_namespaced_config_map("default", body)
    page = forgetful.list_namespaced_config_map("default", limit=1)

    def forgotten() -> bool:
        forgetful.patch_namespaced_config_map("c1", "default", {"data": {"a": "new"}})
        forgetful.patch_namespaced_config_map("c1", "default", {"data": {"a": "newer"}})
        try:
            forgetful.list_namespaced_config_map(
                "default", resource_version=page.metadata.resource_version,
                resource_version_match="Exact",
            )  # fmt: skip # one call
        except Refused as refused:
            return refused.status == GONE
        return False

    eventually(forgotten)
    return page.metadata


def exists(core: Any, name: str) -> bool:
    """Whether there is such a ConfigMap."""
    return any(i.metadata.name == name for i in core.list_namespaced_config_map("default").items)


def refusal(caught: pytest.ExceptionInfo[Any]) -> Any:
    """The ``Status`` of a refusal."""
    return json.loads(caught.value.body)


def test_the_pages_of_a_list_show_one_moment(core: Any, namespace: str) -> None:
    """What changes between two pages is not seen by the second."""
    for name in ("a", "b"):
        body = {"metadata": {"name": name}, "data": {"k": "b2xk"}}
        core.create_namespaced_secret(namespace, body)
    first = core.list_namespaced_secret(namespace, limit=1).metadata
    core.patch_namespaced_secret("b", namespace, {"data": {"k": "bmV3"}})
    core.create_namespaced_secret(namespace, {"metadata": {"name": "c"}})

    second = core.list_namespaced_secret(namespace, _continue=first._continue)

    assert [i.data for i in second.items] == [{"k": "b2xk"}]
    assert second.metadata._continue is None
    assert second.metadata.resource_version == first.resource_version


def test_a_watch_from_before_history_is_told_so_in_the_stream(forgetful: Any, old: Any) -> None:
    """The request itself was in order: 200, then one event with the 410."""
    reply = forgetful.list_namespaced_config_map(
        "default", watch=True, timeout_seconds=1,
        resource_version=old.resource_version, _preload_content=False,
    )  # fmt: skip # one call

    (event,) = [json.loads(line) for line in reply.data.splitlines()]
    assert reply.status == 200
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert "too old" in event["object"]["message"]


def test_a_forgotten_list_goes_on_with_what_there_is_now(forgetful: Any, old: Any) -> None:
    """The refusal carries a token for those who take an inconsistent rest."""
    with pytest.raises(Refused) as caught:
        forgetful.list_namespaced_config_map("default", limit=1, _continue=old._continue)
    said = refusal(caught)
    rest = forgetful.list_namespaced_config_map("default", _continue=said["metadata"]["continue"])

    assert (said["code"], said["reason"]) == (410, "Expired")
    assert said["message"].startswith("The provided continue parameter is too old")
    assert {"a": "newer"} in [i.data for i in rest.items]


def test_a_forgotten_revision_is_no_list_any_more(forgetful: Any, old: Any) -> None:
    """Unless anything newer will do."""
    with pytest.raises(Refused) as caught:
        forgetful.list_namespaced_config_map(
            "default", resource_version=old.resource_version, resource_version_match="Exact"
        )
    newer = forgetful.list_namespaced_config_map(
        "default", resource_version=old.resource_version, resource_version_match="NotOlderThan"
    )

    said = refusal(caught)
    assert (said["reason"], said["message"]) == (
        "Expired",
        "The resourceVersion for the provided list is too old.",
    )
    assert int(newer.metadata.resource_version) > int(old.resource_version)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"resource_version": "x"}, 400, "invalid resource version: resourceVersion: Invalid"),
        ({"resource_version_match": "Exact"}, 422, "forbidden unless resourceVersion is provided"),
        ({"resource_version": "1", "resource_version_match": "x"}, 422, 'Unsupported value: "x"'),
        (
            {"resource_version": "0", "resource_version_match": "Exact"},
            422,
            'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        ({"resource_version": "99999999"}, 504, "Too large resource version: 99999999, current: "),
        ({"_continue": "xx"}, 400, "continue key is not valid"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    core: Any, options: dict[str, str], code: int, words: str
) -> None:
    """In the words of the real server."""
    with pytest.raises(Refused) as caught:
        core.list_namespaced_config_map("default", **options)

    assert caught.value.status == code
    assert words in refusal(caught)["message"]
