"""Who we are to Azure: the app's managed identity, or a developer's own login."""

import os
from typing import TYPE_CHECKING

from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def credential(settings: Settings) -> "TokenCredential":
    """The managed identity where the platform offers one, else what ``az login`` left.

    No request is sent until a token is needed.
    """
    if os.environ.get("IDENTITY_ENDPOINT"):
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=settings.client_id or None)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()
