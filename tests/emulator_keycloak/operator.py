"""The operator of a Keycloak: brings it into the states that tests need, by its admin API alone."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.emulator_keycloak.world import Answer, World

_OPENID = "/auth/realms/master/protocol/openid-connect"
_UNAUTHORIZED = 401
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Operator:
    """The administrator at another desk; every question is a session of its own.

    Paths are those below ``/auth/admin/realms/``.
    """

    world: World

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Status and JSON of one request; asked anew when a short-lived token ended on its way."""
        answer = self._ask_once(method, path, body)
        for _ in range(_TRIES):
            if answer[0] != _UNAUTHORIZED:
                break
            answer = self._ask_once(method, path, body)
        return answer

    def _ask_once(self, method: str, path: str, body: Any) -> Answer:
        who = {"username": self.world.admin_username, "password": self.world.admin_password}
        form = {"client_id": "admin-cli", "grant_type": "password", **who}
        status, granted = self.world.ask("POST", f"{_OPENID}/token", form=form)
        assert status == 200, granted
        token = granted["access_token"]
        try:
            return self.world.ask(method, f"/auth/admin/realms/{path}", body=body, token=token)
        finally:
            ended = {"client_id": "admin-cli", "refresh_token": granted["refresh_token"]}
            self.world.ask("POST", f"{_OPENID}/logout", form=ended)

    def look(self, path: str) -> Any:
        """What is there."""
        status, found = self.ask("GET", path)
        assert status == 200, found
        return found

    def change(self, path: str, **fields: Any) -> None:
        """Change fields of what is there."""
        status, said = self.ask("PUT", path, {**self.look(path), **fields})
        assert status == 204, said

    @contextmanager
    def changed(self, path: str, **fields: Any) -> Generator[None]:
        """Change fields and, afterwards, back."""
        before = {name: self.look(path)[name] for name in fields}
        self.change(path, **fields)
        try:
            yield
        finally:
            self.change(path, **before)

    def client(self, client_id: str = "dash") -> str:
        """Path of a client of realm ``dash``."""
        [found] = self.look(f"dash/clients?clientId={client_id}")
        return f"dash/clients/{found['id']}"

    def users(self, username: str, realm: str = "dash") -> list[str]:
        """Paths of the users of exactly that name: one or none."""
        found = self.look(f"{realm}/users?username={username.lower()}&exact=true")
        return [f"{realm}/users/{user['id']}" for user in found]

    def sessions(self, username: str, realm: str = "master") -> int:
        """How many sessions a user has; the operator's own are among the administrator's."""
        [user] = self.users(username, realm)
        return len(self.look(f"{user}/sessions"))
