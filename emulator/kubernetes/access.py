"""Role-based access control: what a user may do, and which rights a user may hand on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from emulator.kubernetes.api_error import ApiError, forbidden
from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.resources import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
    Resource,
)
from emulator.kubernetes.store import Store
from emulator.kubernetes.users import MASTERS, User

_EVERYTHING: JsonObject = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody wants to do.

    Attributes:
        resource: Plural name, with a slash and the subresource if there is one.
        namespace: Empty for cluster-wide acts.
        name: Empty when no single object is meant.
        path: Set instead of a resource for paths such as ``/metrics``.
    """

    verb: str
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Access:
    """Evaluates the roles and bindings of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allows(self, user: User, act: Act) -> bool:
        """Whether some rule of the user's covers the act."""
        if MASTERS in user.groups:
            return True
        return any(covers(rule, act) for rule in self.rules(user, act.namespace))

    def require(self, user: User, act: Act) -> None:
        """Insist on a right.

        Raises:
            ApiError: 403 in the words of the real server.
        """
        if self.allows(user, act):
            return
        raise refusal(user, act)

    def rules(self, user: User, namespace: str) -> Iterator[JsonObject]:
        """Every rule that applies to the user in a namespace."""
        if MASTERS in user.groups:
            yield _EVERYTHING
            yield {"nonResourceURLs": ["*"], "verbs": ["*"]}
        bindings = self._store.objects(CLUSTER_ROLE_BINDINGS)
        if namespace:
            bindings = [*bindings, *self._store.in_namespace(ROLE_BINDINGS, namespace)]
        for binding in bindings:
            if any(_is_subject(s, user) for s in listed(binding, "subjects")):
                home = binding["metadata"].get("namespace", "")
                yield from self.role_rules(binding["roleRef"], home)

    def role_rules(self, reference: JsonObject, namespace: str) -> list[JsonObject]:
        """Rules of the role that a binding names; none when it does not exist."""
        if reference["kind"] == "ClusterRole":
            role = self._store.get(CLUSTER_ROLES, "", reference["name"])
        else:
            role = self._store.get(ROLES, namespace, reference["name"])
        return cast("list[JsonObject]", (role or {}).get("rules") or [])

    def prevent_escalation(self, user: User, resource: Resource, item: JsonObject) -> None:
        """Refuse to let a user grant, by a role or a binding, what the user does not hold.

        Raises:
            ApiError: 403 that lists the missing rules.
        """
        meta = item["metadata"]
        namespace, name = meta.get("namespace", ""), meta.get("name", "")
        if resource.id in (ROLES.id, CLUSTER_ROLES.id):
            granted, verb, target = listed(item, "rules"), "escalate", (resource, name)
        elif resource.id in (ROLE_BINDINGS.id, CLUSTER_ROLE_BINDINGS.id):
            reference = section(item, "roleRef")
            if not reference.get("kind") or not reference.get("name"):
                return
            granted = self.role_rules(reference, namespace)
            kind = CLUSTER_ROLES if reference["kind"] == "ClusterRole" else ROLES
            verb, target = "bind", (kind, reference["name"])
        else:
            return
        exempt = Act(
            verb=verb, group=target[0].group, resource=target[0].plural,
            namespace=namespace, name=target[1],
        )  # fmt: skip # one act
        if self.allows(user, exempt):
            return
        held = list(self.rules(user, namespace))
        missing = [rule for rule in granted if not _held(rule, held)]
        if missing:
            told = "\n".join(_shown(rule) for rule in missing)
            groups = " ".join(f'"{g}"' for g in user.groups)
            why = (
                f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions '
                f"not currently held:\n{told}"
            )
            raise forbidden(resource, name, why)


def covers(rule: JsonObject, act: Act) -> bool:
    """Whether one rule allows one act."""
    if not _has(rule, "verbs", act.verb):
        return False
    if act.path:
        return any(_path_matches(p, act.path) for p in listed(rule, "nonResourceURLs"))
    if not _has(rule, "apiGroups", act.group):
        return False
    resources: list[str] = listed(rule, "resources")
    subresource = act.resource.partition("/")[2]
    wanted = {"*", act.resource} | ({f"*/{subresource}"} if subresource else set[str]())
    if not wanted.intersection(resources):
        return False
    names: list[str] = listed(rule, "resourceNames")
    return not names or act.name in names


def _path_matches(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _has(rule: JsonObject, field: str, value: str) -> bool:
    allowed: list[str] = listed(rule, field)
    return "*" in allowed or value in allowed


def _held(rule: JsonObject, held: list[JsonObject]) -> bool:
    verbs: list[str] = listed(rule, "verbs")
    paths: list[str] = listed(rule, "nonResourceURLs")
    acts = [Act(verb=v, path=p) for v in verbs for p in paths]
    acts += [
        Act(verb=v, group=g, resource=r, name=n)
        for v in verbs
        for g in listed(rule, "apiGroups")
        for r in listed(rule, "resources")
        for n in rule.get("resourceNames") or [""]
    ]
    return all(any(covers(h, act) for h in held) for act in acts)


def _shown(rule: JsonObject) -> str:
    fields = ("apiGroups", "resources", "resourceNames", "nonResourceURLs", "verbs")
    told = [
        f"{name[0].upper()}{name[1:]}:[{', '.join(_quoted(v) for v in rule[name])}]".replace(
            "ApiGroups", "APIGroups"
        )
        for name in fields
        if rule.get(name)
    ]
    return "{" + ", ".join(told) + "}"


def _quoted(value: Any) -> str:
    return f'"{value}"'


def _is_subject(subject: JsonObject, user: User) -> bool:
    match subject.get("kind"):
        case "User":
            return subject["name"] == user.name
        case "Group":
            return subject["name"] in user.groups
        case _:
            account = f"system:serviceaccount:{subject.get('namespace')}:{subject['name']}"
            return user.name == account


def refusal(user: User, act: Act) -> ApiError:
    """The 403 that the real server answers."""
    if act.path:
        why = f'forbidden: User "{user.name}" cannot {act.verb} path "{act.path}"'
        return ApiError(403, "Forbidden", why, {})
    plural, _, _ = act.resource.partition("/")
    scope = f'in the namespace "{act.namespace}"' if act.namespace else "at the cluster scope"
    shown = f"{plural}.{act.group}" if act.group else plural
    named = f'{shown} "{act.name}"' if act.name else shown
    text = (
        f'{named} is forbidden: User "{user.name}" cannot {act.verb} resource "{act.resource}" '
        f'in API group "{act.group}" {scope}'
    )
    details = {"name": act.name, "group": act.group, "kind": plural}
    return ApiError(403, "Forbidden", text, {k: v for k, v in details.items() if v})
