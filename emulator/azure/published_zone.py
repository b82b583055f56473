"""What the name servers of a zone know: changes arrive some seconds after ARM accepted them."""

import time
from collections import deque
from collections.abc import Callable

from emulator.azure.calls import JsonObject
from emulator.dns import RecordData, ZoneData

type Key = tuple[str, str]
"""Relative name, lower case, and record type."""


class PublishedZone:
    """The published side of one zone.

    Args:
        delay: Real seconds between a change and its publication.
        now: Monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        name_servers: list[str],
        delay: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.name_servers = name_servers
        self._delay = delay
        self._now = now
        self._coming: deque[tuple[float, Key, RecordData | None]] = deque()
        self._data = ZoneData(name=name, name_servers=name_servers)

    def change(self, key: Key, data: RecordData | None) -> None:
        """A record set was written, or deleted when ``data`` is None."""
        self._coming.append((self._now() + self._delay, key, data))

    def data(self) -> ZoneData:
        """The zone as its servers answer at this moment."""
        if not self._coming or self._coming[0][0] > self._now():
            return self._data
        records = dict(self._data.records)
        while self._coming and self._coming[0][0] <= self._now():
            _, key, data = self._coming.popleft()
            if data is None:
                records.pop(key, None)
            else:
                records[key] = data
        self._data = ZoneData(name=self.name, name_servers=self.name_servers, records=records)
        return self._data


_FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "A": ("ARecords", ("ipv4Address",)),
    "AAAA": ("AAAARecords", ("ipv6Address",)),
    "CAA": ("caaRecords", ("flags", "tag", "value")),
    "MX": ("MXRecords", ("preference", "exchange")),
    "NS": ("NSRecords", ("nsdname",)),
    "PTR": ("PTRRecords", ("ptrdname",)),
    "SRV": ("SRVRecords", ("priority", "weight", "port", "target")),
    "CNAME": ("CNAMERecord", ("cname",)),
    "SOA": (
        "SOARecord",
        (
            "host", "email", "serialNumber", "refreshTime", "retryTime", "expireTime",
            "minimumTTL",
        ),
    ),
}  # fmt: skip # a table


def member_of(kind: str) -> str:
    """The REST member that holds the records of a type."""
    return "TXTRecords" if kind == "TXT" else _FIELDS[kind][0]


def record_data(kind: str, properties: JsonObject) -> RecordData:
    """A record set as the name servers hold it."""
    ttl = int(properties.get("TTL", 3600))
    held: list[JsonObject] | JsonObject = properties.get(member_of(kind), [])
    records = held if isinstance(held, list) else [held]
    if kind == "TXT":
        return RecordData(ttl=ttl, values=tuple(tuple(r["value"]) for r in records))
    names = _FIELDS[kind][1]
    return RecordData(ttl=ttl, values=tuple(tuple(r[name] for name in names) for r in records))
