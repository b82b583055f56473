"""Entra ID's token endpoint and the managed identity endpoint of App Service.

Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
"""

import base64
import json
import secrets
from collections.abc import Collection
from typing import Any

from aiohttp import web

from emulator.azure.client_assertion import Unproven, check
from emulator.azure.directory import Directory, Principal

_ARM = "https://management.azure.com/"
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Entra:
    """Handlers of the login server.

    Attributes:
        identity_header: What ``X-IDENTITY-HEADER`` must be at the managed identity endpoint.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.identity_header = secrets.token_urlsafe(24)

    def routes(self) -> list[web.RouteDef]:
        """Paths of the login server; tenants are checked nowhere but in tokens."""
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
            web.get("/{tenant}/.well-known/openid-configuration", self._configuration),
            web.get("/common/discovery/instance", self._instance),
            web.get("/{tenant}/discovery/v2.0/keys", self._keys),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
            web.post("/{tenant}/oauth2/token", self._token),
            web.post("/{tenant}/oauth2/v2.0/devicecode", self._device_code),
        ]

    async def _configuration(self, request: web.Request) -> web.Response:
        base = f"{request.scheme}://{request.host}/{request.match_info['tenant']}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "response_types_supported": ["code", "id_token", "token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "tenant_region_scope": "NA",
                "cloud_instance_name": request.host,
            }
        )

    async def _instance(self, request: web.Request) -> web.Response:
        names = [request.host]
        return web.json_response(
            {
                "tenant_discovery_endpoint": f"{request.scheme}://{request.host}/"
                f"{self._directory.tenant_id}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [
                    {
                        "preferred_network": request.host,
                        "preferred_cache": request.host,
                        "aliases": names,
                    }
                ],
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": []})

    async def _device_code(self, request: web.Request) -> web.Response:
        """Nobody signs in by hand: the tenant has no people and no application of theirs."""
        return self._unknown(str((await request.post()).get("client_id", "")))

    async def _token(self, request: web.Request) -> web.Response:
        form = {k: str(v) for k, v in (await request.post()).items()}
        tenant = request.match_info["tenant"].lower()
        if tenant not in (self._directory.tenant_id.lower(), "organizations", "common"):
            return _refused(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
            )
        client_id, secret = _basic(request) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if not client_id:
            return _refused(
                400, "invalid_request", 900144, "The request body must contain: 'client_id'."
            )
        principal = self._directory.find(client_id)
        if principal is None:
            if not self._directory.open:
                return self._unknown(client_id)
            principal = self._directory.add_principal(client_id, client_id=client_id)
        here = f"{request.scheme}://{request.host}"
        addresses = [f"{here}{request.path}", f"{here}/{tenant}/v2.0", f"{here}/{tenant}/"]
        if principal.secret or principal.certificate is not None or not self._directory.open:
            refusal = _prove(principal, form, secret, addresses)
            if refusal is not None:
                return refusal
        audience = _audience(form)
        lifetime = int(self._directory.token_lifetime.total_seconds())
        body: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": self._directory.token(principal, audience),
        }
        if "v2.0" not in request.path:
            body["resource"] = audience
        return web.json_response(body)

    def _unknown(self, client_id: str) -> web.Response:
        return _refused(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory "
            f"'{self._directory.tenant_id}'. This can happen if the application has not been "
            "installed by the administrator of the tenant or consented to by any user in the "
            "tenant. You may have sent your authentication request to the wrong tenant.",
        )

    async def managed_identity(self, request: web.Request) -> web.Response:
        """``GET /msi/token``: a token of the app's own identity or of a user-assigned one."""
        if request.headers.get("X-IDENTITY-HEADER") != self.identity_header:
            return web.json_response(
                {"statusCode": 401, "message": "The X-IDENTITY-HEADER is missing or wrong."},
                status=401,
            )
        query = request.query
        if "api-version" not in query or "resource" not in query:
            return web.json_response(
                {"statusCode": 400, "message": "api-version and resource are required."},
                status=400,
            )
        principal = self._managed(
            query.get("client_id"), query.get("principal_id"), query.get("mi_res_id")
        )
        if principal is None:
            return web.json_response(
                {
                    "statusCode": 400,
                    "message": "No User Assigned or Delegated Managed Identity found for specified "
                    "ClientId/ResourceId/PrincipalId.",
                },
                status=400,
            )
        expires = self._directory.expires()
        return web.json_response(
            {
                "access_token": self._directory.token(principal, query["resource"]),
                "expires_on": str(int(expires.timestamp())),
                "resource": query["resource"],
                "token_type": "Bearer",
                "client_id": principal.client_id.upper(),
            }
        )

    def _managed(
        self, client_id: str | None, object_id: str | None, resource_id: str | None
    ) -> Principal | None:
        everyone = [self._directory.app, *self._directory.managed.values()]
        if client_id:
            return next((p for p in everyone if p.client_id.lower() == client_id.lower()), None)
        if object_id:
            return next((p for p in everyone if p.object_id.lower() == object_id.lower()), None)
        if resource_id:
            return self._directory.managed.get(resource_id.lower())
        return self._directory.app


def _basic(request: web.Request) -> tuple[str, str] | None:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    client_id, _, secret = base64.b64decode(text).decode().partition(":")
    return client_id, secret


def _prove(
    principal: Principal, form: dict[str, str], secret: str, addresses: Collection[str]
) -> web.Response | None:
    """Whether the client is who it says."""
    if form.get("client_assertion_type") == _JWT_BEARER:
        return _prove_by_certificate(principal, form.get("client_assertion", ""), addresses)
    if not secret:
        return _refused(
            401,
            "invalid_client",
            7000216,
            "'client_assertion', 'client_secret' or 'request' is required for the "
            "'client_credentials' grant type.",
        )
    right = principal.secret.encode()
    if not right or not secrets.compare_digest(secret.encode(), right):
        return _refused(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            "client secret value, not the client secret ID, for a secret added to app "
            f"'{principal.client_id}'.",
        )
    return None


def _prove_by_certificate(
    principal: Principal, assertion: str, addresses: Collection[str]
) -> web.Response | None:
    if principal.certificate is None:
        message = f"'{principal.client_id}' has no certificate."
        return _refused(401, "invalid_client", 700027, message)
    try:
        check(assertion, principal.certificate, principal.client_id, addresses)
    except Unproven as unproven:
        return _refused(401, "invalid_client", unproven.number, unproven.message)
    return None


def _audience(form: dict[str, str]) -> str:
    if form.get("resource"):
        return form["resource"]
    scopes = [s for s in form.get("scope", "").split() if "/" in s]
    return scopes[0].removesuffix("/.default") if scopes else _ARM


def _refused(status: int, error: str, number: int, message: str) -> web.Response:
    body = {
        "error": error,
        "error_description": f"AADSTS{number}: {message}",
        "error_codes": [number],
        "correlation_id": "00000000-0000-0000-0000-000000000000",
    }
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")
