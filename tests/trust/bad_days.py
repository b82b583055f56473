"""What can go wrong in the world outside during an installation, and what must come of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.kotsadm import Kotsadm
from emulator.kubelet.api_client import ApiClient
from emulator.seed import license_document
from emulator.world import SUBSCRIPTION, VAULT
from model.ownership import MANAGED_BY
from tests.e2e.driver import Driver

CLUSTERS = "Microsoft.ContainerService/managedClusters"
_WARNING = "Memory of the nodes"
_QUOTA_REGION = "northeurope"


def _nothing(_: Driver, __: dict[str, Any]) -> None:
    """All is as on a good day."""


@dataclass(frozen=True, kw_only=True)
class BadDay:
    """One trouble.

    Attributes:
        name: Of the installation, too.
        title: For people.
        before: Arranges it, and may change the request.
        meanwhile: Arranges it after the post.
        code: How the installation ends; empty for success.
        says: What the failure's reason or, on success, nothing must contain.
        shows: What the status must show on the way.
    """

    name: str
    title: str
    before: Callable[[Driver, dict[str, Any]], None] = _nothing
    meanwhile: Callable[[Driver, dict[str, Any]], None] = _nothing
    code: str = ""
    says: str = ""
    shows: str = ""


def _console(driver: Driver, request: dict[str, Any]) -> Kotsadm:
    """The Admin Console's stand-in, which waits in the cluster as soon as that is being made."""
    wanted = cluster_id(request).lower()
    consoles = driver.world.cloud.clusters.consoles
    driver.until(request["name"], lambda _: wanted in consoles)
    return consoles[wanted]


def cluster_id(request: dict[str, Any]) -> str:
    """The ARM id of the cluster that a request asks for."""
    group, name = request["azure"]["resourceGroup"], request["cluster"]["name"]
    here = f"/subscriptions/{SUBSCRIPTION.subscription_id}/resourceGroups/{group}"
    return f"{here}/providers/{CLUSTERS}/{name}"


def _approve(driver: Driver, request: dict[str, Any], first: Callable[[], None]) -> None:
    """Wait for the gate after the preflight, let ``first`` happen, and approve."""
    name = request["name"]
    waiting = driver.until(name, lambda status: status["state"] == "WaitingForApproval")
    first()
    told = {"planHash": waiting["planHash"], "by": "ada"}
    assert driver.ask("POST", f"installations/{name}/events/approve", told).status == 202


def _stuck(driver: Driver, request: dict[str, Any]) -> None:
    driver.world.cloud.azure.state.stick_next_operation(CLUSTERS, request["cluster"]["name"])


def _late_failure(driver: Driver, request: dict[str, Any]) -> None:
    driver.world.cloud.azure.state.fail_next_operation(
        CLUSTERS, "AllocationFailed", "No capacity.", request["cluster"]["name"]
    )


def _expired_token(driver: Driver, request: dict[str, Any]) -> None:
    driver.world.circumstances.faults.add(
        server="arm",
        method="GET",
        path=f"/managedclusters/{request['cluster']['name']}[?]",
        agent=MANAGED_BY,
        skip=3,
        status=401,
        body={
            "error": {
                "code": "ExpiredAuthenticationToken",
                "message": "The access token expiry UTC time is earlier than current UTC time.",
            }
        },
    )


def _in_another_region(driver: Driver, request: dict[str, Any]) -> None:
    request["azure"]["location"] = _QUOTA_REGION
    request["approval"] = "beforeCreate"
    for quota in ("standardDDSv5Family", "cores"):
        driver.world.cloud.azure.state.set_quota(_QUOTA_REGION, quota, 500)


def _quota_lost(driver: Driver, request: dict[str, Any]) -> None:
    state = driver.world.cloud.azure.state
    _approve(driver, request, lambda: state.set_quota(_QUOTA_REGION, "standardDDSv5Family", 0))


def _license_expires(driver: Driver, request: dict[str, Any]) -> None:
    vault = driver.world.cloud.azure.state.vaults[VAULT]
    expired = license_document(datetime.now(UTC) - timedelta(days=2))
    name = request["secrets"]["license"]

    def expire() -> None:
        vault.set_secret(name, expired)

    _approve(driver, request, expire)


def _own_license(driver: Driver, request: dict[str, Any]) -> None:
    name = f"{request['name']}-license"
    driver.world.cloud.azure.state.vaults[VAULT].set_secret(name, license_document(None))
    request["secrets"]["license"] = name
    request["approval"] = "beforeCreate"


