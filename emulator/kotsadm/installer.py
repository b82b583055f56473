"""kotsadm's automated install: what it does with the two Secrets at its start."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import yaml

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.kotsadm import release
from emulator.kotsadm.application import Application, Version
from emulator.kotsadm.behaviour import Behaviour
from emulator.kotsadm.rollout import Rollout
from emulator.kubelet.api_client import ApiClient, JsonObject
from emulator.kubelet.documents import section

_ROW_READABLE = timedelta(seconds=60)
"""kotsadm shows the row for 60 seconds after its last update; of real time, as its readers wait."""


class Installer:
    """Creates the application, checks it, and has it rolled out."""

    def __init__(
        self,
        api: ApiClient,
        clock: Clock,
        durations: Durations,
        rollout: Rollout,
        behaviour: Behaviour,
    ) -> None:
        self._api = api
        self._clock = clock
        self._durations = durations
        self._rollout = rollout
        self._behaviour = behaviour

    async def install(self, application: Application, listen: Callable[[str], None]) -> None:
        """Install what the license Secret asks for, then listen; checks and roll-out follow.

        A console that starts without that Secret has nothing to install and only listens. The
        Secret is gone afterwards, however it ended; the ConfigValues are taken only once the
        license is good: https://github.com/replicatedhq/kots/blob/main/pkg/automation/automation.go
        """
        namespace = application.namespace
        await self._clock.sleep(self._durations.console_start)
        license_text = await self._consume(namespace, "kotsadm-default-license", "license")
        if not license_text:
            listen(namespace)
            return
        slower = timedelta(seconds=self._behaviour.extra_fetch)
        await self._clock.sleep(self._durations.application_fetch + slower)
        failure = self._behaviour.automated_failure or _license_failure(license_text)
        if application.versions:
            failure = f"license already exists for app {release.SLUG}"
        if failure:
            self._tell(application, "failed", {"error": failure})
            listen(namespace)
            return
        values = await self._consume(namespace, "kotsadm-default-configvalues", "configvalues")
        if values:
            application.read_values(values, merge=False)
        settings = await self._settings(namespace)
        label = settings.get("app-version-label") or release.VERSIONS[-1]
        version = Version(label=label, sequence=0, status="pending_config")
        application.versions.append(version)
        skip = settings.get("skip-preflights") == "true"
        if not application.missing_items():
            version.status = "pending" if skip else "pending_preflight"
        self._tell(application, "success", {"versionStatus": version.status})
        listen(namespace)
        if version.status != "pending_config":
            await self.check_and_deploy(application, version, skip=skip)

    async def check_and_deploy(
        self, application: Application, version: Version, *, skip: bool
    ) -> None:
        """Run the preflight checks unless skipped; deploy when nothing fails or warns."""
        if not skip:
            version.status = "pending_preflight"
            await self._clock.sleep(self._durations.preflights)
            version.preflights = self._checks()
            # KOTS's store calls a version pending as soon as results are written, whatever they
            # say: https://github.com/replicatedhq/kots/blob/main/pkg/store/kotsstore/preflight_store.go
            version.status = "pending"
            if any(not row["isPass"] for row in version.preflights):
                return
        await self.deploy(application, version)

    async def deploy(self, application: Application, version: Version) -> None:
        """Roll the version out."""
        if self._behaviour.never_deploys:
            version.status = "pending"
            return
        version.status = "deploying"
        if self._behaviour.deploy_failure:
            version.status = "failed"
            return
        await self._rollout.begin(application)
        version.status = "deployed"

    def _checks(self) -> list[JsonObject]:
        rows = [_row("Kubernetes version", "The version is supported.", "isPass")]
        if self._behaviour.preflight_warning:
            rows.append(_row(self._behaviour.preflight_warning, "Less than recommended.", "isWarn"))
        if self._behaviour.preflight_failure:
            rows.append(_row(self._behaviour.preflight_failure, "Less than required.", "isFail"))
        return rows

    def _tell(self, application: Application, status: str, message: JsonObject) -> None:
        application.task = status
        application.task_message = {"message": "", "versionStatus": "", "error": "", **message}
        application.task_until = datetime.now(UTC) + _ROW_READABLE

    async def _settings(self, namespace: str) -> dict[str, str]:
        found = await self._api.find(f"/api/v1/namespaces/{namespace}/configmaps/kotsadm-confg")
        return (found or {}).get("data") or {}

    async def _consume(self, namespace: str, name: str, key: str) -> str:
        path = f"/api/v1/namespaces/{namespace}/secrets/{name}"
        secret = await self._api.find(path)
        if secret is None:
            return ""
        await self._api.delete(path)
        return base64.b64decode(secret["data"][key]).decode()


def _license_failure(text: str) -> str:
    document = cast("JsonObject", yaml.safe_load(text) or {})
    entitlements = section(section(document, "spec"), "entitlements")
    expiry = section(entitlements, "expires_at").get("value")
    if expiry and re.match(r"\d{4}", str(expiry)):
        moment = datetime.fromisoformat(str(expiry))
        if moment.replace(tzinfo=moment.tzinfo or UTC) < datetime.now(UTC):
            return "license is expired"
    return ""


def _row(title: str, message: str, result: str) -> JsonObject:
    row: JsonObject = {"isFail": False, "isWarn": False, "isPass": False}
    row[result] = True
    return {**row, "title": title, "message": message}
