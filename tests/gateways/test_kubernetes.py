"""What the Kubernetes gateway does in a cluster, on the emulated API server and on a real one."""

import base64
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateways.kubernetes import Kubernetes
from model import manifests
from model.errors import Refusal
from model.ownership import INSTALLER_NAMESPACE, LABEL_RUN
from model.plan import ClusterTarget, ComponentSpec, JobRun
from tests.gateways.kubernetes_world import World, running, until
from tests.real.requirements import BACKENDS

SPEC = ComponentSpec(
    target=ClusterTarget(subscription_id="s", resource_group="rg", cluster="c"),
    name="istio",
    kind="chart",
    chart="istio",
    repository=None,
    version="1.0.0",
    namespace="istio-system",
    values={"a": 1},
    after=(),
    image="image:v1",
    job=JobRun(
        installation="dash",
        run_id="00000000",
        attempt=1,
        patience=timedelta(minutes=5),
        poll=timedelta(seconds=1),
    ),
)
GREETING = '#!/usr/bin/env bash\necho "hello from $COMPONENT"; cat "$VALUES_FILE"\n'


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One cluster for all tests; each works in names of its own."""
    with running(request.param) as up:
        yield up


@pytest.fixture
def cluster(world: World) -> Kubernetes:
    """A fresh connection."""
    return world.connect()


def fresh(spec: ComponentSpec = SPEC) -> ComponentSpec:
    """The same component in a run and an installation of its own."""
    run = replace(
        spec.job, installation=f"dash-{secrets.token_hex(3)}", run_id=secrets.token_hex(4)
    )
    return replace(spec, job=run)


def config_map(namespace: str, labels: dict[str, str] | None = None, **data: str) -> dict[str, Any]:
    """A ConfigMap called ``settings``."""
    metadata = {"name": "settings", "namespace": namespace, "labels": labels or {}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


OURS = {"app.kubernetes.io/managed-by": "dash-enterprise-installer"}


def data(cluster: Kubernetes, namespace: str) -> dict[str, str]:
    """What ``settings`` holds."""
    return (cluster.find("ConfigMap", namespace, "settings") or {}).get("data") or {}


def test_what_is_not_there_reads_as_nothing(cluster: Kubernetes) -> None:
    """Neither a missing object nor a missing namespace is an error."""
    nowhere = "no-such-namespace"

    assert cluster.find("ConfigMap", nowhere, "x") is None
    assert cluster.secret(nowhere, "x") is None
    assert cluster.service_address(nowhere, "x") is None
    assert cluster.blocked_pods(nowhere) == ()
    assert cluster.unsettled(nowhere) == ()
    assert cluster.quotas(nowhere) == ()
    assert cluster.last_warning(nowhere, "x") == ""
    assert cluster.look_at_job(nowhere, "x").state is None
    cluster.remove("Job", "a=b", nowhere)


def test_apply_makes_and_changes_an_object(world: World, cluster: Kubernetes) -> None:
    """And a repeat changes nothing."""
    space = world.namespace()

    cluster.apply(config_map(space, OURS, a="1"))
    cluster.apply(config_map(space, OURS, a="2", b="3"))
    version = (cluster.find("ConfigMap", space, "settings") or {})["metadata"]["resourceVersion"]
    cluster.apply(config_map(space, OURS, a="2", b="3"))

    found = cluster.find("ConfigMap", space, "settings") or {}
    assert found["data"] == {"a": "2", "b": "3"}
    assert found["metadata"]["resourceVersion"] == version


def test_apply_leaves_what_others_added(world: World, cluster: Kubernetes) -> None:
    """A field that the manifest does not name belongs to whoever set it."""
    space = world.namespace()
    cluster.apply(config_map(space, OURS, a="1"))
    path = f"/api/v1/namespaces/{space}/configmaps/settings"
    world.call("PATCH", path, {"data": {"theirs": "x"}})

    cluster.apply(config_map(space, OURS, a="1"))

    assert data(cluster, space) == {"a": "1", "theirs": "x"}


def test_apply_takes_back_what_is_ours(world: World, cluster: Kubernetes) -> None:
    """Somebody changed a field of an object that carries our mark: the manifest wins."""
    space = world.namespace()
    cluster.apply(config_map(space, OURS, a="1"))
    path = f"/api/v1/namespaces/{space}/configmaps/settings"
    world.call("PATCH", path, {"data": {"a": "theirs"}})

    cluster.apply(config_map(space, OURS, a="1"))

    assert data(cluster, space) == {"a": "1"}


def test_apply_never_takes_a_foreign_object(world: World, cluster: Kubernetes) -> None:
    """An object of the same name without our mark is refused, and stays as it is."""
    space = world.namespace()
    world.call("POST", f"/api/v1/namespaces/{space}/configmaps", config_map(space, a="theirs"))

    with pytest.raises(Refusal) as refusal:
        cluster.apply(config_map(space, OURS, a="ours"))

    assert refusal.value.code == "kubernetes-conflict"
    assert "ConfigMap settings" in refusal.value.reason
    assert data(cluster, space) == {"a": "theirs"}


def test_an_object_is_created_once(world: World, cluster: Kubernetes) -> None:
    """The second creation answers False and changes nothing."""
    space = world.namespace()

    assert cluster.create(config_map(space, a="1"))
    assert not cluster.create(config_map(space, a="2"))
    assert data(cluster, space) == {"a": "1"}


def test_a_manifest_that_the_server_does_not_take_is_refused(
    world: World, cluster: Kubernetes
) -> None:
    """The reason holds the server's own words."""
    wrong = config_map(world.namespace())
    wrong["metadata"]["name"] = "Not_A_Name"

    with pytest.raises(Refusal) as refusal:
        cluster.create(wrong)

    assert refusal.value.code == "kubernetes-refused"
    assert "Not_A_Name" in refusal.value.reason


