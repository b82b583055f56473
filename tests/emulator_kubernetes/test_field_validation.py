"""Fields that a kind does not know, that stand there twice, or hold the wrong type."""

import copy
from typing import Any

import pytest

from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
YAML = "application/yaml"
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 0,
        "strategy": {},
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]},
        },
    },
}
UNKNOWN = (
    'unknown field "metadata.nope"', 'unknown field "spec.template.spec.containers[0].x"',
    'unknown field "spec.colour"', 'unknown field "other"',
)  # fmt: skip # a list of complaints


def misspelled() -> dict[str, Any]:
    """A Deployment with four fields that do not exist."""
    item = copy.deepcopy(DEPLOYMENT)
    item["metadata"]["nope"] = 1
    item["spec"]["template"]["spec"]["containers"][0]["x"] = 1
    item["spec"]["colour"] = "red"
    item["other"] = {}
    return item


def deployments(namespace: str) -> str:
    """Address of the Deployments of a namespace."""
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def maps(namespace: str) -> str:
    """Address of the ConfigMaps of a namespace."""
    return f"/api/v1/namespaces/{namespace}/configmaps"


def header(text: str) -> str:
    """A warning as its header has it."""
    quoted = text.replace('"', '\\"')
    return f'299 - "{quoted}"'


def test_strict_validation_names_every_unknown_field(cluster: Cluster, namespace: str) -> None:
    """And stores nothing."""
    said = ask(cluster, "POST", f"{deployments(namespace)}?fieldValidation=Strict", misspelled())

    assert said.status == 400
    assert said.message == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        + ", ".join(UNKNOWN)
    )
    assert ask(cluster, "GET", f"{deployments(namespace)}/web").status == 404


@pytest.mark.parametrize(("query", "warned"), [("", True), ("?fieldValidation=Ignore", False)])
def test_unknown_fields_are_dropped(
    cluster: Cluster, namespace: str, query: str, warned: bool
) -> None:
    """With a warning for each, unless the client wants none."""
    said = ask(cluster, "POST", deployments(namespace) + query, misspelled())

    assert said.status == 201
    assert said.warnings == (tuple(map(header, UNKNOWN)) if warned else ())
    stored = ask(cluster, "GET", f"{deployments(namespace)}/web").json
    assert "nope" not in stored["metadata"]
    assert "colour" not in stored["spec"]
    assert "x" not in stored["spec"]["template"]["spec"]["containers"][0]
    assert "other" not in stored


def test_an_empty_strategy_gets_its_defaults(cluster: Cluster, namespace: str) -> None:
    """Kubectl generates ``strategy: {}``."""
    said = ask(cluster, "POST", deployments(namespace), DEPLOYMENT)

    rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
    assert said.json["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": rolling}


@pytest.mark.parametrize(
    ("body", "kind", "strict", "warnings"),
    [
        (
            '{"metadata":{"name":"a"},"data":{"a":"1","a":"2"},"data":{}}',
            "application/json",
            'duplicate field "data.a", duplicate field "data"',
            ['duplicate field "data.a"', 'duplicate field "data"'],
        ),
        (
            'metadata: {name: a}\ndata: {a: "1", a: "2"}\nx: 1\n',
            YAML,
            'yaml: unmarshal errors:\n  line 2: key "a" already set in map, unknown field "x"',
            ['line 2: key "a" already set in map', 'unknown field "x"'],
        ),
    ],
)
def test_repeated_fields_are_complained_about(  # noqa: PLR0913, PLR0917 # a row of the table
    cluster: Cluster, namespace: str, body: str, kind: str, strict: str, warnings: list[str]
) -> None:
    """In the words of the decoder of each format."""
    path = f"{maps(namespace)}?dryRun=All"
    refused = ask(cluster, "POST", f"{path}&fieldValidation=Strict", body, kind=kind)
    warned = ask(cluster, "POST", path, body, kind=kind)

    assert refused.message.endswith(f"strict decoding error: {strict}")
    assert (warned.status, warned.warnings) == (201, tuple(map(header, warnings)))


