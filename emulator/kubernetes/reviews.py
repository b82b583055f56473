"""Questions about rights, answered by the same rules that requests are judged by."""

from emulator.kubernetes.access import Access, Act
from emulator.kubernetes.calls import Call
from emulator.kubernetes.objects import JsonObject, section
from emulator.kubernetes.resources import SELF_REVIEWS, SELF_RULES_REVIEWS
from emulator.kubernetes.users import AUTHENTICATED, User


def review(access: Access, call: Call) -> JsonObject:
    """The answer to a SelfSubjectAccessReview and its relatives.

    Raises:
        ApiError: The body is not an object (400).
    """
    question = call.body()
    spec = section(question, "spec")
    said = {
        "kind": call.resource.kind,
        "apiVersion": call.resource.api_version,
        "metadata": {"creationTimestamp": None},
        "spec": spec,
    }
    if call.resource is SELF_REVIEWS:
        return {**said, "status": {"userInfo": call.user.info()}}
    if call.resource is SELF_RULES_REVIEWS:
        return {**said, "status": _rules(access, call.user, spec.get("namespace", ""))}
    user = call.user
    if "user" in spec or "groups" in spec:
        user = User(spec.get("user", ""), (*(spec.get("groups") or ()), AUTHENTICATED))
    allowed = access.allows(user, _act(spec))
    return {**said, "status": {"allowed": allowed}}


def _act(spec: JsonObject) -> Act:
    if path := spec.get("nonResourceAttributes"):
        return Act(verb=path.get("verb", ""), path=path.get("path", ""))
    asked = section(spec, "resourceAttributes")
    sub = f"/{asked['subresource']}" if asked.get("subresource") else ""
    return Act(
        verb=asked.get("verb", ""),
        group=asked.get("group", ""),
        resource=asked.get("resource", "") + sub,
        namespace=asked.get("namespace", ""),
        name=asked.get("name", ""),
    )


def _rules(access: Access, user: User, namespace: str) -> JsonObject:
    rules = list(access.rules(user, namespace))
    return {
        "resourceRules": [r for r in rules if r.get("resources")],
        "nonResourceRules": [r for r in rules if r.get("nonResourceURLs")],
        "incomplete": False,
    }
