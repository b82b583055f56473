"""Lists: which objects, as of which revision, in how many pages.

Facts: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions. A page that
continues a list shows what the first one would have shown, until history forgets that.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from emulator.kubernetes.api_error import (
    ApiError,
    Cause,
    bad_request,
    forbidden_field,
    invalid_options,
    list_expired,
    page_expired,
    too_large_revision,
    unsupported,
)
from emulator.kubernetes.calls import Call
from emulator.kubernetes.objects import JsonObject, Key, key_of
from emulator.kubernetes.store import Store
from emulator.kubernetes.watching import Scope

_NEWEST = -1
"""Revision in the token that goes on with an inconsistent list."""
_MATCHES = ("Exact", "NotOlderThan", "")


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects and the metadata of the list that they stand in."""

    items: list[JsonObject]
    meta: JsonObject


def page(store: Store, call: Call) -> Page:
    """The objects that a list asks for.

    Raises:
        ApiError: The options contradict each other or cannot be read (400, 422), the revision is
            forgotten (410) or still to come (504).
    """
    scope = Scope.of(call)
    wanted = _revision(store, call)
    revision, after = store.revision, None
    if token := call.option("continue"):
        said, after = _read_token(token)
        revision = store.revision if said == _NEWEST else said
        if revision < store.compacted:
            raise page_expired(_token(_NEWEST, after))
    elif call.option("resourceVersionMatch") == "Exact":
        revision = wanted
        if revision < store.compacted:
            raise list_expired()
    items = [i for i in store.objects_at(call.resource, scope.namespace, revision) if scope.has(i)]
    if after is not None:
        items = [i for i in items if key_of(i) > after]
    return _cut(items, revision, _limit(call), counted=not scope.labels and not scope.fields)


def _cut(items: list[JsonObject], revision: int, limit: int, *, counted: bool) -> Page:
    meta: JsonObject = {"resourceVersion": str(revision)}
    if limit <= 0 or len(items) <= limit:
        return Page(items, meta)
    meta["continue"] = _token(revision, key_of(items[limit - 1]))
    if counted:
        meta["remainingItemCount"] = len(items) - limit
    return Page(items[:limit], meta)


def _revision(store: Store, call: Call) -> int:
    said, match = call.option("resourceVersion"), call.option("resourceVersionMatch")
    if match and call.option("continue"):
        hint = "resourceVersionMatch is forbidden for continue"
        raise _options_error(forbidden_field("resourceVersionMatch", hint))
    if match and not said:
        hint = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise _options_error(forbidden_field("resourceVersionMatch", hint))
    if match not in _MATCHES:
        raise _options_error(unsupported("resourceVersionMatch", match, _MATCHES))
    if match == "Exact" and said == "0":
        hint = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        raise _options_error(forbidden_field("resourceVersionMatch", hint))
    if said and not said.isdecimal():
        why = f'Invalid value: "{said}": strconv.ParseUint: parsing "{said}": invalid syntax'
        raise bad_request(f"invalid resource version: resourceVersion: {why}")
    revision = int(said or 0)
    if revision > store.revision:
        raise too_large_revision(revision, store.revision)
    return revision


def _options_error(cause: Cause) -> ApiError:
    return invalid_options("ListOptions", cause)


def _limit(call: Call) -> int:
    said = call.option("limit") or "0"
    try:
        return int(said)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{said}": invalid syntax') from error


def _token(revision: int, last: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([revision, *last]).encode()).decode()


def _read_token(token: str) -> tuple[int, Key]:
    try:
        revision, namespace, name = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error) as error:
        raise bad_request("continue key is not valid") from error
    return revision, (namespace, name)
