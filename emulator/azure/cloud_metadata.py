"""What the Azure CLI reads when a cloud is registered by its endpoint.

Source: https://learn.microsoft.com/cli/azure/cloud#az-cloud-register
"""

from typing import Any

from emulator.azure.calls import Answer, Call, Route

ENDPOINTS = "/metadata/endpoints"
"""Answered to everyone: the CLI asks before it has a token."""


def metadata_route() -> Route:
    """The one operation."""
    return Route(method="GET", template=ENDPOINTS, handle=_endpoints)


async def _endpoints(call: Call) -> Answer:
    base = call.base
    cloud: dict[str, Any] = {
        "name": "Emulated",
        "portal": base,
        "authentication": {
            "loginEndpoint": base,
            "audiences": [base, "https://management.azure.com"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graph": base,
        "graphAudience": base,
        "microsoftGraphResourceId": base,
        "resourceManager": base,
        "media": base,
        "gallery": base,
        "batch": base,
        "vmImageAliasDoc": base,
        "sqlManagement": base,
        "activeDirectoryDataLake": base,
        "suffixes": {
            "keyVaultDns": "vault.localhost",
            "storage": "storage.localhost",
            "sqlServerHostname": "database.localhost",
            "acrLoginServer": "registry.localhost",
        },
    }
    # Public ARM lists its clouds; one that the CLI registers by its endpoint is one document.
    return Answer(body=cloud)
