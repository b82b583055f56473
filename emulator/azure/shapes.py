"""Request bodies of the services whose SDK has no type tables.

Source: the Swagger of each service in Azure/azure-rest-api-specs, at the version named.
"""

from typing import Any, NotRequired, TypedDict

from pydantic import ConfigDict, with_config

_strict = with_config(ConfigDict(extra="forbid"))


@_strict
class ResourceGroupBody(TypedDict):
    """Microsoft.Resources 2025-04-01, ResourceGroup."""

    location: str
    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    tags: NotRequired[dict[str, str] | None]
    managedBy: NotRequired[str | None]
    properties: NotRequired[dict[str, Any]]


@_strict
class ResourceGroupPatch(TypedDict):
    """Microsoft.Resources 2025-04-01, ResourceGroupPatchable."""

    name: NotRequired[str]
    tags: NotRequired[dict[str, str] | None]
    managedBy: NotRequired[str | None]
    properties: NotRequired[dict[str, Any]]


@_strict
class TagsBody(TypedDict):
    """TagsObject of every service."""

    tags: NotRequired[dict[str, str] | None]


@_strict
class SubResource(TypedDict):
    """A reference to another resource."""

    id: NotRequired[str | None]


@_strict
class ZoneProperties(TypedDict):
    """Microsoft.Network dnsZones 2018-05-01, ZoneProperties."""

    maxNumberOfRecordSets: NotRequired[int]
    maxNumberOfRecordsPerRecordSet: NotRequired[int | None]
    numberOfRecordSets: NotRequired[int]
    nameServers: NotRequired[list[str]]
    zoneType: NotRequired[str]
    registrationVirtualNetworks: NotRequired[list[SubResource]]
    resolutionVirtualNetworks: NotRequired[list[SubResource]]


@_strict
class ZoneBody(TypedDict):
    """Microsoft.Network dnsZones 2018-05-01, Zone."""

    location: str
    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    tags: NotRequired[dict[str, str] | None]
    etag: NotRequired[str]
    properties: NotRequired[ZoneProperties]


@_strict
class ARecord(TypedDict):
    """An address."""

    ipv4Address: str


@_strict
class AaaaRecord(TypedDict):
    """An address, version 6."""

    ipv6Address: str


@_strict
class CnameRecord(TypedDict):
    """Another name."""

    cname: str


@_strict
class TxtRecord(TypedDict):
    """Text in pieces."""

    value: list[str]


@_strict
class NsRecord(TypedDict):
    """A name server."""

    nsdname: str


@_strict
class MxRecord(TypedDict):
    """A mail server."""

    preference: int
    exchange: str


@_strict
class SrvRecord(TypedDict):
    """A service."""

    priority: int
    weight: int
    port: int
    target: str


@_strict
class CaaRecord(TypedDict):
    """Who may issue certificates."""

    flags: int
    tag: str
    value: str


@_strict
class PtrRecord(TypedDict):
    """A reverse name."""

    ptrdname: str


@_strict
class SoaRecord(TypedDict):
    """Start of authority."""

    host: NotRequired[str]
    email: NotRequired[str]
    serialNumber: NotRequired[int]
    refreshTime: NotRequired[int]
    retryTime: NotRequired[int]
    expireTime: NotRequired[int]
    minimumTTL: NotRequired[int]


@_strict
class RecordSetProperties(TypedDict):
    """Microsoft.Network dnsZones 2018-05-01, RecordSetProperties."""

    metadata: NotRequired[dict[str, str] | None]
    TTL: NotRequired[int]
    fqdn: NotRequired[str]
    provisioningState: NotRequired[str]
    targetResource: NotRequired[SubResource]
    ARecords: NotRequired[list[ARecord]]
    AAAARecords: NotRequired[list[AaaaRecord]]
    MXRecords: NotRequired[list[MxRecord]]
    NSRecords: NotRequired[list[NsRecord]]
    PTRRecords: NotRequired[list[PtrRecord]]
    SRVRecords: NotRequired[list[SrvRecord]]
    TXTRecords: NotRequired[list[TxtRecord]]
    CNAMERecord: NotRequired[CnameRecord]
    SOARecord: NotRequired[SoaRecord]
    caaRecords: NotRequired[list[CaaRecord]]


@_strict
class RecordSetBody(TypedDict):
    """Microsoft.Network dnsZones 2018-05-01, RecordSet."""

    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    etag: NotRequired[str]
    properties: NotRequired[RecordSetProperties]


@_strict
class IdentityBody(TypedDict):
    """Microsoft.ManagedIdentity 2024-11-30, Identity."""

    location: str
    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    tags: NotRequired[dict[str, str] | None]
    properties: NotRequired[dict[str, Any]]


@_strict
class SchedulerSku(TypedDict):
    """Microsoft.DurableTask 2026-02-01, SchedulerSku."""

    name: str
    capacity: NotRequired[int]
    redundancyState: NotRequired[str]


@_strict
class SchedulerProperties(TypedDict):
    """Microsoft.DurableTask 2026-02-01, SchedulerProperties."""

    ipAllowlist: list[str]
    sku: SchedulerSku
    provisioningState: NotRequired[str]
    endpoint: NotRequired[str]
    publicNetworkAccess: NotRequired[str]
    privateEndpointConnections: NotRequired[list[Any]]


@_strict
class SchedulerBody(TypedDict):
    """Microsoft.DurableTask 2026-02-01, Scheduler."""

    location: str
    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    tags: NotRequired[dict[str, str] | None]
    properties: NotRequired[SchedulerProperties]


@_strict
class TaskHubBody(TypedDict):
    """Microsoft.DurableTask 2026-02-01, TaskHub."""

    id: NotRequired[str]
    name: NotRequired[str]
    type: NotRequired[str]
    properties: NotRequired[dict[str, Any]]