def test_a_secret_reads_as_text(world: World, cluster: Kubernetes) -> None:
    """Values come decoded; what is no text is left out."""
    space, password = world.namespace(), secrets.token_urlsafe(12)
    values = {
        "password": base64.b64encode(password.encode()).decode(),
        "binary": base64.b64encode(b"\xff\xfe").decode(),
    }
    body = {"metadata": {"name": "credentials"}, "data": values}
    world.call("POST", f"/api/v1/namespaces/{space}/secrets", body)

    assert cluster.secret(space, "credentials") == {"password": password}


def test_a_refused_secret_is_not_quoted(world: World, cluster: Kubernetes) -> None:
    """The server's words may hold what was in the Secret; only its reason is told."""
    content = secrets.token_urlsafe(12)
    wrong = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "x", "namespace": world.namespace()},
        "data": {f"not a key {content}": "eA=="},
    }
    with pytest.raises(Refusal) as refusal:
        cluster.create(wrong)

    assert content not in str(refusal.value)


def test_capacity_is_the_sum_of_ready_nodes(world: World, cluster: Kubernetes) -> None:
    """Pods from the nodes, volumes from the disk driver's own entries."""
    seen = until(cluster.capacity, lambda c: c.nodes == len(world.nodes))

    assert (seen.pods, seen.volumes) == (50 * len(world.nodes), 8 * len(world.nodes))


def test_a_job_runs_and_its_end_and_log_are_seen(cluster: Kubernetes) -> None:
    """From nothing to the last line: namespace, rights, inputs, Job, pod, log."""
    spec = fresh()
    name = manifests.component_job(spec)

    assert cluster.start_job(manifests.component(spec, GREETING))

    seen = until(
        lambda: cluster.look_at_job(INSTALLER_NAMESPACE, name),
        lambda look: look.state is not None and look.state.ended != "" and bool(look.lines),
    )
    assert seen.state is not None
    assert seen.state.ended == "complete"
    assert [pod.exit_code for pod in seen.pods] == [0]
    assert seen.lines is not None
    assert seen.lines[0] == "hello from istio"
    assert '"a": 1' in "".join(seen.lines)


