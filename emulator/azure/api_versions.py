"""Which api-versions each service answers to: those of the pinned SDKs and of the Azure CLI.

Source: the SDKs' ``_configuration`` modules and the release history in Azure/azure-rest-api-specs.
"""

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Call, Route

_AKS_STABLE = (
    "2023-01-01 2023-02-01 2023-03-01 2023-04-01 2023-05-01 2023-06-01 2023-07-01 2023-08-01 "
    "2023-09-01 2023-10-01 2023-11-01 2024-01-01 2024-02-01 2024-05-01 2024-07-01 2024-08-01 "
    "2024-09-01 2024-10-01 2025-01-01 2025-02-01 2025-03-01 2025-04-01 2025-05-01 2025-06-01 "
    "2025-07-01 2025-08-01 2025-09-01 2025-10-01 2026-01-01 2026-02-01 2026-03-01 2026-04-01 "
    "2026-05-01 2026-06-01 2026-07-01 2026-08-01"
)

API_VERSIONS: dict[str, tuple[str, ...]] = {
    "Microsoft.ContainerService": tuple(_AKS_STABLE.split()),
    "Microsoft.ContainerService/locations/operations": ("2016-03-30", "2017-08-31"),
    "Microsoft.Network": (
        "2021-02-01", "2022-01-01", "2023-09-01", "2023-11-01", "2024-01-01", "2024-03-01",
        "2024-05-01", "2024-07-01", "2025-01-01", "2025-03-01", "2025-05-01", "2025-07-01",
        "2026-01-01", "2026-03-01",
    ),
    "Microsoft.Network/dnsZones": (
        "2016-04-01", "2017-09-01", "2017-10-01", "2018-05-01", "2023-07-01-preview",
    ),
    "Microsoft.Compute": (
        "2021-07-01", "2022-11-01", "2023-07-01", "2023-09-01", "2024-03-01", "2024-07-01",
        "2024-11-01", "2025-04-01", "2025-11-01", "2026-03-01", "2026-04-01",
    ),
    "Microsoft.Compute/skus": ("2017-09-01", "2019-04-01", "2021-07-01"),
    "Microsoft.Authorization": (
        "2015-07-01", "2018-01-01-preview", "2020-04-01-preview", "2022-04-01",
        "2022-05-01-preview",
    ),
    "Microsoft.ManagedIdentity": (
        "2018-11-30", "2023-01-31", "2024-11-30", "2025-01-31-preview", "2025-05-31-preview",
    ),
    "Microsoft.DurableTask": ("2025-11-01", "2026-02-01"),
    "Microsoft.KeyVault": (
        "2022-07-01", "2023-02-01", "2023-07-01", "2024-11-01", "2025-05-01", "2026-02-01",
    ),
    "Microsoft.Resources": (
        "2014-04-01", "2015-01-01", "2015-11-01", "2016-02-01", "2016-06-01", "2016-07-01",
        "2016-09-01", "2017-05-10", "2018-02-01", "2018-05-01", "2018-06-01", "2019-06-01",
        "2019-07-01", "2019-10-01", "2019-11-01", "2020-01-01", "2020-06-01", "2020-10-01",
        "2021-01-01", "2021-04-01", "2022-01-01", "2022-09-01", "2022-12-01", "2023-07-01",
        "2024-03-01", "2024-07-01", "2024-11-01", "2025-03-01", "2025-04-01", "2026-02-01",
    ),
}  # fmt: skip # a table

UNSERVED_PROVIDERS = (
    "Microsoft.App",
    "microsoft.insights",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
    "Microsoft.Web",
)
"""Namespaces that an installation guide registers; nothing of theirs is served."""


def check_version(route: Route, call: Call) -> None:
    """Refuse a request without an api-version, or with one that the service never had.

    Raises:
        ArmError: 400.
    """
    if not route.api:
        return
    if not call.version:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    known = API_VERSIONS[route.api]
    if call.version.lower() in known:
        return
    offered = ", ".join(known)
    if route.api == "Microsoft.Resources":
        raise ArmError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{call.version}' is invalid. The supported versions are '{offered}'.",
        )
    kind = route.api if "/" in route.api else f"{route.api}/{_type_in(route.template)}"
    raise ArmError(
        400,
        "InvalidResourceType" if not call.version[:1].isdigit() else "NoRegisteredProviderFound",
        f"No registered resource provider found for location '' and API version '{call.version}' "
        f"for type '{kind.partition('/')[2]}'. The supported api-versions are '{offered}'.",
    )


def _type_in(template: str) -> str:
    return template.rpartition("/providers/")[2].split("/")[1]
