"""What the ingress needs of a Keycloak, emulated or true."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web


class Deployed(Protocol):
    """A Keycloak that runs as part of the product."""

    @property
    def app(self) -> web.Application:
        """Answers at ``auth-<base domain>``."""
        ...

    async def authenticate(self, token: str) -> dict[str, Any] | None:
        """Claims of an access token of realm ``dash`` that is alive; else None."""
        ...

    async def stop(self) -> None:
        """End what it started; the application answers no more."""
        ...


type Deploy = Callable[[str], Awaitable[Deployed]]
"""Deploys a Keycloak whose administrator ``admin`` has the given password."""
