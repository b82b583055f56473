"""Every manifest is one that a cluster takes, and none shows a secret."""

import base64
import json
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import kubernetes_validate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import manifests
from model.ownership import INSTALLER_NAMESPACE, LABEL_INSTALLATION, LABEL_MANAGED_BY, LABEL_RUN
from model.plan import (
    ApplicationSpec,
    ClusterTarget,
    ComponentSpec,
    JobRun,
    KotsSpec,
    RecordSpec,
    SecretNames,
)

VERSION = "1.36"
TARGET = ClusterTarget(subscription_id="s", resource_group="rg", cluster="c")
RUN = JobRun(
    installation="dash",
    run_id="0a1b2c3d",
    attempt=2,
    patience=timedelta(minutes=30),
    poll=timedelta(seconds=0.25),
)
APPLICATION = ApplicationSpec(
    target=TARGET,
    base_domain="dash.example.com",
    secrets=SecretNames(
        vault_uri="https://v.vault.azure.net",
        license="license",
        certificate="certificate",
        certificate_key="key",
        admin_console_password="console",
        administrator_password="administrator",
    ),
    kots=KotsSpec(
        version="1.131.4",
        image="docker.io/kotsadm/kotsadm",
        channel="stable",
        app_version=None,
        namespace="plotly-system",
        config_values={},
        allowed_preflight_warnings=("Required CPU", "Storage class"),
        skip_preflights=False,
    ),
    job=RUN,
)
COMPONENT = ComponentSpec(
    target=TARGET,
    name="cert-manager",
    kind="chart",
    chart="cert-manager",
    repository="https://charts.example.com",
    version="v1.2.3",
    namespace="cert-manager",
    values={"replicas": 2},
    after=(),
    image="docker.io/kotsadm/kotsadm:v1.131.4",
    job=RUN,
)
SECRETS = {name: secrets.token_urlsafe(24) for name in ("license", "values", "password")}


def application(spec: ApplicationSpec = APPLICATION) -> manifests.JobKit:
    """The application's objects, with made-up secrets."""
    return manifests.application(
        spec,
        manifests.ApplicationInputs(
            script="#!/usr/bin/env bash\n",
            app_slug="dash-enterprise",
            license=SECRETS["license"],
            config_values=SECRETS["values"],
            admin_console_password=SECRETS["password"],
        ),
    )


def component(spec: ComponentSpec = COMPONENT) -> manifests.JobKit:
    """The component's objects."""
    return manifests.component(spec, "#!/usr/bin/env bash\n")


RECORD = manifests.record(
    RecordSpec(target=TARGET, installation="dash", run_id="0a1b2c3d", text="{}")
)
ALL = [
    pytest.param(doc, id=f"{about}-{doc['kind']}")
    for about, docs in {
        "application": (*application().before, *application().inputs, application().job),
        "component": (*component().before, *component().inputs, component().job),
        "limits": (manifests.limits_quota("plotly-system", 250, 64),),
        "record": (RECORD,),
    }.items()
    for doc in docs
]


def container(kit: manifests.JobKit) -> dict[str, Any]:
    """The Job's one container."""
    (only,) = kit.job["spec"]["template"]["spec"]["containers"]
    return only


def environment(kit: manifests.JobKit) -> dict[str, str]:
    """Variables whose values are in plain sight."""
    return {e["name"]: e["value"] for e in container(kit)["env"] if "value" in e}


@pytest.mark.parametrize("document", ALL)
def test_a_manifest_follows_the_published_schema(document: dict[str, Any]) -> None:
    """No unknown field, no wrong type, nothing missing."""
    assert kubernetes_validate.validate(document, VERSION, strict=True).startswith(VERSION)


@pytest.mark.parametrize("document", ALL)
def test_a_manifest_is_marked_as_ours(document: dict[str, Any]) -> None:
    """What is not marked is never forced and never found again."""
    assert document["metadata"]["labels"][LABEL_MANAGED_BY] == "dash-enterprise-installer"


