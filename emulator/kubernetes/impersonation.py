"""Requests in somebody else's name: ``kubectl --as``.

Facts: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/. The right to it
is the verb ``impersonate``; the narrower verbs of Kubernetes 1.36 (``impersonate-on:…``) grant
nothing here.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from aiohttp import web

from emulator.kubernetes.access import Access, Act
from emulator.kubernetes.api_error import bad_request
from emulator.kubernetes.users import AUTHENTICATED, User, account_groups

_USER, _GROUP, _UID = "Impersonate-User", "Impersonate-Group", "Impersonate-Uid"
_EXTRA = "impersonate-extra-"
_ACCOUNT = "system:serviceaccount:"
_ANONYMOUS, _UNAUTHENTICATED = "system:anonymous", "system:unauthenticated"
_GROUP_OF_REVIEWS = "authentication.k8s.io"


def impersonated(access: Access, caller: User, request: web.Request) -> User:
    """Who the caller wants to be; the caller, when the request does not say.

    Raises:
        ApiError: The caller may not be that (403), or names no user (400).
    """
    headers = request.headers
    name, groups = headers.get(_USER, ""), tuple(headers.getall(_GROUP, ()))
    uid, extra = headers.get(_UID, ""), _extra(request)
    if not name:
        if groups or uid or extra:
            raise bad_request(_nameless(uid, groups, extra))
        return caller
    for act in _acts(name, groups, uid, extra):
        access.require(caller, act)
    namespace, _, account = name.removeprefix(_ACCOUNT).partition(":")
    if not groups and name.startswith(_ACCOUNT) and account:
        groups = account_groups(namespace)
    known = (_UNAUTHENTICATED,) if name == _ANONYMOUS else (AUTHENTICATED,)
    if not {_UNAUTHENTICATED, AUTHENTICATED}.intersection(groups):
        groups += known
    return User(name, groups, uid, extra)


def _acts(
    name: str, groups: tuple[str, ...], uid: str, extra: Mapping[str, tuple[str, ...]]
) -> Iterator[Act]:
    namespace, _, account = name.removeprefix(_ACCOUNT).partition(":")
    if name.startswith(_ACCOUNT) and account:
        yield Act(verb="impersonate", resource="serviceaccounts", namespace=namespace, name=account)
    else:
        yield Act(verb="impersonate", resource="users", name=name)
    for group in groups:
        yield Act(verb="impersonate", resource="groups", name=group)
    for key, values in extra.items():
        for value in values:
            yield Act(
                verb="impersonate", group=_GROUP_OF_REVIEWS, resource=f"userextras/{key}",
                name=value,
            )  # fmt: skip # one act
    if uid:
        yield Act(verb="impersonate", group=_GROUP_OF_REVIEWS, resource="uids", name=uid)


def _extra(request: web.Request) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for header, value in request.headers.items():
        if header.lower().startswith(_EXTRA):
            key = unquote(header.lower().removeprefix(_EXTRA))
            found[key] = (*found.get(key, ()), value)
    return found


def _nameless(uid: str, groups: tuple[str, ...], extra: Mapping[str, tuple[str, ...]]) -> str:
    """The refusal, which prints the wanted user as Go does."""

    def listed(values: tuple[str, ...]) -> str:
        return "[]string{" + ", ".join(f'"{v}"' for v in values) + "}" if values else ""

    said = ", ".join(f'"{key}":{listed(values)}' for key, values in extra.items())
    shown = f"map[string][]string{{{said}}}" if extra else "map[string][]string(nil)"
    wanted = f'Name:"", UID:"{uid}", Groups:{listed(groups) or "[]string(nil)"}, Extra:{shown}'
    return f"requested &user.DefaultInfo{{{wanted}}} without impersonating a user name"
