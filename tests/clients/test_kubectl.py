"""The real kubectl on an emulated cluster whose Jobs really run."""

import json
import shlex
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.azure.cluster_api import NodePool
from emulator.world import Cloud
from tests.clients.programs import KubectlCli
from tests.emulator_kubernetes.running import Background

JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: greet, labels: {app: greet}}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {app: greet}}
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: example/tool:1
        command: [sh, -c, 'for n in 1 2 3; do echo "hello $n"; sleep 0.2; done']
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1'}]}
"""


@pytest.fixture(scope="module")
def everything(
    cloud: Cloud, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> KubectlCli:
    """Everything as an administrator of a cluster with two nodes."""
    pools = [
        NodePool(
            name="pool", count=2, vm_size="Standard_D4ds_v5", max_pods=110, scale_set="aks-pool-1"
        )
    ]
    name = "/subscriptions/0/resourceGroups/r/providers/x/managedClusters/kubectl"
    kubeconfig = background.run(cloud.clusters.create(name, pools, "1.35.4"))
    folder = tmp_path_factory.mktemp("kubectl")
    (folder / "config").write_bytes(kubeconfig)
    kubectl = KubectlCli("kubectl", {"KUBECONFIG": str(folder / "config"), "HOME": str(folder)})
    kubectl("wait --for=condition=Ready nodes --all --timeout=10s")
    return kubectl


@pytest.fixture
def kubectl(everything: KubectlCli, tmp_path: Path) -> Iterator[KubectlCli]:
    """The program in a namespace of its own."""
    namespace = f"test-{uuid.uuid4().hex[:8]}"
    manifest = json.dumps(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    )
    everything("apply -f -", manifest)
    file = tmp_path / "config"
    file.write_text(Path(everything.environment["KUBECONFIG"]).read_text())
    mine = KubectlCli("kubectl", {**everything.environment, "KUBECONFIG": str(file)})
    mine(f"config set-context --current --namespace {namespace}")
    yield mine
    everything(f"delete namespace {namespace} --wait=false")


def test_apply_creates_changes_and_rests(kubectl: KubectlCli) -> None:
    """On the client's side: the three-way merge ends in nothing to do."""
    assert kubectl("apply -f -", DEPLOYMENT).strip() == "deployment.apps/web created"
    assert kubectl("apply -f -", DEPLOYMENT).strip() == "deployment.apps/web unchanged"
    more = DEPLOYMENT.replace("replicas: 2", "replicas: 3")
    assert kubectl("apply -f -", more).strip() == "deployment.apps/web configured"

    assert kubectl.ask("get deployment web")["spec"]["replicas"] == 3


def test_server_side_apply_keeps_owners_apart(kubectl: KubectlCli) -> None:
    """A second manager is refused a field of the first, until it forces the change."""
    kubectl("apply --server-side --field-manager=first -f -", DEPLOYMENT)
    more = DEPLOYMENT.replace("replicas: 2", "replicas: 3")

    said = kubectl.refused("apply --server-side --field-manager=second -f -", more)
    kubectl("apply --server-side --field-manager=second --force-conflicts -f -", more)

    assert 'conflict with "first" using apps/v1: .spec.replicas' in said
    shown = kubectl.ask("get deployment web --show-managed-fields")
    managers = {entry["manager"] for entry in shown["metadata"]["managedFields"]}
    assert {"first", "second"} <= managers
    assert shown["spec"]["replicas"] == 3


def test_a_dry_run_changes_nothing(kubectl: KubectlCli) -> None:
    """The server checks, answers and forgets; ``diff`` shows what would come."""
    said = kubectl("apply --dry-run=server -f -", DEPLOYMENT)
    different = kubectl.run("diff -f -", DEPLOYMENT)

    assert said.strip() == "deployment.apps/web created (server dry run)"
    assert different.code == 1
    assert "+kind: Deployment" in different.out
    assert "not found" in kubectl.refused("get deployment web")