@pytest.mark.parametrize(
    ("patch", "kind", "words"),
    [
        ({"spec": {"colour": 1}}, STRATEGIC, 'unknown field "spec.colour"'),
        ({"spec": {"colour": 1}}, MERGE, 'unknown field "spec.colour"'),
        ([{"op": "add", "path": "/spec/colour", "value": 1}], JSON_PATCH, 'field "spec.colour"'),
        ([{"op": "test", "path": "/kind", "value": "Deployment", "x": 1}], JSON_PATCH, '"[0].x"'),
    ],
)
def test_a_strict_patch_is_refused(
    cluster: Cluster, namespace: str, patch: Any, kind: str, words: str
) -> None:
    """422, because the patch is what is wrong; without the wish it warns."""
    ask(cluster, "POST", deployments(namespace), DEPLOYMENT)
    path = f"{deployments(namespace)}/web"

    refused = ask(cluster, "PATCH", f"{path}?fieldValidation=Strict", patch, kind=kind)
    warned = ask(cluster, "PATCH", path, patch, kind=kind)

    assert refused.status == 422
    assert refused.message.startswith(' "" is invalid: patch: Invalid value: ')
    assert "strict decoding error: " in refused.message
    assert words in refused.message
    assert warned.status == 200
    assert len(warned.warnings) == 1


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"spec": {"colour": 1}}, ".spec.colour: field not declared in schema"),
        (
            {"spec": {"template": {"spec": {"containers": [{"name": "web", "x": 1}]}}}},
            '.spec.template.spec.containers[name="web"].x: field not declared in schema',
        ),
        (
            {"spec": {"replicas": "x"}},
            ".spec.replicas: expected numeric (int or float), got string",
        ),
    ],
)
def test_nothing_unknown_can_be_applied(
    cluster: Cluster, namespace: str, part: dict[str, Any], why: str
) -> None:
    """Server-side apply needs the schema, whatever the client wishes for."""
    item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, **part}
    path = f"{deployments(namespace)}/web?fieldManager=m&fieldValidation=Ignore"
    ask(cluster, "POST", deployments(namespace), DEPLOYMENT)

    said = ask(cluster, "PATCH", path, item, kind=APPLY)

    where = "/web; apps/v1, Kind=Deployment"
    assert said.status == 500
    assert said.message == f"failed to create typed patch object ({where}): {why}"


@pytest.mark.parametrize(
    ("spec", "seen", "field", "wanted"),
    [
        ({"containers": {}}, "object", "PodSpec.spec.containers", "[]v1.Container"),
        ({"containers": [{"name": 1}]}, "number", "Container.spec.containers.name", "string"),
        ({"hostNetwork": "yes"}, "string", "PodSpec.spec.hostNetwork", "bool"),
        (
            {"activeDeadlineSeconds": 1.5},
            "number 1.5",
            "PodSpec.spec.activeDeadlineSeconds",
            "int64",
        ),
        ({"nodeSelector": {"a": True}}, "bool", "PodSpec.spec.nodeSelector", "string"),
        ({"nodeSelector": []}, "array", "PodSpec.spec.nodeSelector", "map[string]string"),
        ("x", "string", "Pod.spec", "v1.PodSpec"),
    ],
)
def test_a_value_of_a_wrong_type_is_refused(  # noqa: PLR0913, PLR0917 # a row of the table
    cluster: Cluster, namespace: str, spec: Any, seen: str, field: str, wanted: str
) -> None:
    """Wherever it stands."""
    pod = {"metadata": {"name": "p"}, "spec": spec}

    said = ask(cluster, "POST", f"/api/v1/namespaces/{namespace}/pods", pod)

    assert said.status == 400
    assert said.message == (
        'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal '
        f"{seen} into Go struct field {field} of type {wanted}"
    )


def test_null_is_the_same_as_nothing(cluster: Cluster, namespace: str) -> None:
    """In an object; in a map of texts it is the empty one."""
    item = {"metadata": {"name": "a", "labels": None}, "data": {"x": None}, "immutable": None}

    said = ask(cluster, "POST", maps(namespace), item)

    assert said.status == 201
    assert said.json["data"] == {"x": ""}
    assert "immutable" not in said.json
    assert "labels" not in said.json["metadata"]


def test_an_unknown_validation_is_refused(cluster: Cluster, namespace: str) -> None:
    """The words are written as they are."""
    said = ask(cluster, "POST", f"{maps(namespace)}?fieldValidation=strict", {})

    assert said.status == 422
    assert 'fieldValidation: Unsupported value: "strict": supported values: ""' in said.message
