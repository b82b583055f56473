"""The volumes of a pod, as folders of files."""

from pathlib import Path

from emulator.kubelet.api_client import JsonObject
from emulator.kubelet.documents import listed, section
from emulator.kubelet.sources import Missing, Sources

_USUAL_MODE = 0o644
_TOKEN_SECONDS = 3607


async def fill(volume: JsonObject, folder: Path, sources: Sources) -> None:
    """Make ``folder`` what the volume says: empty, or files of Secrets, ConfigMaps and the like.

    Persistent volumes and host paths are empty folders, too.

    Raises:
        Missing: A Secret, ConfigMap or key does not exist and is not optional.
    """
    _make(folder)
    if secret := volume.get("secret"):
        data = await sources.secret(secret["secretName"], optional=secret.get("optional", False))
        _write(folder, _chosen(data, secret), secret.get("defaultMode", _USUAL_MODE))
    elif config_map := volume.get("configMap"):
        optional = config_map.get("optional", False)
        data = await sources.config_map(config_map["name"], optional=optional)
        _write(folder, _chosen(data, config_map), config_map.get("defaultMode", _USUAL_MODE))
    elif downward := volume.get("downwardAPI"):
        _write(folder, _fields(downward, sources), downward.get("defaultMode", _USUAL_MODE))
    elif projected := volume.get("projected"):
        mode = projected.get("defaultMode", _USUAL_MODE)
        for source in listed(projected, "sources"):
            _write(folder, await _projected(source, sources), mode)


async def _projected(source: JsonObject, sources: Sources) -> dict[str, tuple[bytes, int | None]]:
    if account := source.get("serviceAccountToken"):
        seconds = account.get("expirationSeconds", _TOKEN_SECONDS)
        token = await sources.token(seconds, account.get("audience", ""))
        return {account["path"]: (token.encode(), None)}
    if secret := source.get("secret"):
        data = await sources.secret(secret["name"], optional=secret.get("optional", False))
        return _chosen(data, secret)
    if config_map := source.get("configMap"):
        optional = config_map.get("optional", False)
        data = await sources.config_map(config_map["name"], optional=optional)
        return _chosen(data, config_map)
    return _fields(section(source, "downwardAPI"), sources)


def _chosen(data: dict[str, bytes], source: JsonObject) -> dict[str, tuple[bytes, int | None]]:
    items = source.get("items")
    if not items:
        return {name: (content, None) for name, content in data.items()}
    for item in items:
        if item["key"] not in data and not source.get("optional"):
            raise Missing(f"references non-existent secret key: {item['key']}")
    return {i["path"]: (data[i["key"]], i.get("mode")) for i in items if i["key"] in data}


def _fields(source: JsonObject, sources: Sources) -> dict[str, tuple[bytes, int | None]]:
    return {
        item["path"]: (sources.field(item["fieldRef"]["fieldPath"]).encode(), item.get("mode"))
        for item in listed(source, "items")
        if "fieldRef" in item
    }


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _write(folder: Path, files: dict[str, tuple[bytes, int | None]], mode: int) -> None:
    for name, (content, own_mode) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        # Group and others have no business in a sandbox; its owner must always be able to read.
        path.chmod(((own_mode or mode) & 0o700) | 0o400)