def test_a_job_runs_and_its_log_is_followed(kubectl: KubectlCli) -> None:
    """``logs -f`` ends with the Job, which ``wait`` then finds complete."""
    kubectl("apply -f -", JOB)

    followed = kubectl("logs --follow job/greet --pod-running-timeout=10s")
    waited = kubectl("wait --for=condition=Complete job/greet --timeout=10s")

    assert followed.splitlines() == ["hello 1", "hello 2", "hello 3"]
    assert waited.strip() == "job.batch/greet condition met"
    assert kubectl("logs --selector app=greet --tail 1").strip() == "hello 3"
    header, row = kubectl("get job greet").splitlines()
    assert header.split() == ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"]
    assert row.split()[:3] == ["greet", "Complete", "1/1"]
    described = kubectl("describe job greet")
    assert "1 Succeeded / 0 Failed" in described
    assert "Completions:" in described


def test_a_failed_job_is_told_by_wait(kubectl: KubectlCli) -> None:
    """The condition is ``Failed`` and the pod keeps its log."""
    kubectl("apply -f -", JOB.replace("echo", "exit 7; echo"))

    kubectl("wait --for=condition=Failed job/greet --timeout=10s")

    (pod,) = kubectl.ask("get pods --selector app=greet")["items"]
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 7


def test_objects_are_printed_in_every_format(kubectl: KubectlCli) -> None:
    """Table, names, JSON, YAML, columns and paths."""
    kubectl("apply -f -", DEPLOYMENT)

    header, row = kubectl("get deployment").splitlines()
    assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[0] == "web"
    assert kubectl("get deployment --no-headers --output name").strip() == "deployment.apps/web"
    assert kubectl.ask("get deployment web")["kind"] == "Deployment"
    assert kubectl.ask("get deployment")["kind"] == "List"
    assert "kind: Deployment" in kubectl("get deployment web --output yaml")
    assert kubectl("get deployment web --output 'jsonpath={.spec.replicas}'") == "2"
    columns = kubectl("get deployment --output custom-columns=N:.metadata.name,R:.spec.replicas")
    assert columns.splitlines()[1].split() == ["web", "2"]


def test_a_watch_prints_each_change(kubectl: KubectlCli) -> None:
    """``get --watch`` follows until it is stopped."""
    kubectl("apply -f -", DEPLOYMENT)
    command = "get deployment web --watch --output 'jsonpath={.spec.replicas}{\"\\n\"}'"
    watching = subprocess.Popen(  # noqa: S603 # the test's own words
        [kubectl.path, *shlex.split(command)],
        stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin", **kubectl.environment},
    )  # fmt: skip # one call
    assert watching.stdout is not None
    try:
        assert watching.stdout.readline().strip() == "2"
        kubectl("scale deployment web --replicas 5")
        seen = "2"
        while seen == "2":  # the status may change first
            seen = watching.stdout.readline().strip()
        assert seen == "5"
    finally:
        watching.terminate()
        watching.communicate(timeout=10)


def test_objects_are_labelled_annotated_patched_and_scaled(kubectl: KubectlCli) -> None:
    """Three kinds of patch, and the scale subresource."""
    kubectl("apply -f -", DEPLOYMENT)

    kubectl("label deployment web tier=front")
    kubectl("annotate deployment web note=hello")
    kubectl('patch deployment web --patch \'{"spec": {"paused": true}}\'')
    kubectl('patch deployment web --type merge --patch \'{"spec": {"minReadySeconds": 4}}\'')
    kubectl(
        "patch deployment web --type json "
        '--patch \'[{"op": "remove", "path": "/metadata/annotations/note"}]\''
    )
    kubectl("scale deployment web --replicas 4 --current-replicas 2")
    late = kubectl.refused("scale deployment web --replicas 9 --current-replicas 2")

    shown = kubectl.ask("get deployment web")
    assert shown["metadata"]["labels"] == {"tier": "front"}
    assert "note" not in shown["metadata"]["annotations"]
    assert (shown["spec"]["paused"], shown["spec"]["minReadySeconds"]) == (True, 4)
    assert shown["spec"]["replicas"] == 4
    assert "Expected replicas to be 2, was 4" in late
    assert kubectl("get deployment --selector tier=front --output name").strip().endswith("/web")
    assert "already has a value (front)" in kubectl.refused("label deployment web tier=back")


