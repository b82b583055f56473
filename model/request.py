"""What is asked for: the JSON body of ``POST /api/installations``, field by field."""

from dataclasses import field
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from model import wire
from model.cluster_request import ClusterSection
from model.installation_name import NAME
from model.problem import Problem
from model.request_errors import shape_problems
from model.request_patterns import (
    CHART,
    DNS_LABEL,
    DOMAIN,
    EMAIL,
    GROUP,
    RESOURCE_ID,
    TAG_NAME,
    URL,
    UUID,
    VERSION,
    SecretName,
    Word,
)
from model.request_rules import rule_problems
from model.request_text import text_problems


@wire.record
class AzureSection:
    """Where in Azure."""

    subscription_id: Annotated[str, Field(pattern=UUID, description="Subscription id.")]
    resource_group: Annotated[
        str, Field(pattern=GROUP, description="Created when absent; removed only when ours.")
    ]
    location: Annotated[
        str, Field(pattern=r"^[a-z0-9]{3,30}$", description="Region, for example eastus.")
    ]
    zone: Annotated[
        Literal["1", "2", "3"] | None,
        Field(description="One availability zone for all nodes; null in a region without zones."),
    ] = "1"
    tags: Annotated[
        dict[Annotated[str, Field(pattern=TAG_NAME)], str],
        Field(max_length=40, description="Your own tags, on every resource."),
    ] = field(default_factory=dict[str, str])
    minimum_role: Annotated[
        bool,
        Field(description="Go on without the rights that only checks and clean-ups need."),
    ] = False


@wire.record
class DnsSection:
    """How the seven names get into DNS."""

    mode: Annotated[
        Literal["azure", "manual"],
        Field(description="manual: the status shows the records, and waits until they resolve."),
    ] = "azure"
    zone_id: Annotated[str | None, Field(pattern=RESOURCE_ID)] = None
    ttl: Annotated[int, Field(ge=30, le=86400, description="Seconds.")] = 300
    overwrite: Annotated[bool, Field(description="Replace foreign records of our names.")] = False


@wire.record
class DomainSection:
    """The name under which Dash Enterprise is reached; it cannot be changed later."""

    base_domain: Annotated[
        str, Field(pattern=DOMAIN, max_length=200, description="For example dash.example.com.")
    ]
    dns: DnsSection = field(default_factory=DnsSection)


@wire.record
class SecretsSection:
    """Names of Key Vault secrets, never values."""

    vault_uri: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?/?$")]
    license: SecretName
    certificate: SecretName
    certificate_key: SecretName
    admin_console_password: SecretName
    administrator_password: SecretName


@wire.record
class KotsSection:
    """The KOTS release to install."""

    version: Annotated[
        str, Field(pattern=VERSION, description="KOTS version that suits the app; never latest.")
    ]
    config_values: Annotated[
        dict[str, Any],
        Field(description="ConfigValues document with ${baseDomain}, ${certificateBase64}, ..."),
    ]
    channel: Annotated[str | None, Field(pattern=DNS_LABEL)] = None
    app_version: Annotated[str | None, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$")] = None
    namespace: Annotated[str, Field(pattern=DNS_LABEL)] = "plotly-system"
    load_balancer_service: Annotated[str, Field(pattern=DNS_LABEL)] = "ingress-nginx-controller"
    allowed_preflight_warnings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=20)
    ] = ()
    skip_preflights: bool = False


