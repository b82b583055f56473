"""Where a host name is reached, whether or not its DNS record resolves yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A host name and the address that answers for it.

    Attributes:
        host: Name for SNI, for the certificate check and for the Host header.
        address: IP address or name to connect to; no DNS record of ``host`` is needed.
        port: TCP port to connect to; never part of the Host header.
        ca_file: PEM file that the server's certificate must chain to; empty for the system's store.
    """

    host: str
    address: str
    port: int = 443
    ca_file: str = ""
