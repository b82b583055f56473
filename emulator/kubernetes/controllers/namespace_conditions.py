"""What a terminating namespace says about the contents that hold it."""

from collections import Counter
from collections.abc import Iterable

from emulator.kubernetes.objects import JsonObject, condition, listed, with_condition
from emulator.kubernetes.resources import Resource

_WELL = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered",
     "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions",
     "All legacy kube types successfully parsed"),
    ("NamespaceDeletionContentFailure", "ContentDeleted",
     "All content successfully deleted, may be waiting on finalization"),
)  # fmt: skip # a table


def remaining(
    known: list[JsonObject], left: Iterable[tuple[Resource, JsonObject]]
) -> list[JsonObject]:
    """The conditions of a namespace, given the ones it has and what is left in it."""
    kinds: Counter[str] = Counter()
    finalizers: Counter[str] = Counter()
    for resource, item in left:
        kinds[f"{resource.plural}.{resource.group}"] += 1
        finalizers.update(listed(item["metadata"], "finalizers"))
    for kind, reason, text in _WELL:
        known = with_condition(known, condition(kind, reason, text, holds=False))
    for new in (_content(kinds), _finalizers(finalizers)):
        known = with_condition(known, new)
    return known


def _content(kinds: Counter[str]) -> JsonObject:
    told = ", ".join(f"{kind} has {kinds[kind]} resource instances" for kind in sorted(kinds))
    text = f"Some resources are remaining: {told}"
    return condition("NamespaceContentRemaining", "SomeResourcesRemain", text)


def _finalizers(found: Counter[str]) -> JsonObject:
    kind = "NamespaceFinalizersRemaining"
    if not found:
        text = "All content-preserving finalizers finished"
        return condition(kind, "ContentHasNoFinalizers", text, holds=False)
    told = ", ".join(f"{name} in {found[name]} resource instances" for name in sorted(found))
    text = f"Some content in the namespace has finalizers remaining: {told}"
    return condition(kind, "SomeFinalizersRemain", text)
