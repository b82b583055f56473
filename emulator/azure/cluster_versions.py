"""Kubernetes versions that a region offers, and that a cluster may go to."""

from emulator.azure.calls import Answer, Call, JsonObject, Route
from emulator.azure.clusters import CLUSTERS_PATH, PROVIDER
from emulator.azure.kubernetes_versions import document, newer
from emulator.azure.locations import known
from emulator.azure.state import CLUSTER, State


class ClusterVersions:
    """Routes of versions."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{CLUSTERS_PATH}/{{name}}"
        subscription = "/subscriptions/{subscription}/providers/Microsoft.ContainerService"
        table = (
            (
                "GET",
                f"{one}/upgradeProfiles/default",
                self._upgrades,
                "managedClusters/upgradeProfiles/read",
            ),
            (
                "GET",
                f"{subscription}/locations/{{location}}/kubernetesVersions",
                self._versions,
                "locations/kubernetesVersions/read",
            ),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{PROVIDER}/{a}", api=PROVIDER, flat=True)
            for m, t, h, a in table
        ]

    async def _versions(self, call: Call) -> Answer:
        known(call["location"], CLUSTER)
        return Answer(body=document())

    async def _upgrades(self, call: Call) -> Answer:
        cluster = self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        version = cluster.properties["currentKubernetesVersion"]
        upgrades = [{"kubernetesVersion": v} for v in newer(version)]
        control: JsonObject = {
            "kubernetesVersion": version,
            "osType": "Linux",
            "upgrades": upgrades,
        }
        pools = [control | {"name": p["name"]} for p in cluster.properties["agentPoolProfiles"]]
        return Answer(
            body={
                "id": f"{cluster.resource_id}/upgradeprofiles/default",
                "name": "default",
                "type": f"{CLUSTER}/upgradeprofiles",
                "properties": {"controlPlaneProfile": control, "agentPoolProfiles": pools},
            }
        )
