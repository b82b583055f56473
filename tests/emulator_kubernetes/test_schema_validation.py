"""Custom objects must be what their definition says."""

from typing import Any

import pytest

from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.objects import JsonObject
from emulator.kubernetes.resources import Resource
from emulator.kubernetes.schema_validation import schema_causes
from emulator.kubernetes.validation import validate

SPEC: JsonObject = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
        "replicas": {"type": "integer", "minimum": 1, "maximum": 3},
        "mode": {"type": "string", "enum": ["fast", "safe"]},
        "port": {"x-kubernetes-int-or-string": True},
        "hosts": {"type": "array", "items": {"type": "string"}, "maxItems": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "note": {"type": "string", "nullable": True},
    },
}
SCHEMA: JsonObject = {"type": "object", "required": ["spec"], "properties": {"spec": SPEC}}


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        pytest.param(
            {
                "replicas": 2.0, "mode": "safe", "port": "http", "hosts": ["a"], "note": None,
                "labels": {"a": "b"}, "unknown": 1,
            },
            "",
            id="all-well",
        ),
        pytest.param(
            {"replicas": "two"},
            'spec.replicas: Invalid value: "string": spec.replicas in body must be of type '
            'integer: "string"',
            id="type",
        ),
        pytest.param({"image": ...}, "spec.image: Required value", id="required"),
        pytest.param(
            {"mode": "slow"},
            'spec.mode: Unsupported value: "slow": supported values: "fast", "safe"',
            id="enum",
        ),
        pytest.param(
            {"replicas": 0},
            "spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or "
            "equal to 1",
            id="minimum",
        ),
        pytest.param(
            {"replicas": 4},
            "spec.replicas: Invalid value: 4: spec.replicas in body should be less than or equal "
            "to 3",
            id="maximum",
        ),
        pytest.param(
            {"image": "A1"},
            'spec.image: Invalid value: "A1": spec.image in body should match \'^[a-z]+$\'',
            id="pattern",
        ),
        pytest.param(
            {"image": "a"},
            'spec.image: Invalid value: "a": spec.image in body should be at least 2 chars long',
            id="short",
        ),
        pytest.param(
            {"image": "abcdef"}, "spec.image: Too long: may not be more than 5 bytes", id="long"
        ),
        pytest.param(
            {"hosts": ["a", "b"]}, "spec.hosts: Too many: 2: must have at most 1 items", id="many"
        ),
        pytest.param(
            {"hosts": [1]},
            'spec.hosts[0]: Invalid value: "integer": spec.hosts[0] in body must be of type '
            'string: "integer"',
            id="item",
        ),
    ],
)  # fmt: skip # a table
def test_a_misfit_is_named(spec: dict[str, Any], wanted: str) -> None:
    """In the words of the real server, with the path of the field."""
    whole = {k: v for k, v in ({"image": "abc"} | spec).items() if v is not ...}
    causes = schema_causes(SCHEMA, {"metadata": {"name": "a"}, "spec": whole})

    assert ", ".join(f"{c.field}: {c.message}" for c in causes) == wanted


def test_a_misfit_is_refused() -> None:
    """The refusal has the form of all others, in the name of the custom kind."""
    kind = Resource(group="kots.io", plural="apps", kind="App", custom=True, schema=SCHEMA)

    with pytest.raises(ApiError) as refused:
        validate(kind, {"metadata": {"name": "a"}}, None)

    assert refused.value.message == 'App.kots.io "a" is invalid: spec: Required value'
