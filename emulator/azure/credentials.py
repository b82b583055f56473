"""Kubeconfigs of managed clusters."""

import base64

from emulator.azure.calls import Answer, Call, JsonObject, Route
from emulator.azure.cluster_records import (
    ClusterRecords,
    no_static_credential,
    without_credentials,
)
from emulator.azure.clusters import CLUSTERS_PATH, PROVIDER
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
        return _answer("clusterUser", kubeconfig)

    async def _admin(self, call: Call) -> Answer:
        cluster = self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        if cluster.properties.get("disableLocalAccounts"):
            raise no_static_credential()
        return _answer("clusterAdmin", self._records.kubeconfig(cluster))


def _answer(name: str, kubeconfig: bytes) -> Answer:
    value = base64.b64encode(kubeconfig).decode()
    body: JsonObject = {"kubeconfigs": [{"name": name, "value": value}]}
    return Answer(body=body)