def test_secrets_and_config_maps_are_generated_and_applied(kubectl: KubectlCli) -> None:
    """``create --dry-run=client`` piped into ``apply``, as scripts do; describe hides values."""
    for command in (
        "create secret generic mine --from-literal=key=value",
        "create configmap mine --from-literal=key=value",
    ):
        kubectl("apply -f -", kubectl(f"{command} --dry-run=client --output yaml"))

    assert kubectl("get secret mine --output 'jsonpath={.data.key}'") == "dmFsdWU="
    assert kubectl.ask("get configmap mine")["data"] == {"key": "value"}
    described = kubectl("describe secret mine")
    assert "key:  5 bytes" in described
    assert "value" not in described


def test_delete_removes_dependents(kubectl: KubectlCli) -> None:
    """The pods of a Job go with it, and a second deletion says so."""
    kubectl("apply -f -", JOB)
    kubectl("wait --for=condition=Complete job/greet --timeout=10s")

    assert 'job.batch "greet" deleted' in kubectl("delete job greet --cascade=foreground")

    assert kubectl.ask("get jobs,pods --selector app=greet")["items"] == []
    assert '(NotFound): jobs.batch "greet" not found' in kubectl.refused("delete job greet")
    assert kubectl("delete job greet --ignore-not-found") == ""


def test_nodes_are_described_and_cordoned(everything: KubectlCli) -> None:
    """A node tells what it has room for."""
    name = everything("get nodes --output name").split()[0]

    described = everything(f"describe {name}")
    everything(f"cordon {name}")
    assert "SchedulingDisabled" in everything(f"get {name}")
    everything(f"uncordon {name}")

    assert "Allocatable:" in described
    assert "KubeletReady" in described


def test_the_server_tells_what_it_is(everything: KubectlCli) -> None:
    """Version, groups and resources; wrong words get the answers that people know."""
    version = json.loads(everything("version --output json"))
    assert version["serverVersion"]["gitVersion"] == "v1.35.4"
    resources = everything("api-resources --verbs=list,create --output name").split()
    assert {"secrets", "jobs.batch", "deployments.apps"} <= set(resources)
    assert {"v1", "batch/v1", "apps/v1"} <= set(everything("api-versions").split())
    assert everything("get --raw /readyz") == "ok"

    assert 'doesn\'t have a resource type "nothings"' in everything.refused("get nothings")
    assert '(NotFound): pods "x" not found' in everything.refused("get pod x")


def test_a_wrong_manifest_is_refused(kubectl: KubectlCli) -> None:
    """Missing fields, and kinds that do not exist."""
    missing = kubectl.refused(
        "apply --validate=false -f -", DEPLOYMENT.replace("image: 'web:1'", "")
    )
    kind = kubectl.refused(
        "apply --validate=false -f -", "apiVersion: v1\nkind: Nothing\nmetadata: {name: x}\n"
    )

    assert "spec.template.spec.containers[0].image: Required value" in missing
    assert 'no matches for kind "Nothing" in version "v1"' in kind


def test_a_stranger_is_kept_out(everything: KubectlCli, tmp_path: Path) -> None:
    """A wrong token is Unauthorized."""
    file = tmp_path / "config"
    lines = Path(everything.environment["KUBECONFIG"]).read_text().splitlines()
    file.write_text("\n".join("    token: wrong" if "token:" in x else x for x in lines))
    stranger = KubectlCli("kubectl", {**everything.environment, "KUBECONFIG": str(file)})

    assert "You must be logged in to the server" in stranger.refused("get pods")


