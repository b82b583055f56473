"""What the installer and its Jobs may do, proven by users who have just that."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateways.kubernetes import Kubernetes
from model import manifests
from model.errors import Refusal
from model.manifests import names
from model.ownership import INSTALLER_NAMESPACE
from model.plan import ClusterTarget, ComponentSpec, JobRun, RecordSpec
from tests.gateways.kubeconfigs import with_user
from tests.gateways.kubernetes_world import NOBODY, World, running, until
from tests.real.requirements import BACKENDS

RBAC = "rbac.authorization.k8s.io"
REVIEW = "authorization.k8s.io"
_BINDINGS = f"/apis/{RBAC}/v1/clusterrolebindings"


def rule(group: str, resources: str, verbs: str, *only: str) -> dict[str, Any]:
    """One rule of a role; resources and verbs are separated by blanks."""
    named = {"resourceNames": list(only)} if only else {}
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()} | named


LEAST = (
    rule("", "namespaces resourcequotas", "get list create patch"),
    rule("", "serviceaccounts secrets configmaps", "get create patch deletecollection"),
    rule("", "pods pods/log persistentvolumeclaims services events nodes", "get list"),
    rule("storage.k8s.io", "csinodes", "list"),
    rule("batch", "jobs", "get create deletecollection"),
    rule(RBAC, "clusterrolebindings", "get create patch deletecollection"),
)
"""What the installer itself does in a cluster, and no more."""
MAY_BIND = rule(RBAC, "clusterroles", "bind", "cluster-admin")
"""Lets it give its Jobs what it does not hold itself."""


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One cluster for all tests."""
    with running(str(request.param)) as up:
        yield up


@pytest.fixture
def grant(world: World) -> Iterator[Any]:
    """Gives a user rules for the length of a test."""
    given: list[str] = []

    def give(*rules: dict[str, Any], user: str = NOBODY) -> None:
        name = f"given-{secrets.token_hex(4)}"
        given.append(name)
        role = {"metadata": {"name": name}, "rules": [*rules]}
        world.call("POST", f"/apis/{RBAC}/v1/clusterroles", role)
        binding = {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
        }
        world.call("POST", _BINDINGS, binding)

    yield give
    for name in given:
        world.call("DELETE", f"{_BINDINGS}/{name}")
        world.call("DELETE", f"/apis/{RBAC}/v1/clusterroles/{name}")


def component() -> ComponentSpec:
    """A component of an installation of its own."""
    run = JobRun(
        installation=f"dash-{secrets.token_hex(3)}",
        run_id=secrets.token_hex(4),
        attempt=1,
        patience=timedelta(minutes=5),
        poll=timedelta(seconds=1),
    )
    return ComponentSpec(
        target=ClusterTarget(subscription_id="s", resource_group="rg", cluster="c"),
        name="istio",
        kind="chart",
        chart="istio",
        repository=None,
        version="1.0.0",
        namespace="istio-system",
        values={},
        after=(),
        image="image:v1",
        job=run,
    )


def run(cluster: Kubernetes, spec: ComponentSpec, script: str) -> tuple[str, ...]:
    """What the Job of a component says."""
    cluster.start_job(manifests.component(spec, f"#!/usr/bin/env bash\n{script}\n"))
    name = manifests.component_job(spec)
    seen = until(
        lambda: cluster.look_at_job(INSTALLER_NAMESPACE, name),
        lambda look: look.state is not None and look.state.ended != "" and bool(look.lines),
    )
    return seen.lines or ()


def started(cluster: Kubernetes, spec: ComponentSpec) -> str:
    """Why a Job was refused; empty once it has started."""
    try:
        cluster.start_job(manifests.component(spec, "#!/usr/bin/env bash\necho done\n"))
    except Refusal as refused:
        return f"{refused.code}: {refused.reason}"
    return ""


def test_the_least_rights_are_enough(world: World, grant: Any) -> None:
    """A whole Job, all looks, limits, record and removal, by a user who has nothing else."""
    grant(*LEAST, MAY_BIND)
    cluster, spec, space = world.connect(world.powerless), component(), world.namespace()
    until(lambda: started(cluster, spec), lambda refused: refused == "")

    assert run(cluster, spec, "echo done") == ("done",)
    assert cluster.capacity().nodes == len(world.nodes)
    cluster.apply(manifests.limits_quota(space, 10, 5))
    assert cluster.quotas(space) != ()
    assert cluster.unsettled(space) == ()
    record = RecordSpec(
        target=spec.target, installation=spec.job.installation, run_id=spec.job.run_id, text="{}"
    )
    cluster.apply(manifests.record(record))
    selector = names.every_run(spec.job.installation)
    for kind in ("Job", "Secret", "ConfigMap", "ServiceAccount"):
        cluster.remove(kind, selector, INSTALLER_NAMESPACE)
    cluster.remove("ClusterRoleBinding", selector)
    assert cluster.find("ClusterRoleBinding", "", names.account(spec.job.run_id)) is None


def test_without_the_right_to_bind_no_job_gets_all_rights(world: World, grant: Any) -> None:
    """Kubernetes lets nobody hand on what they do not hold; the install is refused, not retried."""
    grant(*LEAST)
    cluster, spec = world.connect(world.powerless), component()

    said = until(lambda: started(cluster, spec), lambda refused: "grant" in refused)

    assert said.startswith("kubernetes-forbidden: ")
    assert "attempting to grant RBAC permissions not currently held" in said
    assert cluster.find("Job", INSTALLER_NAMESPACE, manifests.component_job(spec)) is None


def test_a_jobs_account_may_do_everything_until_its_run_has_ended(world: World) -> None:
    """As KOTS needs it; when the binding goes, so do the rights, though the account stays."""
    cluster, spec = world.connect(), component()
    everything = {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}
    body = {"apiVersion": f"{REVIEW}/v1", "kind": "SelfSubjectAccessReview", "spec": everything}
    post = f"kubectl create --raw /apis/{REVIEW}/v1/selfsubjectaccessreviews -f -"
    said = "".join(run(cluster, spec, f"echo '{json.dumps(body)}' | {post}"))
    assert '"allowed":true' in said.replace(" ", "")
    account = names.account(spec.job.run_id)
    path = f"/api/v1/namespaces/{INSTALLER_NAMESPACE}/serviceaccounts/{account}/token"
    lasting: dict[str, Any] = {"audiences": [], "expirationSeconds": 3600}
    token = world.call("POST", path, {"spec": lasting})["status"]["token"]
    as_account = world.connect(with_user(world.kubeconfig, token=token))
    assert as_account.find("ConfigMap", "default", "none") is None

    cluster.remove("ClusterRoleBinding", names.every_run(spec.job.installation))

    def refused() -> str:
        try:
            as_account.find("ConfigMap", "default", "none")
        except Refusal as no:
            return no.reason
        return ""

    said = until(refused, bool)
    assert f'User "system:serviceaccount:{INSTALLER_NAMESPACE}:{account}" cannot get' in said


def test_two_runs_do_not_share_an_account(world: World) -> None:
    """The end of one run takes nothing from another."""
    cluster, one, other = world.connect(), component(), component()
    other = replace(other, job=replace(other.job, installation=one.job.installation))
    for spec in (one, other):
        run(cluster, spec, "echo done")

    cluster.remove("ClusterRoleBinding", names.earlier_runs(one.job.installation, other.job.run_id))

    assert cluster.find("ClusterRoleBinding", "", names.account(one.job.run_id)) is None
    assert cluster.find("ClusterRoleBinding", "", names.account(other.job.run_id)) is not None
