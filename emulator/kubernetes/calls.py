"""What an HTTP request asks for: resource, object, verb, options and body."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web

from emulator.kubernetes import protobuf
from emulator.kubernetes.access import Act
from emulator.kubernetes.api_error import (
    ApiError,
    Cause,
    bad_request,
    invalid_options,
    no_such_path,
    unsupported,
)
from emulator.kubernetes.bodies import Body, read
from emulator.kubernetes.deletion import Deletion
from emulator.kubernetes.field_ownership import Author
from emulator.kubernetes.objects import JsonObject, section
from emulator.kubernetes.resources import JOBS, NAMESPACES, Catalog, Resource
from emulator.kubernetes.users import User

_TRUE = frozenset({"true", "1", "True"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}
_FIELD_VALIDATION = ("", "Ignore", "Strict", "Warn")
_POLICIES = ("Foreground", "Background", "Orphan", "nil")
_PREFIX = re.compile(
    r"^/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))/(?P<rest>.+)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request for a resource, by an authenticated user.

    Attributes:
        warnings: Grows while the request is served; the answer carries them.
    """

    user: User
    http: web.Request
    resource: Resource
    namespace: str
    name: str
    subresource: str
    raw: bytes
    warnings: list[str] = field(default_factory=list[str])

    def flag(self, name: str) -> bool:
        """A boolean query parameter."""
        return self.http.query.get(name, "") in _TRUE

    def option(self, name: str) -> str:
        """A query parameter; empty when absent."""
        return self.http.query.get(name, "")

    @property
    def verb(self) -> str:
        """The verb that authorization judges."""
        if self.http.method in ("GET", "HEAD"):
            if self.name:
                return "get"
            return "watch" if self.flag("watch") else "list"
        verb = _VERBS.get(self.http.method, "")
        return "deletecollection" if verb == "delete" and not self.name else verb

    @property
    def act(self) -> Act:
        """What authorization is asked about."""
        sub = f"/{self.subresource}" if self.subresource else ""
        return Act(
            verb=self.verb,
            group=self.resource.group,
            resource=self.resource.plural + sub,
            namespace=self.namespace,
            name=self.name,
        )

    @property
    def content_type(self) -> str:
        """Media type of the body without parameters; JSON when the client names none."""
        return self.http.headers.get("Content-Type", "application/json").partition(";")[0].strip()

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored.

        Raises:
            ApiError: The option has a value other than ``All`` (422).
        """
        value = self.option("dryRun")
        if value not in ("", "All"):
            raise self._invalid_option(unsupported("dryRun", [value], ("All",)))
        return value == "All"

    @property
    def field_validation(self) -> str:
        """What becomes of unknown and repeated fields: ``Ignore``, ``Warn`` or ``Strict``.

        Raises:
            ApiError: The client asks for something else (422).
        """
        value = self.option("fieldValidation")
        if value not in _FIELD_VALIDATION:
            raise self._invalid_option(unsupported("fieldValidation", value, _FIELD_VALIDATION))
        return value or "Warn"

    def _invalid_option(self, cause: Cause) -> ApiError:
        return invalid_options(_OPTIONS.get(self.http.method, "DeleteOptions"), cause)

    @property
    def author(self) -> Author:
        """Who is noted as the owner of the fields that this request writes."""
        agent = self.http.headers.get("User-Agent", "unknown").partition("/")[0]
        manager = self.option("fieldManager") or agent or "unknown"
        return Author(manager, self.subresource, keyed=not self.resource.custom)

    def document(self) -> Body:
        """What the body says, and what it says twice; None when there is none.

        Raises:
            ApiError: It cannot be read (400), or is protobuf of a custom kind (415).
        """
        if not self.raw:
            return Body(None)
        if self.content_type == protobuf.MEDIA_TYPE:
            return Body(protobuf.decode(self.raw))
        return read(self.raw, is_yaml="yaml" in self.content_type)

    def data(self) -> Any:
        """What the body says; None when there is none.

        Raises:
            ApiError: It cannot be read (400), or is protobuf of a custom kind (415).
        """
        return self.document().value

    def body(self) -> JsonObject:
        """The decoded body, which must be an object.

        Raises:
            ApiError: It is not (400).
        """
        data = self.data()
        if not isinstance(data, dict):
            raise bad_request("the request body must be an object")
        return cast("JsonObject", data)

    def deletion(self) -> Deletion:
        """How the object is to go; query parameters win over the body."""
        options = cast("JsonObject", self.data() or {})
        conditions = section(options, "preconditions")
        grace = self.option("gracePeriodSeconds") or options.get("gracePeriodSeconds")
        policy = self.option("propagationPolicy") or options.get("propagationPolicy")
        if options.get("orphanDependents") or self.flag("orphanDependents"):
            policy = "Orphan"
        if policy and policy not in _POLICIES:
            cause = unsupported("propagationPolicy", policy, _POLICIES)
            raise invalid_options("DeleteOptions", cause)
        return Deletion(
            # Jobs alone leave their pods, as they did before there was garbage collection.
            policy=policy or ("Orphan" if self.resource is JOBS else "Background"),
            grace=None if grace is None else int(grace),
            uid=conditions.get("uid") or "",
            revision=conditions.get("resourceVersion") or "",
        )


def read_call(request: web.Request, user: User, catalog: Catalog, raw: bytes) -> Call:
    """Find out what the path of a request means.

    Raises:
        ApiError: There is no such resource or subresource (404).
    """
    found = _PREFIX.match(request.path.rstrip("/"))
    if found is None:
        raise no_such_path()
    group, version = found["group"] or "", found["core"] or found["version"]
    parts = found["rest"].split("/")
    namespace = ""
    if (
        parts[0] == "namespaces" and parts[2:] and not _about_namespace(group, parts)
    ):  # a resource follows the namespace
        namespace, parts = parts[1], parts[2:]
    resource = catalog.find(group, version, parts[0])
    if resource is None or (namespace and not resource.namespaced):
        raise no_such_path()
    name = parts[1] if len(parts) > 1 else ""
    subresource = "/".join(parts[2:])
    if subresource and subresource.partition("/")[0] not in resource.subresources:
        raise no_such_path()
    if resource is NAMESPACES:
        namespace = name
    if name and resource.namespaced and not namespace:
        raise no_such_path()
    return Call(
        user=user, http=request, resource=resource, namespace=namespace,
        name=name, subresource=subresource, raw=raw,
    )  # fmt: skip # one value


def _about_namespace(group: str, parts: list[str]) -> bool:
    return not group and "/".join(parts[2:]) in NAMESPACES.subresources  # namespaces/NAME/status
