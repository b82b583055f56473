"""What the official client sees of ordinary objects."""

import base64
from typing import Any

import pytest

from tests.emulator_kubernetes.running import Cluster, DynamicClient, Refused, eventually, official

FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def refused(call: object, *args: object, **kwargs: object) -> Any:
    """The exception that a call ends in."""
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)  # type: ignore[operator] # any method of the client
    return caught.value


def named(core: Any, namespace: str, name: str) -> list[Any]:
    """The ConfigMap of that name, if there is one."""
    found = core.list_namespaced_config_map(namespace).items
    return [item for item in found if item.metadata.name == name]


def test_a_secret_is_stored_encoded(core: Any, namespace: str) -> None:
    """Plain string data comes back base64-coded, with the fields that a server sets."""
    core.create_namespaced_secret(namespace, {"metadata": {"name": "s"}, "stringData": {"a": "b"}})

    found = core.read_namespaced_secret("s", namespace)

    assert base64.b64decode(found.data["a"]) == b"b"
    assert found.type == "Opaque"
    assert found.metadata.uid
    assert found.metadata.resource_version


def test_a_name_is_taken_once(core: Any, namespace: str) -> None:
    """A second creation is a conflict that says AlreadyExists."""
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "c"}})

    error = refused(core.create_namespaced_config_map, namespace, {"metadata": {"name": "c"}})

    assert error.status == 409
    assert '"reason":"AlreadyExists"' in error.body


def test_a_namespace_must_exist(core: Any) -> None:
    """Creating in a namespace that is not there is not found."""
    error = refused(core.create_namespaced_config_map, "nowhere", {"metadata": {"name": "c"}})

    assert error.status == 404
    assert 'namespaces \\"nowhere\\" not found' in error.body


def test_a_stale_write_is_a_conflict(core: Any, namespace: str) -> None:
    """Who changed an old version has to read again."""
    old = core.create_namespaced_config_map(
        namespace, {"metadata": {"name": "c"}, "data": {"k": "1"}}
    )
    core.patch_namespaced_config_map("c", namespace, {"data": {"k": "2"}})

    error = refused(core.replace_namespaced_config_map, "c", namespace, old)

    assert error.status == 409
    assert "the object has been modified" in error.body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"metadata": {"name": "Bad_Name"}}, "metadata.name", id="name"),
        pytest.param(
            {"metadata": {"name": "c", "labels": {"a": "b c"}}}, "metadata.labels", id="label"
        ),
        pytest.param({"metadata": {"name": "c"}, "data": {"a b": "x"}}, "data[a b]", id="key"),
    ],
)
def test_an_invalid_object_names_its_cause(
    core: Any, namespace: str, body: dict[str, object], field: str
) -> None:
    """422 tells which field is wrong."""
    error = refused(core.create_namespaced_config_map, namespace, body)

    assert error.status == 422
    assert f'"field":"{field}"' in error.body


def test_a_list_comes_in_pages(core: Any, namespace: str) -> None:
    """Limit and continue walk through everything once."""
    for number in range(5):
        meta = {"name": f"page-{number}", "labels": {"kind": "page"}}
        core.create_namespaced_config_map(namespace, {"metadata": meta})

    first = core.list_namespaced_config_map(namespace, label_selector="kind=page", limit=3)
    rest = core.list_namespaced_config_map(
        namespace, label_selector="kind=page", limit=3, _continue=first.metadata._continue
    )

    names = [i.metadata.name for i in [*first.items, *rest.items]]
    assert names == [f"page-{n}" for n in range(5)]
    assert not rest.metadata._continue


def test_a_terminating_namespace_takes_its_contents_along(core: Any, namespace: str) -> None:
    """Deletion empties the namespace, refuses newcomers meanwhile, and ends."""
    meta = {"name": "held", "finalizers": ["example.com/hold"]}
    core.create_namespaced_config_map(namespace, {"metadata": meta})
    core.delete_namespace(namespace)

    error = refused(core.create_namespaced_config_map, namespace, {"metadata": {"name": "late"}})
    assert error.status == 403
    assert "because it is being terminated" in error.body

    core.patch_namespaced_config_map("held", namespace, {"metadata": {"finalizers": None}})
    eventually(lambda: namespace not in [n.metadata.name for n in core.list_namespace().items])


def test_a_held_namespace_says_what_holds_it(core: Any, namespace: str) -> None:
    """It names the kinds and the finalizers of what is left, and goes once they are gone."""
    held = {"metadata": {"name": "held", "finalizers": ["example.com/hold"]}}
    core.create_namespaced_config_map(namespace, held)
    core.delete_namespace(namespace)

    def told() -> dict[str, str]:
        found: list[Any] = core.read_namespace(namespace).status.conditions or []
        return {c.type: c.message for c in found if c.status == "True"}

    eventually(
        lambda: (
            told()
            == {
                "NamespaceContentRemaining": "Some resources are remaining: "
                "configmaps. has 1 resource instances",
                "NamespaceFinalizersRemaining": "Some content in the namespace has finalizers "
                "remaining: example.com/hold in 1 resource instances",
            }
        )
    )
    core.patch_namespaced_config_map("held", namespace, {"metadata": {"finalizers": None}})
    eventually(lambda: namespace not in [n.metadata.name for n in core.list_namespace().items])