def _never_deploys(driver: Driver, request: dict[str, Any]) -> None:
    _console(driver, request).behaviour.never_deploys = True


def _preflight_warns(driver: Driver, request: dict[str, Any]) -> None:
    _console(driver, request).behaviour.preflight_warning = _WARNING


def _preflight_warns_as_allowed(_: Driver, request: dict[str, Any]) -> None:
    request["kots"]["allowedPreflightWarnings"] = [_WARNING]


def _preflight_fails(driver: Driver, request: dict[str, Any]) -> None:
    _console(driver, request).behaviour.preflight_failure = _WARNING


def _late_console(driver: Driver, request: dict[str, Any]) -> None:
    """The first Job's patience, a real minute here, ends before the release is fetched."""
    speed = driver.world.circumstances.clock.speed
    _console(driver, request).behaviour.extra_fetch = 70 * speed


def _no_image(driver: Driver, request: dict[str, Any]) -> None:
    request["kots"]["version"] = "1.130.99"
    driver.world.circumstances.missing_images.add("docker.io/kotsadm/kotsadm:v1.130.99")


def _no_volumes(driver: Driver, request: dict[str, Any]) -> None:
    """Somebody's policy removes the storage classes."""
    _console(driver, request)
    kubeconfig = driver.world.cloud.clusters.kubeconfig(cluster_id(request))

    async def remove() -> None:
        api = ApiClient(kubeconfig, "somebody")
        try:
            path = "/apis/storage.k8s.io/v1/storageclasses"
            while not (classes := (await api.get(path))["items"]):  # noqa: ASYNC110 # a server is asked
                await asyncio.sleep(0.05)  # they come with the nodes
            for found in classes:
                await api.delete(f"{path}/{found['metadata']['name']}")
        finally:
            await api.close()

    driver.do(remove())


def _silent_dns(driver: Driver, request: dict[str, Any]) -> None:
    driver.world.cloud.dns.silent.add(request["domain"]["baseDomain"])


BAD_DAYS = (
    BadDay(
        name="stuck-creating",
        title="the cluster stays Creating for ever",
        before=_stuck,
        code="deadline-exceeded",
        says="Creating",
    ),
    BadDay(
        name="late-failure",
        title="Azure accepts the cluster and fails later",
        before=_late_failure,
        code="vm-size-unavailable",
        says="AllocationFailed",
    ),
    BadDay(
        name="expired-token",
        title="the app's token ends in the middle",
        before=_expired_token,
    ),
    BadDay(
        name="quota-lost",
        title="the quota is used up between preflight and creation",
        before=_in_another_region,
        meanwhile=_quota_lost,
        code="quota-insufficient",
        says="standardDDSv5Family",
    ),
    BadDay(
        name="license-expires",
        title="the license ends between preflight and installation",
        before=_own_license,
        meanwhile=_license_expires,
        code="license-expired",
        says="expired",
    ),
    BadDay(
        name="exit-zero",
        title="KOTS ends well and deploys nothing",
        meanwhile=_never_deploys,
        code="application-failed",
        says="3 Jobs ended without success",
    ),
    BadDay(
        name="warning",
        title="KOTS's own preflight checks warn",
        meanwhile=_preflight_warns,
        code="kots-preflight-refused",
        says=_WARNING,
    ),
    BadDay(
        name="allowed-warning",
        title="they warn of what the request allows",
        before=_preflight_warns_as_allowed,
        meanwhile=_preflight_warns,
    ),
    BadDay(
        name="preflight-fails",
        title="KOTS's own preflight checks fail",
        meanwhile=_preflight_fails,
        code="kots-preflight-refused",
        says=_WARNING,
    ),
    BadDay(
        name="late-console",
        title="kotsadm finishes after the Job was ended",
        meanwhile=_late_console,
    ),
    BadDay(
        name="no-image",
        title="the image of the Job cannot be pulled",
        before=_no_image,
        code="deadline-exceeded",
        says="ErrImagePull",
        shows="ImagePullBackOff",
    ),
    BadDay(
        name="no-volume",
        title="no volume is ever provisioned",
        meanwhile=_no_volumes,
        code="application-failed",
        says="",
        shows="",
    ),
    BadDay(
        name="silent-dns",
        title="the names never resolve",
        before=_silent_dns,
        code="deadline-exceeded",
        says="no answer within 2 s",
    ),
)
