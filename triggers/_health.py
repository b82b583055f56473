"""What ``/api/health`` tells to everybody: no secret, and nothing that has to be asked for."""

import os

import azure.functions as func

from model.app_identity import BadIdentity, chosen, platform_offers
from triggers import _responses as responses
from triggers._installations import Installations

_OK, _UNAVAILABLE = 200, 503


def health(known: Installations) -> func.HttpResponse:
    """Whether the host opened its gRPC endpoint, without which nothing durable works; who we are.

    An identity is told by kind and client id as the settings choose it; no token is asked for.
    """
    if not known.client.rpcBaseUrl:
        detail = "The host opened no gRPC endpoint; use the extension bundle named in host.json."
        return responses.problem(_UNAVAILABLE, "Durable extension too old", detail)
    try:
        who = chosen(known.settings, platform_offers=platform_offers(os.environ))
    except BadIdentity as bad:
        return responses.problem(_UNAVAILABLE, "Identity unusable", str(bad))
    shown = {"kind": who.kind, "clientId": who.client_id}
    return responses.document(
        _OK, {"status": "ok", "taskHub": known.client.taskHubName, "identity": shown}
    )