def test_dependents_go_with_their_owner(core: Any, namespace: str) -> None:
    """Garbage collection follows owner references."""
    owner = core.create_namespaced_config_map(namespace, {"metadata": {"name": "owner"}})
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": owner.metadata.uid,
    }
    child = {"metadata": {"name": "child", "ownerReferences": [reference]}}
    core.create_namespaced_config_map(namespace, child)
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "other"}})

    core.delete_namespaced_config_map("owner", namespace)

    eventually(lambda: not named(core, namespace, "child"))
    assert named(core, namespace, "other")


def test_a_quota_refuses_what_goes_beyond(core: Any, namespace: str) -> None:
    """The refusal has the real server's words, and the status counts what is used."""
    hard = {"persistentvolumeclaims": "1", "requests.storage": "10Gi"}
    core.create_namespaced_resource_quota(
        namespace, {"metadata": {"name": "limits"}, "spec": {"hard": hard}}
    )
    eventually(lambda: core.read_namespaced_resource_quota("limits", namespace).status.used)

    def claim(name: str, size: str) -> dict[str, object]:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        return {"metadata": {"name": name}, "spec": spec}

    too_big = refused(
        core.create_namespaced_persistent_volume_claim, namespace, claim("big", "11Gi")
    )
    core.create_namespaced_persistent_volume_claim(namespace, claim("one", "4Gi"))
    too_many = refused(
        core.create_namespaced_persistent_volume_claim, namespace, claim("two", "1Gi")
    )

    assert (
        "exceeded quota: limits, requested: requests.storage=11Gi, used: requests.storage=0, "
        "limited: requests.storage=10Gi"
    ) in too_big.body
    assert too_many.status == 403
    used = {"persistentvolumeclaims": "1", "requests.storage": "4Gi"}
    eventually(lambda: core.read_namespaced_resource_quota("limits", namespace).status.used == used)


def test_a_definition_makes_a_live_resource(cluster: Cluster, namespace: str) -> None:
    """Its objects can be made once it is established, keep what it knows, and go with it."""
    inner = {"type": "object", "properties": {"x": {"type": "integer"}, "free": FREE}}
    schema = {"type": "object", "properties": {"spec": inner}}
    definition = {
        "metadata": {"name": "apps.kots.io"},
        "spec": {
            "group": "kots.io",
            "scope": "Namespaced",
            "names": {"plural": "apps", "kind": "App"},
            "versions": [
                {
                    "name": "v1beta1", "served": True, "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }  # fmt: skip # a document
    with cluster.api() as api:
        definitions = official.ApiextensionsV1Api(api)
        definitions.create_custom_resource_definition(definition)
        eventually(lambda: "Established" in conditions(definitions, "apps.kots.io"))
        custom = official.CustomObjectsApi(api)
        body = {
            "apiVersion": "kots.io/v1beta1",
            "kind": "App",
            "metadata": {"name": "a"},
            "spec": {"x": 1, "y": 2, "free": {"z": 3}},
            "other": {},
        }
        custom.create_namespaced_custom_object("kots.io", "v1beta1", namespace, "apps", body)

        listed = custom.list_namespaced_custom_object("kots.io", "v1beta1", namespace, "apps")
        definitions.delete_custom_resource_definition("apps.kots.io")

        assert [i["spec"] for i in listed["items"]] == [{"x": 1, "free": {"z": 3}}]
        assert "other" not in listed["items"][0]

        def answers() -> bool:
            try:
                custom.list_namespaced_custom_object("kots.io", "v1beta1", namespace, "apps")
            except Refused as gone:
                if gone.status != 404:  # HTTP's Not Found
                    raise
                return False
            return True

        eventually(lambda: not answers())


def conditions(definitions: Any, name: str) -> list[str]:
    """The conditions that a CustomResourceDefinition meets."""
    found = definitions.read_custom_resource_definition(name).status
    return [c.type for c in (found.conditions if found else None) or () if c.status == "True"]


def test_appliers_own_what_they_apply(cluster: Cluster, namespace: str) -> None:
    """A second manager conflicts unless it forces; a field nobody applies any more is removed."""
    with cluster.api() as api:
        maps = DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")

        def apply(manager: str, data: dict[str, str], *, force: bool = False) -> dict[str, str]:
            body = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "c"},
                "data": data,
            }
            return maps.server_side_apply(
                body=body,
                name="c",
                namespace=namespace,
                field_manager=manager,
                force_conflicts=force,
            ).data.to_dict()

        apply("one", {"a": "1", "b": "1"})
        error = refused(apply, "two", {"a": "2"})
        forced = apply("two", {"a": "2"}, force=True)
        without_b = apply("one", {})

    assert error.status == 409
    assert 'conflict with \\"one\\"' in error.body
    assert forced == {"a": "2", "b": "1"}
    assert without_b == {"a": "2"}