def test_typed_clients_are_served(kubectl: KubectlCli) -> None:
    """What kubectl sends by its typed clients, in protobuf, instead of as a document."""
    kubectl("create secret generic direct --from-literal=key=value")
    kubectl("create configmap direct --from-literal=key=value")
    kubectl("create deployment direct --image web:1 --replicas 0 --port 80 -- sh -c ''")
    kubectl("create service clusterip direct --tcp=80:http")
    kubectl("create quota direct --hard=pods=7,requests.cpu=500m")
    kubectl("create role direct --verb=get,list --resource=pods,deployments.apps")
    kubectl("create cronjob direct --image tool:1 --schedule '0 0 * * *' -- date")

    assert kubectl.ask("get secret direct")["data"] == {"key": "dmFsdWU="}
    assert kubectl.ask("get configmap direct")["data"] == {"key": "value"}
    deployment = kubectl.ask("get deployment direct")["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    assert (deployment["replicas"], container["image"]) == (0, "web:1")
    assert container["command"] == ["sh", "-c", ""]
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    (port,) = kubectl.ask("get service direct")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")
    hard = {"pods": "7", "requests.cpu": "500m"}
    assert kubectl.ask("get quota direct")["spec"]["hard"] == hard
    assert kubectl.ask("get role direct")["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]},
    ]
    template = kubectl.ask("get cronjob direct")["spec"]["jobTemplate"]["spec"]["template"]
    assert template["spec"]["containers"][0]["command"] == ["date"]


def test_questions_about_oneself_are_answered(kubectl: KubectlCli) -> None:
    """Tokens, rights and names; typed clients ask for them, too."""
    assert kubectl("create token default").count(".") == 2
    assert kubectl("auth can-i '*' '*'").strip() == "yes"
    assert kubectl.run("auth can-i get pods --as bob").out.strip() == "no"
    assert "clusterUser" in kubectl("auth whoami")
    assert "bob" in kubectl("auth whoami --as bob")


def test_a_rollout_ends(kubectl: KubectlCli) -> None:
    """``rollout status`` waits for the replicas."""
    kubectl("apply -f -", DEPLOYMENT)

    assert "successfully rolled out" in kubectl("rollout status deployment/web --timeout=10s")
    kubectl("set image deployment/web web=web:2")
    kubectl("rollout status deployment/web --timeout=10s")
    assert [
        row.split()[0] for row in kubectl("rollout history deployment/web").splitlines()[2:4]
    ] == [
        "1",
        "2",
    ]


def test_an_unknown_field_is_refused(kubectl: KubectlCli) -> None:
    """A misspelled field is no field that is dropped in silence."""
    said = kubectl.refused(
        "apply -f -", DEPLOYMENT.replace("replicas: 2", "replicas: 2\n  colour: red")
    )

    assert 'unknown field "spec.colour"' in said
    wrong = DEPLOYMENT.replace("replicas: 2", "replicas: 2\n  colour: red")
    warned = kubectl.run("apply --validate=warn -f -", wrong).well()
    assert 'Warning: unknown field "spec.colour"' in warned.said
    assert "colour" not in kubectl.ask("get deployment web")["spec"]


def test_a_generated_deployment_rolls_out(kubectl: KubectlCli) -> None:
    """``create deployment --dry-run`` prints ``strategy: {}``; the server completes it."""
    made = kubectl("create deployment web --image web:1 --dry-run=client --output yaml")
    kubectl("apply -f -", made)

    kubectl("rollout status deployment/web --timeout=3s")


def test_fields_are_explained(everything: KubectlCli) -> None:
    """``explain`` reads the server's OpenAPI."""
    assert "FIELD: nodeName" in everything("explain pod.spec.nodeName")
    ports = everything("explain deployment.spec.template.spec.containers.ports")
    assert "containerPort\t<integer> -required-" in ports
    assert "backoffLimit" in everything("explain job --recursive")


def test_wide_tables_are_wider(everything: KubectlCli) -> None:
    """Columns that only ``-o wide`` shows."""
    assert "INTERNAL-IP" in everything("get nodes --output wide")


def test_impersonation_has_the_rights_of_the_other(kubectl: KubectlCli) -> None:
    """A service account without a role may read nothing."""
    said = kubectl.refused("get secrets --as system:serviceaccount:default:default")

    assert "(Forbidden)" in said
