"""A client of the Queue storage protocol, for Azurite or a storage account with a key.

https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import aiohttp

_VERSION = "2021-12-02"
_AZURITE = "http://127.0.0.1:10001"
"""Where Azurite listens unless told otherwise."""


class StorageError(Exception):
    """The storage account did not take a request, or was not there."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that was received and is hidden from others meanwhile."""

    id: str
    pop_receipt: str
    text: str
    dequeue_count: int
    inserted: datetime
    expires: datetime
    visible: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Where queues are, and the key that opens them."""

    name: str
    key: bytes
    endpoint: str

    @classmethod
    def parse(cls, connection: str) -> "Account":
        """Read a connection string.

        ``UseDevelopmentStorage=true`` is the first account in ``AZURITE_ACCOUNTS``
        (``name:key;…``), the variable that tells Azurite which accounts it has.

        Raises:
            StorageError: It names no account with a key.
        """
        parts = dict(p.split("=", 1) for p in connection.strip().strip(";").split(";") if "=" in p)
        if parts.get("UseDevelopmentStorage", "").lower() == "true":
            return cls._development(parts.get("DevelopmentStorageProxyUri", "").rstrip("/"))
        try:
            name, key = parts["AccountName"], base64.b64decode(parts["AccountKey"])
        except (KeyError, ValueError) as error:
            raise StorageError("the connection string names no account with a key") from error
        suffix = parts.get("EndpointSuffix", "core.windows.net")
        scheme = parts.get("DefaultEndpointsProtocol", "https")
        endpoint = parts.get("QueueEndpoint") or f"{scheme}://{name}.queue.{suffix}"
        return cls(name, key, endpoint.rstrip("/"))

    @classmethod
    def _development(cls, proxy: str) -> "Account":
        name, _, key = os.environ.get("AZURITE_ACCOUNTS", "").split(";")[0].partition(":")
        if not key:
            told = "UseDevelopmentStorage=true needs AZURITE_ACCOUNTS (name:key) in the environment"
            raise StorageError(told)
        base = f"{proxy}:10001" if proxy else _AZURITE
        return cls(name, base64.b64decode(key), f"{base}/{name}")


class Queues:
    """The queues of one account."""

    def __init__(self, account: Account, session: aiohttp.ClientSession) -> None:
        self._account = account
        self._session = session

    async def create(self, queue: str) -> None:
        """Create ``queue`` unless it is there."""
        await self._send("PUT", queue)

    async def put(self, queue: str, text: str) -> None:
        """Append one message, its text already encoded."""
        body = f"<QueueMessage><MessageText>{escape(text)}</MessageText></QueueMessage>"
        await self._send("POST", f"{queue}/messages", body=body)

    async def receive(self, queue: str, count: int, hidden: timedelta) -> list[Message]:
        """Up to ``count`` messages, hidden from others for ``hidden``."""
        seconds = str(int(hidden.total_seconds()))
        query = {"numofmessages": str(count), "visibilitytimeout": seconds}
        text = await self._send("GET", f"{queue}/messages", query)
        return [_message(found) for found in ET.fromstring(text)]  # noqa: S314 - from the account

    async def delete(self, queue: str, message: Message) -> None:
        """Remove a received message."""
        path = f"{queue}/messages/{quote(message.id)}"
        await self._send("DELETE", path, {"popreceipt": message.pop_receipt})

    async def release(self, queue: str, message: Message, hidden: timedelta) -> None:
        """Let a received message be received again after ``hidden``."""
        query = {
            "popreceipt": message.pop_receipt,
            "visibilitytimeout": str(int(hidden.total_seconds())),
        }
        body = f"<QueueMessage><MessageText>{escape(message.text)}</MessageText></QueueMessage>"
        await self._send("PUT", f"{queue}/messages/{quote(message.id)}", query, body)

    async def _send(
        self, method: str, path: str, query: dict[str, str] | None = None, body: str = ""
    ) -> str:
        url = f"{self._account.endpoint}/{path}"
        content = body.encode()
        headers = {
            "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
            "x-ms-version": _VERSION,
            "Content-Type": "application/xml" if content else "",
        }
        headers["Authorization"] = self._signature(method, path, headers)
        try:
            async with self._session.request(
                method, url, params=query, data=content or None, headers=headers
            ) as answer:
                text = await answer.text()
                if answer.status >= 400:  # noqa: PLR2004 - an HTTP error
                    code = answer.headers.get("x-ms-error-code", str(answer.status))
                    raise StorageError(f"{method} {path.partition('/')[0]}: {code}")
                return text
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StorageError(f"{self._account.endpoint} does not answer") from error

    def _signature(self, method: str, path: str, headers: dict[str, str]) -> str:
        """SharedKeyLite for queues.

        https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
        """
        root = self._account.endpoint.split("://", 1)[1].partition("/")[2]
        resource = "/".join(part for part in (f"/{self._account.name}", root, path) if part)
        canonical = f"x-ms-date:{headers['x-ms-date']}\nx-ms-version:{_VERSION}\n"
        signed = f"{method}\n\n{headers['Content-Type']}\n\n{canonical}{resource}"
        digest = hmac.new(self._account.key, signed.encode(), hashlib.sha256).digest()
        return f"SharedKeyLite {self._account.name}:{base64.b64encode(digest).decode()}"


def _message(found: ET.Element) -> Message:
    def text(name: str) -> str:
        return found.findtext(name) or ""

    def moment(name: str) -> datetime:
        return datetime.strptime(text(name), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)

    return Message(
        text("MessageId"),
        text("PopReceipt"),
        text("MessageText"),
        int(text("DequeueCount") or 0),
        moment("InsertionTime"),
        moment("ExpirationTime"),
        moment("TimeNextVisible"),
    )
