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


def newer(version: str) -> list[str]:
    """Versions that a cluster of ``version`` can be upgraded to: patches and the next minor's."""
    major, minor, patch = (int(part) for part in version.split("."))
    near = (f"{major}.{minor}", f"{major}.{minor + 1}")
    known = [v for m in near for v in VERSIONS.get(m, ())]
    return [v for v in known if tuple(map(int, v.split("."))) > (major, minor, patch)]


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
