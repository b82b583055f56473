"""A true Keycloak as part of the product: behind the ingress, with the release's password."""

import base64
import json
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout, web

from emulator.faults import Faults
from emulator.ingress.forwarding import forward
from emulator.journal import Journal
from emulator.real.keycloak import KeycloakServer

KeycloakKind = Literal["emulated", "real"]
"""Who answers at ``auth-<base domain>``: our own, or a true Keycloak behind our ingress."""

_ANSWER = ClientTimeout(total=30)


class RealKeycloak:
    """A running server behind the emulated ingress; a ``Deployed``.

    Faults and journal know it as ``keycloak``, like the emulated one.

    Attributes:
        server: The server.
        app: Forwards to it.
    """

    def __init__(self, server: KeycloakServer, faults: Faults, journal: Journal) -> None:
        self.server = server
        origin = server.url.removesuffix("/auth")
        self.app: web.Application = forward(origin, "keycloak", faults, journal)

    async def authenticate(self, token: str) -> dict[str, Any] | None:
        """What the server itself tells of the token's user; None when it refuses the token."""
        host = _issuing_host(token)
        url = f"{self.server.url}/realms/dash/protocol/openid-connect/userinfo"
        headers = {
            "Authorization": f"Bearer {token}",
            "Host": host,  # the server goes by the name that it is asked for
            "X-Forwarded-Host": host,
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
        }
        if not host:
            return None
        async with ClientSession(timeout=_ANSWER) as http, http.get(url, headers=headers) as answer:
            return await answer.json() if answer.ok else None

    async def stop(self) -> None:
        """End the server."""
        await self.server.stop()


class RealKeycloaks:
    """Deploys true Keycloaks; the first is started ahead, because it takes most of a minute.

    A second installation of the same world waits in real time for its own.

    Args:
        home: What ``emulator.real.keycloak.find`` found.
    """

    def __init__(self, home: Path, faults: Faults, journal: Journal) -> None:
        self._home = home
        self._faults = faults
        self._journal = journal
        self._spare: KeycloakServer | None = None

    async def start(self) -> None:
        """Start the first server; returns when it is ready."""
        self._spare = KeycloakServer(self._home)
        await self._spare.start()

    async def stop(self) -> None:
        """End the first server if nobody took it; deployed ones are ended by who has them."""
        if self._spare is not None:
            await self._spare.stop()

    async def deploy(self, admin_password: str) -> RealKeycloak:
        """A server of its own whose administrator has this password; a ``Deploy``."""
        server, self._spare = self._spare, None
        if server is None:
            server = KeycloakServer(self._home)
            await server.start()
        await server.set_admin_password(admin_password)
        return RealKeycloak(server, self._faults, self._journal)


def _issuing_host(token: str) -> str:
    """Where a token says that it is from; nothing is believed before the server has judged it."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return urlsplit(str(claims["iss"])).netloc
    except (ValueError, LookupError, TypeError):
        return ""
