"""Kubernetes versions that AKS offers.

Source of the rules: https://learn.microsoft.com/azure/aks/supported-kubernetes-versions (three
minor versions, long-term support of older ones in tier Premium). The patches are made up for
the emulated world.
"""

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import JsonObject

OFFICIAL = "KubernetesOfficial"
LONG_TERM = "AKSLongTermSupport"

VERSIONS: dict[str, tuple[str, ...]] = {
    "1.33": ("1.33.9", "1.33.11"),
    "1.34": ("1.34.6", "1.34.7"),
    "1.35": ("1.35.3", "1.35.4"),
    "1.36": ("1.36.1", "1.36.3"),
}
DEFAULT = "1.35"
_LONG_TERM_ONLY = frozenset({"1.33"})


def resolve(asked: str, *, long_term: bool) -> str:
    """The full version for ``asked``: a minor version means its newest patch, empty the default.

    Raises:
        ArmError: 400: not offered, or only with long-term support.
    """
    wanted = asked or DEFAULT
    minor = ".".join(wanted.split(".")[:2])
    patches = VERSIONS.get(minor, ())
    if not patches or (wanted != minor and wanted not in patches):
        raise ArmError(
            400,
            "K8sVersionNotSupported",
            f"Version {wanted} is not supported in this region. Please use [az aks get-versions] "
            "command to get the supported version list in this region. For more information, "
            "please check https://aka.ms/supported-version-list",
            flat=True,
        )
    if minor in _LONG_TERM_ONLY and not long_term:
        raise ArmError(
            400,
            "K8sVersionNotSupported",
            f"Version {wanted} is only available for Long-Term Support (LTS). If you intend to "
            "onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan.",
            flat=True,
        )
    return patches[-1] if wanted == minor else wanted


def newer(version: str, up_to: str = "") -> list[str]:
    """Versions that ``version`` can be upgraded to: patches and the next minor's.

    A pool cannot pass ``up_to``, its control plane's version; a control plane has no such limit.
    """
    major, minor, patch = _numbers(version)
    near = (f"{major}.{minor}", f"{major}.{minor + 1}")
    known = [v for m in near for v in VERSIONS.get(m, ())]
    return [
        v
        for v in known
        if _numbers(v) > (major, minor, patch) and (not up_to or _numbers(v) <= _numbers(up_to))
    ]


def check_upgrade(current: str, wanted: str) -> None:
    """Refuse to go back, or past a minor version.

    Raises:
        ArmError: 400.
    """
    offered = newer(current)
    if wanted == current or wanted in offered:
        return
    back = _numbers(wanted) < _numbers(current)
    raise ArmError(
        400,
        "OperationNotAllowed",
        f"{'Downgrading' if back else 'Upgrading'} Kubernetes version {current} to {wanted} is not "
        f"allowed. Available upgrades: [{' '.join(reversed(offered))}]. Please see "
        "https://aka.ms/aks-supported-k8s-ver for version details.",
        flat=True,
    )


def pool_version(pool: JsonObject, control_plane: str, *, long_term: bool = True) -> str:
    """The full version of a pool's nodes: what it asks for, else has, else the control plane's.

    Raises:
        ArmError: 400: not offered, not an upgrade, or newer than the control plane.
    """
    current = str(pool.get("currentOrchestratorVersion") or "")
    asked = str(pool.get("orchestratorVersion") or "")
    version = resolve(kept(asked, current or control_plane), long_term=long_term)
    if current:
        check_upgrade(current, version)
    minor, highest = _numbers(version)[1], _numbers(control_plane)[1]
    if minor > highest:
        raise ArmError(
            400,
            "NodePoolMcVersionIncompatible",
            f"Node pool version {version} and control plane version {control_plane} are "
            f"incompatible. Minor version of node pool version {minor} is bigger than control "
            f"plane version {highest}. For more information, please check "
            "https://aka.ms/aks/UpgradeVersionRules",
            flat=True,
        )
    return version


def kept(asked: str, current: str) -> str:
    """``asked``, or the version that is there when only its minor version is named."""
    minor = current.rpartition(".")[0]
    return current if asked in ("", minor) else asked


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def document() -> JsonObject:
    """The versions list of a region."""
    rows: list[JsonObject] = []
    for minor, patches in VERSIONS.items():
        plans = [LONG_TERM] if minor in _LONG_TERM_ONLY else [OFFICIAL, LONG_TERM]
        row: JsonObject = {
            "version": minor,
            "capabilities": {"supportPlan": plans},
            "patchVersions": {p: {"upgrades": newer(p)} for p in patches},
        }
        if minor == DEFAULT:
            row["isDefault"] = True
        rows.append(row)
    return {"values": rows}