def test_the_namespace_takes_restricted_pods_only() -> None:
    """And says so where the API server looks."""
    labels = manifests.installer_namespace()["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("kit", [application(), component()], ids=["application", "component"])
def test_a_job_meets_the_restricted_standard(kit: manifests.JobKit) -> None:
    """Each demand of the Pod Security Standard, one by one."""
    pod, only = kit.job["spec"]["template"]["spec"], container(kit)

    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 1001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {next(k for k in v if k != "name") for v in pod["volumes"]} == {
        "configMap",
        "secret",
        "emptyDir",
    }


@pytest.mark.parametrize("kit", [application(), component()], ids=["application", "component"])
def test_a_job_is_tried_once_by_kubernetes(kit: manifests.JobKit) -> None:
    """The orchestration alone decides on another attempt; the log stays for a day."""
    spec = kit.job["spec"]

    assert spec["backoffLimit"] == 0
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert spec["ttlSecondsAfterFinished"] == 86400


def test_the_script_ends_before_the_job_is_ended() -> None:
    """Else nobody could say why."""
    kit = application()

    assert int(environment(kit)["WAIT_SECONDS"]) == 1800
    assert kit.job["spec"]["activeDeadlineSeconds"] > 1800


def test_every_quantity_is_text() -> None:
    """The official client and server-side apply want it so."""
    resources = container(application())["resources"]
    quantities = [q for kind in resources.values() for q in kind.values()]
    hard = manifests.limits_quota("n", 250, 64)["spec"]["hard"]

    assert all(isinstance(q, str) for q in [*quantities, *hard.values()])
    assert hard == {"pods": "250", "persistentvolumeclaims": "64"}


def test_secrets_are_in_the_secret_and_nowhere_else() -> None:
    """Neither in the Job, nor in the script's map, nor in what a traceback would show."""
    kit = application()
    (secret,) = [doc for doc in kit.inputs if doc["kind"] == "Secret"]
    others = [doc for doc in (*kit.before, *kit.inputs, kit.job) if doc is not secret]
    encoded = [base64.b64encode(s.encode()).decode() for s in SECRETS.values()]

    assert sorted(secret["data"].values()) == sorted(encoded)
    assert not any(s in json.dumps(others) for s in (*SECRETS.values(), *encoded))


def test_the_console_password_is_not_mounted() -> None:
    """Only what the script reads as a file is a file."""
    kit = application()
    volumes = kit.job["spec"]["template"]["spec"]["volumes"]
    (inputs,) = [v["secret"] for v in volumes if "secret" in v]

    assert {i["key"] for i in inputs["items"]} == {"license.yaml", "config-values.yaml"}
    assert {
        "name": "KOTS_SHARED_PASSWORD",
        "valueFrom": {
            "secretKeyRef": {"name": inputs["secretName"], "key": "KOTS_SHARED_PASSWORD"}
        },
    } in container(kit)["env"]


def test_the_kots_script_gets_what_it_is_promised() -> None:
    """The variables of its contract."""
    given_to = environment(application())

    assert given_to == {
        "HOME": "/installer/work",
        "TMPDIR": "/installer/work",
        "APP_SLUG": "dash-enterprise",
        "APP_UPSTREAM": "dash-enterprise/stable",
        "APP_NAMESPACE": "plotly-system",
        "APP_VERSION": "",
        "LICENSE_FILE": "/installer/inputs/license.yaml",
        "CONFIG_VALUES_FILE": "/installer/inputs/config-values.yaml",
        "WAIT_SECONDS": "1800",
        "POLL_SECONDS": "0.25",
        "SKIP_PREFLIGHTS": "false",
        "ALLOWED_WARNINGS": "Required CPU\nStorage class",
        "KOTS_FLAGS": "",
    }
    assert container(application())["image"] == "docker.io/kotsadm/kotsadm:v1.131.4"
    assert container(application())["command"] == ["bash", "/installer/scripts/kots.sh"]


def test_without_a_channel_kots_takes_its_own_default() -> None:
    """The upstream is the slug alone."""
    spec = replace(APPLICATION, kots=replace(APPLICATION.kots, channel=None))

    assert environment(application(spec))["APP_UPSTREAM"] == "dash-enterprise"


def test_helm_values_travel_in_the_secret() -> None:
    """Values may hold passwords."""
    (secret,) = [doc for doc in component().inputs if doc["kind"] == "Secret"]

    assert json.loads(base64.b64decode(secret["data"]["values.yaml"])) == {"replicas": 2}


def test_everything_of_a_job_shares_its_name() -> None:
    """So its inputs can be found and given to it."""
    kit = application()
    names = {doc["metadata"]["name"] for doc in (*kit.inputs, kit.job)}

    assert names == {"install-application-0a1b2c3d-2"}


def test_rights_belong_to_one_run() -> None:
    """The binding names the account of this run only."""
    account, binding = application().before[1:]

    assert binding["kind"] == "ClusterRoleBinding"
    assert binding["metadata"]["name"].endswith("0a1b2c3d")
    assert "namespace" not in binding["metadata"]
    assert binding["subjects"] == [
        {
            "kind": "ServiceAccount",
            "name": account["metadata"]["name"],
            "namespace": INSTALLER_NAMESPACE,
        }
    ]


def test_the_record_outlives_the_run() -> None:
    """It has no run label, by which everything else is removed."""
    labels = RECORD["metadata"]["labels"]

    assert labels[LABEL_INSTALLATION] == "dash"
    assert LABEL_RUN not in labels
    assert RECORD["metadata"]["name"] == "dash-enterprise-installation-dash"


@given(name=st.from_regex(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?", fullmatch=True))
def test_a_job_name_fits_into_a_label(name: str) -> None:
    """However long a component's name is; and it ends with run and attempt."""
    job = manifests.component_job(replace(COMPONENT, name=name))

    assert len(job) <= 63
    assert job.endswith("-0a1b2c3d-2")


def test_long_names_that_begin_alike_make_different_jobs() -> None:
    """A cut name is told apart by a hash."""
    one, two = (replace(COMPONENT, name="x" * 50 + last) for last in "ab")

    assert manifests.component_job(one) != manifests.component_job(two)
