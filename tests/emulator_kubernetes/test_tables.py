"""What ``kubectl get`` prints: columns, and cells."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.kubernetes.printed_age import age, human
from emulator.kubernetes.printed_columns import first_at, selector
from emulator.kubernetes.printed_core import CORE
from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster, eventually

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
COLUMNS = {
    "/api/v1/pods": "Name Ready Status Restarts Age | IP Node Nominated_Node Readiness_Gates",
    "/api/v1/nodes": "Name Status Roles Age Version | Internal-IP External-IP OS-Image "
    "Kernel-Version Container-Runtime",
    "/api/v1/services": "Name Type Cluster-IP External-IP Port(s) Age | Selector",
    "/api/v1/secrets": "Name Type Data Age |",
    "/api/v1/persistentvolumeclaims": "Name Status Volume Capacity Access_Modes StorageClass "
    "VolumeAttributesClass Age | VolumeMode",
    "/api/v1/resourcequotas": "Name Request Limit Age |",
    "/api/v1/events": "Last_Seen Type Reason Object Message | Subobject Source First_Seen Count "
    "Name",
    "/apis/apps/v1/deployments": "Name Ready Up-to-date Available Age | Containers Images Selector",
    "/apis/apps/v1/statefulsets": "Name Ready Age | Containers Images",
    "/apis/apps/v1/daemonsets": "Name Desired Current Ready Up-to-date Available Node_Selector Age "
    "| Containers Images Selector",
    "/apis/batch/v1/jobs": "Name Status Completions Duration Age | Containers Images Selector",
    "/apis/batch/v1/cronjobs": "Name Schedule Timezone Suspend Active Last_Schedule Age | "
    "Containers Images Selector",
    "/apis/storage.k8s.io/v1/storageclasses": "Name Provisioner ReclaimPolicy VolumeBindingMode "
    "AllowVolumeExpansion Age |",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings": "Name Role Age | Users Groups "
    "ServiceAccounts",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles": "Name Created_At |",
}


@pytest.mark.parametrize("path", COLUMNS)
def test_columns_are_those_of_the_real_server(cluster: Cluster, path: str) -> None:
    """Usual ones before the bar, those of ``-o wide`` behind it."""
    said = ask(cluster, "GET", path, headers=TABLE).json["columnDefinitions"]

    usual, _, wide = COLUMNS[path].partition("|")
    for priority, names in ((0, usual), (1, wide)):
        shown = [c["name"].replace(" ", "_") for c in said if c["priority"] == priority]
        assert shown == names.split()


def row(cluster: Cluster, path: str) -> list[Any]:
    """Cells of one object without its age."""
    table = ask(cluster, "GET", path, headers=TABLE).json
    names = [c["name"] for c in table["columnDefinitions"]]
    cells = zip(names, table["rows"][0]["cells"], strict=True)
    return [cell for name, cell in cells if name not in ("Age", "Duration")]


def test_a_wide_row_tells_more(cluster: Cluster, namespace: str) -> None:
    """Images and selectors."""
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "x", "image": "i:1"}, {"name": "y", "image": "j:2"}]},
    }
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    wish = {
        "matchLabels": {"a": "b"},
        "matchExpressions": [{"key": "z", "operator": "DoesNotExist"}],
    }
    spec = {"replicas": 0, "selector": wish, "template": template}
    ask(cluster, "POST", path, {"metadata": {"name": "d"}, "spec": spec})

    cells = row(cluster, f"{path}/d")

    assert (cells[0], cells[1]) == ("d", "0/0")
    assert cells[-3:] == ["x,y", "i:1,j:2", "a=b,!z"]


def test_a_quota_is_printed_with_what_is_used(cluster: Cluster, namespace: str) -> None:
    """Requests and limits apart."""
    hard = {"pods": "4", "limits.cpu": "2"}
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    ask(cluster, "POST", path, {"metadata": {"name": "q"}, "spec": {"hard": hard}})

    seen = eventually(lambda: (r := row(cluster, f"{path}/q"))[1] and r)

    assert seen == ["q", "pods: 0/4", "limits.cpu: 0/2"]


def test_custom_kinds_have_columns_of_their_own(cluster: Cluster, namespace: str) -> None:
    """Those that the definition names; what an object does not have is left out."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    columns = [
        {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
        {"name": "First", "type": "string", "jsonPath": ".spec.list[0].a", "priority": 1},
        {"name": "None", "type": "string", "jsonPath": ".spec.nothing"},
    ]
    version = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
        "additionalPrinterColumns": columns,
    }  # fmt: skip # one version
    group = f"{namespace}.example.com"
    names = {"plural": "toys", "kind": "Toy", "singular": "toy", "listKind": "ToyList"}
    definition = {
        "metadata": {"name": f"toys.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }
    made = ask(
        cluster, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition
    )
    assert made.status == 201, made.message
    path = f"/apis/{group}/v1/namespaces/{namespace}/toys"
    toy = {
        "apiVersion": f"{group}/v1", "kind": "Toy", "metadata": {"name": "t"},
        "spec": {"size": 3, "list": [{"a": "b"}]},
    }  # fmt: skip # one object
    eventually(lambda: ask(cluster, "POST", path, toy).status in (201, 409))

    assert row(cluster, f"{path}/t") == ["t", 3, "b", None]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0s"), (119, "119s"), (120, "2m"), (327, "5m27s"), (600, "10m"), (10799, "179m"),
        (3 * 3600, "3h"), (3 * 3600 + 300, "3h5m"), (9 * 3600, "9h"), (48 * 3600, "2d"),
        (53 * 3600, "2d5h"), (30 * 86400, "30d"), (731 * 86400, "2y1d"), (9 * 365 * 86400, "9y"),
    ],
)  # fmt: skip # a table
def test_ages_are_written_as_kubectl_writes_them(seconds: int, shown: str) -> None:
    """The shorter, the more exact."""
    assert human(seconds) == shown


def test_an_age_is_counted_until_a_moment() -> None:
    """Or until now."""
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert age(start.isoformat(), start + timedelta(minutes=3)) == "3m"
    assert age(None) == "<unknown>"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".a.b", 1),
        (".list[1].n", "y"),
        ('.list[?(@.n=="y")].v', 2),
        (".list[*].v", 1),
        (".list[7].n", None),
        (".a.b.c", None),
        (".a[0]", None),
    ],
)
def test_paths_of_custom_columns_are_followed(path: str, found: object) -> None:
    """Names, indexes and comparisons."""
    item = {"a": {"b": 1}, "list": [{"n": "x", "v": 1}, {"n": "y", "v": 2}]}

    assert first_at(item, path) == found


def test_a_selector_is_written_in_short() -> None:
    """Each operator has its form."""
    wishes = [
        {"key": "c", "operator": "In", "values": ["d", "e"]},
        {"key": "f", "operator": "NotIn", "values": ["g"]},
        {"key": "h", "operator": "Exists"},
        {"key": "i", "operator": "DoesNotExist"},
    ]

    shown = selector({"matchLabels": {"a": "b"}, "matchExpressions": wishes})

    assert shown == "a=b,c in (d,e),f notin (g),h,!i"
    assert selector({}) == "<none>"


def test_a_node_plays_the_roles_of_both_labels() -> None:
    """The older label ``kubernetes.io/role``, which AKS sets, counts as the newer ones do."""
    labels = {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "agent", "other": "x"}
    node = {"metadata": {"name": "n", "labels": labels}, "spec": {}}

    assert CORE["Node"][2].cell(node) == "agent,worker"
