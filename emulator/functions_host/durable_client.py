"""The configuration that the Durable extension hands to a durable client binding.

https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features describes
the URLs; ``INSTANCEID`` is the placeholder which the client libraries replace.
"""

import json
from typing import Any
from urllib.parse import quote

from emulator.functions_host.app_settings import HostSettings, resolve_setting

MANAGEMENT_PATH = "/runtime/webhooks/durabletask"
_INSTANCE = "INSTANCEID"


def client_configuration(
    settings: HostSettings, binding: dict[str, Any], *, url: str, rpc: str, key: str
) -> str:
    """JSON for one binding.

    Args:
        settings: Give the task hub and connection of a binding that names none.
        binding: As in function.json.
        url: Base of the host, without a slash at its end.
        rpc: ``host:port`` of the task hub.
        key: The durable system key.
    """
    hub = resolve_setting(str(binding.get("taskHub") or settings.hub_name))
    connection = str(binding.get("connectionName") or settings.connection_name)
    query = required_query(hub, connection, key)
    base = f"{url}{MANAGEMENT_PATH}"
    create = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
    wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
    configuration = {
        "taskHubName": hub,
        "connectionName": connection,
        "creationUrls": {
            "createNewInstancePostUri": f"{create}?{query}",
            "createAndWaitOnNewInstancePostUri": f"{create}?{wait}&{query}",
        },
        "managementUrls": management_urls(base, _INSTANCE, query),
        "baseUrl": base,
        "requiredQueryStringParameters": query,
        "rpcBaseUrl": f"http://{rpc}",
        "httpBaseUrl": base,
        "useForwardedHost": False,
        "maxGrpcMessageSizeInBytes": 2147483647,
        "grpcHttpClientTimeout": "00:01:40",
    }
    return json.dumps(configuration)


def required_query(hub: str, connection: str, key: str) -> str:
    """What every management URL must carry."""
    return f"taskHub={quote(hub)}&connection={quote(connection)}&code={quote(key)}"


def management_urls(base: str, instance_id: str, query: str) -> dict[str, str]:
    """The URLs that check, steer and remove one instance."""
    one = f"{base}/instances/{quote(instance_id, safe='')}"
    return {
        "id": instance_id,
        "statusQueryGetUri": f"{one}?{query}",
        "sendEventPostUri": f"{one}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{one}/terminate?reason={{text}}&{query}",
        "rewindPostUri": f"{one}/rewind?reason={{text}}&{query}",
        "purgeHistoryDeleteUri": f"{one}?{query}",
        "restartPostUri": f"{one}/restart?{query}",
        "suspendPostUri": f"{one}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{one}/resume?reason={{text}}&{query}",
    }
