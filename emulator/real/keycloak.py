"""A true Keycloak on loopback, with the realm that the emulated one imitates.

Options: https://www.keycloak.org/server/all-config
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from aiohttp import ClientResponse, ClientSession, ClientTimeout

from emulator.keycloak import REALM_FILE
from emulator.real.keycloak_archive import fetch, version_of
from emulator.real.ports import free_port
from emulator.real.process import Process
from emulator.real.readiness import FOLDER, Readiness
from emulator.real.readiness_probe import until_answers

VERSIONS = ("22.0.5", "26.7.5")
"""One of the old manners and one of the new: from 24 on users need a complete profile."""

ADMIN = "admin"
_PATIENCE = 120.0
"""Real seconds until the realm answers; 25 to 45 are usual."""
_LOOK = 0.1
"""Real seconds between two looks."""
_ANSWER = ClientTimeout(total=30)
"""The first login of a server that just started takes its time."""
_SHARED = ("lib/app", "lib/lib", "themes")
"""Parts of a distribution that a running server only reads."""
_OWN = ("bin", "conf", "providers", "lib/quarkus", "lib/quarkus-run.jar", "version.txt")
"""Parts that it rewrites, or finds its other parts by."""


def find(version: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """A distribution of exactly this version: ``KEYCLOAK_HOME``, the prepared one, or None.

    Without Java nothing is found.
    """
    if shutil.which("java", path=environ.get("PATH")) is None and not environ.get("JAVA_HOME"):
        return None
    home = environ.get("KEYCLOAK_HOME", "")
    folders = [Path(home)] if home else []
    candidates = [*folders, FOLDER / f"keycloak-{version}"]
    return next((folder for folder in candidates if version_of(folder) == version), None)


def require(version: str = VERSIONS[-1]) -> Path:
    """As ``find``, for those who cannot go on without.

    Raises:
        FileNotFoundError: It is not there; the message says how to get it.
    """
    found = find(version)
    if found is None:
        raise FileNotFoundError(f"no Keycloak {version} here: python -m emulator.real prepare")
    return found


def prepare(folder: Path = FOLDER) -> list[Readiness]:
    """Fetch every version into ``folder``, once; a second call finds them there."""
    return [fetch(version, folder / f"keycloak-{version}") for version in VERSIONS]


class KeycloakServer:
    """One server with a fresh realm ``dash``, in a folder of its own: ``home`` is not changed.

    Args:
        home: What ``find`` found.

    Attributes:
        version: Of the server.
        admin_username: First administrator, in realm ``master``.
        admin_password: Made up for this server.
    """

    def __init__(self, home: Path) -> None:
        self.version = version_of(home)
        self.admin_username = ADMIN
        self.admin_password = secrets.token_urlsafe(24)
        self._home = home
        self._port = 0
        self._running = AsyncExitStack()

    @property
    def url(self) -> str:
        """Base address with the context path, once it has started."""
        return f"http://127.0.0.1:{self._port}/auth"

    async def start(self) -> None:
        """Start it; returns when the realm answers and its administrator can log in.

        Raises:
            ProcessEnded: It ended; its last lines say why.
            TimeoutError: One of them never came true.
        """
        async with AsyncExitStack() as starting:
            folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="keycloak-")))
            _lay_out(self._home, folder)
            self._port = free_port()
            server = Process(
                folder / "bin" / "kc.sh",
                folder / "keycloak.log",
                "start-dev",
                "--import-realm",
                "--db=dev-mem",
                "--http-host=127.0.0.1",
                f"--http-port={self._port}",
                "--http-relative-path=/auth",
                self._trust_proxy(),
                environment=self._environment(),
                group=True,
            )
            await starting.enter_async_context(server)
            await until_answers(server, f"{self.url}/realms/dash", patience=_PATIENCE)
            await self._until_administered(server)
            self._running = starting.pop_all()

    async def stop(self) -> None:
        """End it and forget everything; harmless when it was never started."""
        await self._running.aclose()

    async def set_admin_password(self, password: str) -> None:
        """Give the administrator another password.

        Raises:
            ClientResponseError: The server refused it.
        """
        async with ClientSession(timeout=_ANSWER, raise_for_status=True) as http:
            async with self._log_in(http) as answer:
                token = (await answer.json())["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            users = f"{self.url}/admin/realms/master/users"
            async with http.get(users, params={"username": self.admin_username}) as answer:
                [admin] = await answer.json()
            credential = {"type": "password", "value": password, "temporary": False}
            async with http.put(f"{users}/{admin['id']}/reset-password", json=credential):
                self.admin_password = password

    async def _until_administered(self, server: Process) -> None:
        """Wait for the first administrator, whom some versions make after they answer."""
        async with asyncio.timeout(_PATIENCE), ClientSession(timeout=_ANSWER) as http:
            while True:
                async with self._log_in(http) as answer:
                    if answer.ok:
                        return
                server.require_running()
                await asyncio.sleep(_LOOK)

    def _log_in(self, http: ClientSession) -> AbstractAsyncContextManager[ClientResponse]:
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": self.admin_username,
            "password": self.admin_password,
        }
        return http.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form)

    def _trust_proxy(self) -> str:
        """The ingress ends TLS and says so; the option's name changed with version 24."""
        return "--proxy=edge" if self._is_older_than(24) else "--proxy-headers=xforwarded"

    def _environment(self) -> dict[str, str]:
        names = ("KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD")
        if self._is_older_than(26):
            names = ("KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD")
        return {
            names[0]: self.admin_username,
            names[1]: self.admin_password,
            "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",  # starts sooner, lives shortly
        }

    def _is_older_than(self, major: int) -> bool:
        return int(self.version.partition(".")[0]) < major


def _lay_out(home: Path, folder: Path) -> None:
    """Make ``folder`` a distribution that shares with ``home`` what is only read."""
    for name in _OWN:
        source, target = home / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    for name in _SHARED:
        (folder / name).symlink_to((home / name).resolve())
    imports = folder / "data" / "import"
    imports.mkdir(parents=True)
    shutil.copy2(REALM_FILE, imports / "dash-realm.json")