@pytest.mark.parametrize("code", [10, 20], ids=["no", "fault"])
def test_the_exit_code_of_a_failed_job_is_seen(cluster: Kubernetes, code: int) -> None:
    """It is tried once by Kubernetes; the code tells the kinds of failure apart."""
    spec = fresh()
    name = manifests.component_job(spec)
    cluster.start_job(manifests.component(spec, f"#!/usr/bin/env bash\necho no\nexit {code}\n"))

    seen = until(
        lambda: cluster.look_at_job(INSTALLER_NAMESPACE, name),
        lambda look: look.state is not None and look.state.ended != "",
    )
    assert seen.state is not None
    assert (seen.state.ended, seen.state.reason) == ("failed", "BackoffLimitExceeded")
    assert [pod.exit_code for pod in seen.pods] == [code]


def test_only_the_last_lines_of_a_log_are_read(cluster: Kubernetes) -> None:
    """However long the log is, and without losing its end."""
    spec = fresh()
    name = manifests.component_job(spec)
    cluster.start_job(manifests.component(spec, "#!/usr/bin/env bash\nseq 1 3000\n"))

    seen = until(
        lambda: cluster.look_at_job(INSTALLER_NAMESPACE, name, lines=3),
        lambda look: look.state is not None and look.state.ended == "complete",
    )
    assert seen.lines == ("2998", "2999", "3000")


def test_two_starts_make_one_job(cluster: Kubernetes) -> None:
    """Duplicate deliveries at the same moment: one of them makes the Job, both succeed."""
    kit = manifests.component(fresh(), GREETING)
    with ThreadPoolExecutor(max_workers=4) as pool:
        made = list(pool.map(cluster.start_job, [kit] * 4))

    assert sorted(made) == [False, False, False, True]


def test_inputs_go_with_their_job(cluster: Kubernetes) -> None:
    """Script and Secret are owned by the Job, also when a crash came in between."""
    kit = manifests.component(fresh(), GREETING)
    for manifest in (*kit.before, *kit.inputs):
        cluster.apply(manifest)
    cluster.create(kit.job)
    name = kit.job["metadata"]["name"]

    assert cluster.attach_job(INSTALLER_NAMESPACE, name)

    cluster.remove(
        "Job", f"{LABEL_RUN}={kit.job['metadata']['labels'][LABEL_RUN]}", INSTALLER_NAMESPACE
    )
    for kind in ("Job", "Secret", "ConfigMap"):
        until(
            lambda k=kind: cluster.find(k, INSTALLER_NAMESPACE, name), lambda found: found is None
        )


def test_a_job_whose_inputs_are_gone_is_attached_all_the_same(cluster: Kubernetes) -> None:
    """They may have been removed since; the Job decides."""
    kit = manifests.component(fresh(), GREETING)
    for manifest in kit.before:
        cluster.apply(manifest)
    cluster.create(kit.job)

    assert cluster.attach_job(INSTALLER_NAMESPACE, kit.job["metadata"]["name"])


def test_a_job_that_is_not_there_is_not_attached(cluster: Kubernetes) -> None:
    """Nothing to attach to."""
    assert not cluster.attach_job(INSTALLER_NAMESPACE, "no-such-job")


def pod(name: str, **annotations: str) -> dict[str, Any]:
    """A pod that does nothing."""
    return {
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"containers": [{"name": "main", "image": "registry.example.com/none:1"}]},
    }


def test_an_image_that_cannot_be_pulled_is_told(world: World, cluster: Kubernetes) -> None:
    """The kubelet's own reason, with the image."""
    space = world.namespace()
    sick = pod("sick", **{"emulator/image-pull-error": "true"})
    world.call("POST", f"/api/v1/namespaces/{space}/pods", sick)

    (blocked,) = until(lambda: cluster.blocked_pods(space), bool)
    assert blocked.name == "sick"
    assert "ImagePullBackOff" in blocked.reasons[0]
    assert "registry.example.com/none:1" in blocked.reasons[0]
    assert any("sick" in text for text in cluster.unsettled(space))