@wire.record
class ComponentSection:
    """One piece of supporting software, from a chart or from a manifest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$")]
    version: Annotated[str, Field(pattern=r"^v?[0-9][0-9A-Za-z.+-]{0,63}$")]
    namespace: Annotated[str, Field(pattern=DNS_LABEL)]
    chart: Annotated[
        str | None,
        Field(
            pattern=CHART, max_length=512, description="oci:// reference, or name in repository."
        ),
    ] = None
    repository: Annotated[str | None, Field(pattern=URL, max_length=512)] = None
    manifest: Annotated[str | None, Field(pattern=URL, max_length=512)] = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    after: Annotated[
        tuple[str, ...] | None,
        Field(description="Components that must be done first; the one before it when absent."),
    ] = None


@wire.record
class AdministratorSection:
    """The first administrator."""

    username: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,98}$")]
    email: Annotated[str, Field(pattern=EMAIL, max_length=200)]
    first_name: Annotated[str, Field(min_length=1, max_length=100)]
    last_name: Annotated[str, Field(min_length=1, max_length=100)]
    licensed_user: Annotated[bool, Field(description="Also takes a license seat.")] = False


@wire.record
class LimitsSection:
    """Pod and volume limits; null is computed from the live nodes."""

    pods: Annotated[int | None, Field(ge=1, le=250_000)] = None
    volumes: Annotated[int | None, Field(ge=1, le=100_000)] = None
    headroom: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    apply: Annotated[
        tuple[Literal["quota", "graphql", "gate"], ...],
        Field(description="ResourceQuota, your GraphQL document, or a person at a gate."),
    ] = ("quota",)
    document: Annotated[
        str | None, Field(max_length=2000, description="Mutation with $pods and $volumes.")
    ] = None


@wire.record
class IdentityProviderSection:
    """What the product's Keycloak and its objects are called; the defaults are DE5's."""

    secret: Annotated[str, Field(pattern=DNS_LABEL)] = "keycloak-secrets"  # noqa: S105 # its name
    password_key: Word = "KEYCLOAK_PASSWORD"  # noqa: S105 # a key's name
    username_key: Word = "KEYCLOAK_USER"
    username: Word = "admin"
    context_path: Annotated[
        str, Field(pattern=r"^((/[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}){1,4}|/?)$")
    ] = "/auth"
    realm: Word = "dash"
    client_id: Word = "dash"


@wire.record
class InstallRequest:
    """One installation of Dash Enterprise 5, as asked for."""

    name: Annotated[
        str, Field(pattern=NAME, description="Lower case, digits, hyphens; at most 40 characters.")
    ]
    offering: Literal["standard", "premium"]
    azure: AzureSection
    cluster: ClusterSection
    domain: DomainSection
    secrets: SecretsSection
    kots: KotsSection
    administrator: AdministratorSection
    components: tuple[ComponentSection, ...] = ()
    limits: LimitsSection = field(default_factory=LimitsSection)
    identity_provider: IdentityProviderSection = field(default_factory=IdentityProviderSection)
    approval: Literal["none", "beforeCreate"] = "none"
    on_failure: Literal["keep", "clean"] = "keep"


PROBLEMS_LIMIT = 100
"""Errors in one answer: a person mends a few; wording ten thousand would take seconds."""


def parse_request(payload: Any) -> InstallRequest | tuple[Problem, ...]:
    """The request, or everything wrong with it at once; never raises, never echoes a value."""
    if not isinstance(payload, dict):
        return (Problem("", "not-an-object", "Send one JSON object."),)
    asked = cast("wire.JsonObject", payload)
    misread = tuple(text_problems(asked))
    if misread:  # nothing else may walk such a payload
        return misread[:PROBLEMS_LIMIT]
    found: list[Problem] = []
    request: InstallRequest | None = None
    try:
        request = wire.decode(InstallRequest, asked)
    except wire.Undecodable as undecodable:
        faults = undecodable.faults[:PROBLEMS_LIMIT]
        found.extend(shape_problems(faults, asked, _known_schema()))
    known = {problem.pointer for problem in found}
    found.extend(p for p in rule_problems(asked) if p.pointer not in known)
    if request is None or found:
        return tuple(sorted(found, key=lambda problem: problem.pointer))[:PROBLEMS_LIMIT]
    return request


def request_schema() -> wire.JsonObject:
    """JSON Schema of a request."""
    return {"title": "Dash Enterprise installation", **wire.schema(InstallRequest)}


@cache
def _known_schema() -> wire.JsonObject:
    """The same, made once and never changed: most of a refusal's time went into it."""
    return request_schema()
