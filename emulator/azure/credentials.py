"""Kubeconfigs of managed clusters."""

import base64

import yaml

from emulator.azure.calls import Answer, Call, JsonObject, Route, rows
from emulator.azure.cluster_records import (
    ClusterRecords,
    no_static_credential,
    without_credentials,
)
from emulator.azure.clusters import CLUSTERS_PATH, PROVIDER
from emulator.azure.resources import Resource
from emulator.azure.state import CLUSTER, State


class Credentials:
    """Routes that hand out kubeconfigs."""

    def __init__(self, state: State, records: ClusterRecords) -> None:
        self._state = state
        self._records = records

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        return [
            Route(
                method="POST",
                template=f"{CLUSTERS_PATH}/{{name}}/{verb}",
                handle=handle,
                action=f"{CLUSTER}/{verb}/action",
                api=PROVIDER,
                flat=True,
            )
            for verb, handle in (
                ("listClusterUserCredential", self._user),
                ("listClusterAdminCredential", self._admin),
            )
        ]

    async def _user(self, call: Call) -> Answer:
        cluster = self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        kubeconfig = self._records.kubeconfig(cluster)
        if cluster.properties.get("aadProfile"):
            login = "devicecode" if call.query.get("format", "").lower() != "exec" else "azurecli"
            tenant = self._state.directory.tenant_id
            kubeconfig = without_credentials(kubeconfig, tenant, login=login)
        return _answer("clusterUser", cluster, kubeconfig)

    async def _admin(self, call: Call) -> Answer:
        cluster = self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        if cluster.properties.get("disableLocalAccounts"):
            raise no_static_credential()
        return _answer("clusterAdmin", cluster, self._records.kubeconfig(cluster))


def _answer(role: str, cluster: Resource, kubeconfig: bytes) -> Answer:
    """A kubeconfig whose user is named after role, group and cluster, as AKS does.

    The CLI knows an administrator's by that name and calls its context ``<cluster>-admin``.
    """
    document: JsonObject = yaml.safe_load(kubeconfig)
    user = f"{role}_{cluster.group}_{cluster.name}"
    for row in rows(document, "users"):
        row["name"] = user
    for row in rows(document, "contexts"):
        row["context"]["user"] = user
    value = base64.b64encode(yaml.safe_dump(document, sort_keys=False).encode()).decode()
    body: JsonObject = {"kubeconfigs": [{"name": role, "value": value}]}
    return Answer(body=body)