def test_a_pod_that_fits_nowhere_is_told(world: World, cluster: Kubernetes) -> None:
    """The scheduler's own reason."""
    space = world.namespace()
    choosy = pod("choosy")
    choosy["spec"]["nodeSelector"] = {"no": "such-node"}
    world.call("POST", f"/api/v1/namespaces/{space}/pods", choosy)

    (blocked,) = until(lambda: cluster.blocked_pods(space), bool)
    assert "Unschedulable" in blocked.reasons[0]


def test_a_settled_namespace_has_nothing_to_tell(world: World, cluster: Kubernetes) -> None:
    """A running pod and a bound claim."""
    space = world.namespace()
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    world.call("POST", f"/api/v1/namespaces/{space}/persistentvolumeclaims", claim)
    user = pod("user")
    user["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    assert [c.phase for c in cluster.unbound_claims(space)] == ["Pending"]
    world.call("POST", f"/api/v1/namespaces/{space}/pods", user)

    until(lambda: cluster.unsettled(space), lambda told: told == ())


def test_a_load_balancers_address_is_found(world: World, cluster: Kubernetes) -> None:
    """None until the cloud has one."""
    space = world.namespace()
    service = {
        "metadata": {"name": "ingress"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 443}], "selector": {"app": "x"}},
    }
    world.call("POST", f"/api/v1/namespaces/{space}/services", service)
    assert cluster.service_address(space, "ingress") is None

    status = {"status": {"loadBalancer": {"ingress": [{"ip": "20.50.1.2"}]}}}
    world.call("PATCH", f"/api/v1/namespaces/{space}/services/ingress/status", status)

    assert cluster.service_address(space, "ingress") == "20.50.1.2"


def test_the_limits_are_a_quota(world: World, cluster: Kubernetes) -> None:
    """Applied, changed and read back in Kubernetes' own quantities."""
    space = world.namespace()
    cluster.apply(manifests.limits_quota(space, 100, 10))
    cluster.apply(manifests.limits_quota(space, 250, 64))

    (quota,) = cluster.quotas(space)
    assert quota.hard == {"pods": "250", "persistentvolumeclaims": "64"}


def test_the_last_warning_about_an_object_is_told(world: World, cluster: Kubernetes) -> None:
    """The newest Warning event; Normal ones and those about others do not count."""
    space = world.namespace()

    def event(name: str, kind: str, about: str, seen: str) -> None:
        body = {
            "metadata": {"name": name},
            "involvedObject": {"kind": "Service", "namespace": space, "name": about},
            "type": kind,
            "reason": "SyncLoadBalancerFailed",
            "message": name,
            "firstTimestamp": seen,
            "lastTimestamp": seen,
        }
        world.call("POST", f"/api/v1/namespaces/{space}/events", body)

    event("old", "Warning", "ingress", "2026-01-01T00:00:00Z")
    event("new", "Warning", "ingress", "2026-01-02T00:00:00Z")
    event("fine", "Normal", "ingress", "2026-01-03T00:00:00Z")
    event("other", "Warning", "another", "2026-01-04T00:00:00Z")

    assert cluster.last_warning(space, "ingress") == "SyncLoadBalancerFailed: new"


def test_removal_by_label_spares_everything_else(world: World, cluster: Kubernetes) -> None:
    """Only what the selector finds is deleted; a repeat is fine."""
    space = world.namespace()
    for name, label in (("a", "one"), ("b", "one"), ("c", "two")):
        document = config_map(space, {"run": label})
        document["metadata"]["name"] = name
        cluster.create(document)

    cluster.remove("ConfigMap", "run=one", space)
    cluster.remove("ConfigMap", "run=one", space)

    assert cluster.find("ConfigMap", space, "a") is None
    assert cluster.find("ConfigMap", space, "b") is None
    assert cluster.find("ConfigMap", space, "c") is not None


def test_a_long_list_is_read_page_by_page(
    world: World, cluster: Kubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is seen, however small the pages are."""
    monkeypatch.setattr("gateways.kubernetes.cluster._PAGE", 2)
    space = world.namespace()
    for number in range(5):
        document = manifests.limits_quota(space, number, number)
        document["metadata"]["name"] = f"quota-{number}"
        cluster.create(document)

    assert len(cluster.quotas(space)) == 5
