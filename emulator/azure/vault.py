"""One Key Vault: secrets with versions, and who may read them.

Source: https://learn.microsoft.com/rest/api/keyvault/secrets
"""

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import JsonObject, member
from emulator.clock import Clock

_PAGE = 25
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")


@dataclass(slots=True, kw_only=True)
class SecretVersion:
    """One version of a secret.

    Attributes:
        enabled: A disabled version answers 403.
        expires: Shown only: Key Vault hands out expired secrets.
        not_before: Shown only, likewise.
        updated: Last change of anything but the value; None for none since its creation.
    """

    value: str = field(repr=False)
    content_type: str = ""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    enabled: bool = True
    expires: datetime | None = None
    not_before: datetime | None = None
    created: datetime
    updated: datetime | None = None
    version: str = field(default_factory=lambda: uuid.uuid4().hex)

    def change(self, asked: JsonObject) -> None:
        """Change what is known about the value; silent members stay."""
        attributes = member(asked, "attributes")
        self.enabled = attributes.get("enabled", self.enabled)
        for name, key in (("expires", "exp"), ("not_before", "nbf")):
            if attributes.get(key) is not None:
                setattr(self, name, datetime.fromtimestamp(attributes[key], UTC))
        self.content_type = asked.get("contentType") or self.content_type
        self.tags = asked.get("tags") or self.tags

    def attributes(self) -> JsonObject:
        """Times and state, in seconds since 1970."""
        shown: JsonObject = {
            "enabled": self.enabled,
            "created": int(self.created.timestamp()),
            "updated": int((self.updated or self.created).timestamp()),
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": 90,
        }
        if self.expires is not None:
            shown["exp"] = int(self.expires.timestamp())
        if self.not_before is not None:
            shown["nbf"] = int(self.not_before.timestamp())
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedSecret:
    """All versions of a secret, until it is recovered or purged."""

    versions: list[SecretVersion]
    at: datetime


@dataclass(slots=True, kw_only=True)
class Vault:
    """The data plane of one vault.

    Attributes:
        uri: Where it answers; empty until it has a port.
        denied: Object ids that may not read, with ``*`` for everyone, whatever roles say.
        policies: Object ids by secret permission, as access policies give them; None in RBAC mode.
        firewall: Whether its network rules keep callers out.
    """

    name: str
    resource_id: str
    clock: Clock
    uri: str = ""
    secrets: dict[str, list[SecretVersion]] = field(default_factory=dict[str, list[SecretVersion]])
    deleted: dict[str, DeletedSecret] = field(default_factory=dict[str, DeletedSecret])
    spelled: dict[str, str] = field(default_factory=dict[str, str])
    denied: set[str] = field(default_factory=set[str])
    policies: dict[str, set[str]] | None = None
    firewall: bool = False

    def set_secret(  # noqa: PLR0913 # what a secret is made of
        self,
        name: str,
        value: str,
        content_type: str = "",
        *,
        enabled: bool = True,
        expires: datetime | None = None,
        tags: dict[str, str] | None = None,
    ) -> SecretVersion:
        """Add a version of a secret; it becomes the current one."""
        if not _NAME.fullmatch(name):
            raise ArmError(400, "BadParameter", f"The request URI contains an invalid name: {name}")
        if name.lower() in self.deleted:
            raise ArmError(
                409,
                "Conflict",
                f"Secret {name} is currently in a deleted but recoverable state, and its name "
                "cannot be reused; in this state, the secret can only be recovered or purged.",
            )
        version = SecretVersion(
            value=value,
            content_type=content_type,
            tags=tags or {},
            enabled=enabled,
            expires=expires,
            created=self.clock.now(),
        )
        self.secrets.setdefault(name.lower(), []).append(version)
        self.spelled.setdefault(name.lower(), name)
        return version

    def disable(self, name: str) -> None:
        """Disable the current version of a secret."""
        self.find(name).enabled = False

    def delete(self, name: str) -> None:
        """Delete a secret, so that it can be recovered."""
        self.find(name)
        versions = self.secrets.pop(name.lower())
        self.deleted[name.lower()] = DeletedSecret(versions=versions, at=self.clock.now())

    def recover(self, name: str) -> None:
        """Undo a deletion."""
        self.secrets[name.lower()] = self.deleted.pop(name.lower()).versions

    def purge(self, name: str) -> None:
        """Make a deletion final."""
        del self.deleted[name.lower()]

    def deny(self, object_id: str = "*") -> None:
        """Keep a principal, or everyone, from reading."""
        self.denied.add(object_id.lower())

    def grant(self, object_id: str = "*") -> None:
        """Undo ``deny``; in access policy mode also give ``get`` and ``list``."""
        self.denied.discard(object_id.lower())
        if self.policies is not None:
            for permission in ("get", "list"):
                self.policies.setdefault(permission, set()).add(object_id.lower())

    def use_access_policies(self) -> None:
        """Switch from roles to access policies; none is there at first."""
        self.policies = {}

    def find(self, name: str, version: str = "") -> SecretVersion:
        """A version of a secret; the current one when ``version`` is empty.

        Raises:
            ArmError: 404.
        """
        versions = self.secrets.get(name.lower(), [])
        found = [v for v in versions if version in ("", v.version)]
        if not found:
            shown = f"{name}/{version}" if version else name
            raise ArmError(
                404,
                "SecretNotFound",
                f"A secret with (name/id) {shown} was not found in this key vault. If you recently "
                "deleted this secret you may be able to recover it using the correct recovery "
                "command. For help resolving this issue, please see "
                "https://go.microsoft.com/fwlink/?linkid=2125182",
            )
        return found[-1]

    def document(self, name: str, version: SecretVersion, *, with_value: bool) -> JsonObject:
        """A version as the data plane shows it; its id holds no version in lists of secrets."""
        shown: JsonObject = {
            "id": f"{self.uri}/secrets/{self.spelled[name.lower()]}/{version.version}",
            "attributes": version.attributes(),
        }
        if with_value:
            shown["value"] = version.value
        if version.content_type:
            shown["contentType"] = version.content_type
        if version.tags:
            shown["tags"] = version.tags
        return shown


def page(request: web.Request, vault: Vault, rows: list[JsonObject]) -> web.Response:
    """One page of a list, with the link to the next; 25 rows are Key Vault's own limit."""
    size = min(int(request.query.get("maxresults", _PAGE)), _PAGE)
    start = int(request.query.get("$skiptoken", 0))
    body: JsonObject = {"value": rows[start : start + size], "nextLink": None}
    if start + size < len(rows):
        version = request.query["api-version"]
        body["nextLink"] = (
            f"{vault.uri}{request.path}?api-version={version}&$skiptoken={start + size}"
            f"&maxresults={size}"
        )
    return web.json_response(body)
