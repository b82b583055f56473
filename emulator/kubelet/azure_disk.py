"""The Azure disk driver: storage classes as AKS has them, and a volume for every claim.

Source: https://learn.microsoft.com/azure/aks/concepts-storage#storage-classes
"""

from emulator.kubelet.api_client import NOT_FOUND, ApiClient, ApiFailure, JsonObject
from emulator.kubelet.documents import section

DRIVER = "disk.csi.azure.com"
_FILE_DRIVER = "file.csi.azure.com"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
_CLASSES_PATH = "/apis/storage.k8s.io/v1/storageclasses"
_DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


def _storage_class(
    name: str, sku: str, *, provisioner: str = DRIVER, mode: str = "WaitForFirstConsumer"
) -> JsonObject:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": _DEFAULT if name == "default" else {}},
        "provisioner": provisioner,
        "parameters": {"skuname": sku},
        "reclaimPolicy": "Delete",
        "volumeBindingMode": mode,
        "allowVolumeExpansion": True,
    }


CLASSES = (
    _storage_class("default", "StandardSSD_LRS"),
    _storage_class("managed", "StandardSSD_LRS"),
    _storage_class("managed-csi", "StandardSSD_LRS"),
    _storage_class("managed-premium", "Premium_LRS"),
    _storage_class("managed-csi-premium", "Premium_LRS"),
    _storage_class("azurefile", "Standard_LRS", provisioner=_FILE_DRIVER, mode="Immediate"),
    _storage_class("azurefile-csi", "Standard_LRS", provisioner=_FILE_DRIVER, mode="Immediate"),
)


class AzureDisk:
    """Provisions volumes; a plain client, because real clusters' control planes do not."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._classes = {c["metadata"]["name"]: c for c in CLASSES}

    async def install(self) -> None:
        """Make the drivers and storage classes that AKS clusters are born with."""
        for driver in (DRIVER, _FILE_DRIVER):
            body = {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "CSIDriver",
                "metadata": {"name": driver},
                "spec": {"attachRequired": driver == DRIVER, "podInfoOnMount": False},
            }
            await self._api.ensure("/apis/storage.k8s.io/v1/csidrivers", body)
        for storage_class in CLASSES:
            await self._api.ensure(_CLASSES_PATH, storage_class)

    async def claim_changed(self, kind: str, claim: JsonObject) -> None:
        """Give a claim its volume, when it is this driver's to give and the time has come."""
        if kind == "DELETED":
            await self._release(claim)
            return
        if (
            claim.get("status", {}).get("phase") == "Bound"
            or "deletionTimestamp" in claim["metadata"]
        ):
            return
        chosen = await self._class_of(claim)
        if chosen is None or chosen["provisioner"] not in (DRIVER, _FILE_DRIVER):
            return
        annotations = section(claim["metadata"], "annotations")
        if chosen["volumeBindingMode"] == "Immediate" or SELECTED_NODE in annotations:
            await self._provision(claim, chosen)

    async def _class_of(self, claim: JsonObject) -> JsonObject | None:
        name = claim["spec"].get("storageClassName")
        if not name:
            return None
        if name not in self._classes:
            found = await self._api.find(f"{_CLASSES_PATH}/{name}")
            if found is None:
                return None
            self._classes[name] = found
        return self._classes[name]

    async def _provision(self, claim: JsonObject, chosen: JsonObject) -> None:
        meta, spec = claim["metadata"], claim["spec"]
        name = f"pvc-{meta['uid']}"
        size = spec["resources"]["requests"]["storage"]
        reference = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "name": meta["name"],
            "namespace": meta["namespace"],
            "uid": meta["uid"],
        }
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {
                "name": name,
                "annotations": {"pv.kubernetes.io/provisioned-by": chosen["provisioner"]},
            },
            "spec": {
                "capacity": {"storage": size},
                "accessModes": spec["accessModes"],
                "claimRef": reference,
                "csi": {"driver": chosen["provisioner"], "volumeHandle": name},
                "persistentVolumeReclaimPolicy": chosen.get("reclaimPolicy", "Delete"),
                "storageClassName": chosen["metadata"]["name"],
                "volumeMode": spec.get("volumeMode", "Filesystem"),
            },
        }
        await self._api.ensure("/api/v1/persistentvolumes", volume)
        await self._api.patch(
            f"/api/v1/persistentvolumes/{name}/status", {"status": {"phase": "Bound"}}
        )
        path = f"/api/v1/namespaces/{meta['namespace']}/persistentvolumeclaims/{meta['name']}"
        notes = {
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
        }
        bound = {
            "phase": "Bound",
            "accessModes": spec["accessModes"],
            "capacity": {"storage": size},
        }
        try:
            await self._api.patch(
                path, {"metadata": {"annotations": notes}, "spec": {"volumeName": name}}
            )
            await self._api.patch(f"{path}/status", {"status": bound})
        except ApiFailure as failure:
            if failure.code != NOT_FOUND:  # the claim went in the meantime
                raise

    async def _release(self, claim: JsonObject) -> None:
        volume = claim["spec"].get("volumeName")
        if volume:
            await self._api.delete(f"/api/v1/persistentvolumes/{volume}")
