"""Which kinds of objects there are, and how their addresses are spelled."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emulator.kubernetes.objects import JsonObject, section

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
REVIEW_VERBS = ("create",)
_SHOWN_BY_ALL = ("pods", "services", "replicationcontrollers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of object at one API version.

    Attributes:
        group: API group; empty for the core group.
        plural: The name in addresses.
        custom: Declared by a CustomResourceDefinition.
        schema: OpenAPI schema of a custom kind.
        columns: The ``additionalPrinterColumns`` of a custom kind.
    """

    group: str = ""
    version: str = "v1"
    plural: str
    kind: str
    namespaced: bool = True
    subresources: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    custom: bool = False
    schema: JsonObject | None = field(default=None, compare=False, repr=False)
    columns: tuple[JsonObject, ...] = field(default=(), compare=False, repr=False)

    @property
    def id(self) -> tuple[str, str]:
        """Names the stored collection, which all versions share."""
        return self.group, self.plural

    @property
    def api_version(self) -> str:
        """As ``apiVersion`` is written."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As error messages name it: ``jobs.batch``, ``pods``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """As validation messages name it: ``Job.batch``, ``Pod``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


def _core(
    plural: str, kind: str, *short: str, subs: tuple[str, ...] = (), namespaced: bool = True
) -> Resource:
    verbs = tuple(v for v in ALL_VERBS if v != "deletecollection" or plural != "namespaces")
    return Resource(
        plural=plural,
        kind=kind,
        short_names=short,
        subresources=subs,
        namespaced=namespaced,
        categories=("all",) if plural in _SHOWN_BY_ALL else (),
        verbs=verbs,
    )


_RBAC = "rbac.authorization.k8s.io"
_AUTHORIZATION = "authorization.k8s.io"
_STORAGE = "storage.k8s.io"
_SCALED = ("status", "scale")

NAMESPACES = _core("namespaces", "Namespace", "ns", subs=("status", "finalize"), namespaced=False)
PODS = _core(
    "pods",
    "Pod",
    "po",
    subs=("status", "log", "eviction", "binding", "exec", "attach", "portforward"),
)
SECRETS = _core("secrets", "Secret")
CONFIG_MAPS = _core("configmaps", "ConfigMap", "cm")
SERVICES = _core("services", "Service", "svc", subs=("status",))
ENDPOINTS = _core("endpoints", "Endpoints", "ep")
SERVICE_ACCOUNTS = _core("serviceaccounts", "ServiceAccount", "sa", subs=("token",))
RESOURCE_QUOTAS = _core("resourcequotas", "ResourceQuota", "quota", subs=("status",))
EVENTS = _core("events", "Event", "ev")
CLAIMS = _core("persistentvolumeclaims", "PersistentVolumeClaim", "pvc", subs=("status",))
VOLUMES = _core("persistentvolumes", "PersistentVolume", "pv", subs=("status",), namespaced=False)
NODES = _core("nodes", "Node", "no", subs=("status",), namespaced=False)
DEPLOYMENTS = Resource(
    group="apps", plural="deployments", kind="Deployment", short_names=("deploy",),
    subresources=_SCALED, categories=("all",),
)  # fmt: skip # one line a kind reads as a table
REPLICA_SETS = Resource(
    group="apps", plural="replicasets", kind="ReplicaSet", short_names=("rs",),
    subresources=_SCALED, categories=("all",),
)  # fmt: skip # same
STATEFUL_SETS = Resource(
    group="apps", plural="statefulsets", kind="StatefulSet", short_names=("sts",),
    subresources=_SCALED, categories=("all",),
)  # fmt: skip # same
DAEMON_SETS = Resource(
    group="apps", plural="daemonsets", kind="DaemonSet", short_names=("ds",),
    subresources=("status",), categories=("all",),
)  # fmt: skip # same
JOBS = Resource(
    group="batch", plural="jobs", kind="Job", subresources=("status",), categories=("all",)
)
ROLES = Resource(group=_RBAC, plural="roles", kind="Role")
ROLE_BINDINGS = Resource(group=_RBAC, plural="rolebindings", kind="RoleBinding")
CLUSTER_ROLES = Resource(group=_RBAC, plural="clusterroles", kind="ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = Resource(
    group=_RBAC, plural="clusterrolebindings", kind="ClusterRoleBinding", namespaced=False
)
STORAGE_CLASSES = Resource(
    group=_STORAGE, plural="storageclasses", kind="StorageClass", namespaced=False,
    short_names=("sc",),
)  # fmt: skip # same
ENDPOINT_SLICES = Resource(group="discovery.k8s.io", plural="endpointslices", kind="EndpointSlice")
DEFINITIONS = Resource(
    group="apiextensions.k8s.io", plural="customresourcedefinitions",
    kind="CustomResourceDefinition", namespaced=False, subresources=("status",),
    short_names=("crd", "crds"),
)  # fmt: skip # same
SELF_ACCESS_REVIEWS = Resource(
    group=_AUTHORIZATION, plural="selfsubjectaccessreviews", kind="SelfSubjectAccessReview",
    namespaced=False, verbs=REVIEW_VERBS,
)  # fmt: skip # same
SELF_RULES_REVIEWS = Resource(
    group=_AUTHORIZATION, plural="selfsubjectrulesreviews", kind="SelfSubjectRulesReview",
    namespaced=False, verbs=REVIEW_VERBS,
)  # fmt: skip # same
ACCESS_REVIEWS = Resource(
    group=_AUTHORIZATION, plural="subjectaccessreviews", kind="SubjectAccessReview",
    namespaced=False, verbs=REVIEW_VERBS,
)  # fmt: skip # same
LOCAL_ACCESS_REVIEWS = Resource(
    group=_AUTHORIZATION, plural="localsubjectaccessreviews", kind="LocalSubjectAccessReview",
    verbs=REVIEW_VERBS,
)  # fmt: skip # same
SELF_REVIEWS = Resource(
    group="authentication.k8s.io", plural="selfsubjectreviews", kind="SelfSubjectReview",
    namespaced=False, verbs=REVIEW_VERBS,
)  # fmt: skip # same

REVIEWS = (
    SELF_ACCESS_REVIEWS, SELF_RULES_REVIEWS, ACCESS_REVIEWS, LOCAL_ACCESS_REVIEWS, SELF_REVIEWS,
)  # fmt: skip # same

BUILT_IN = (
    NAMESPACES, PODS, SECRETS, CONFIG_MAPS, SERVICES, ENDPOINTS, SERVICE_ACCOUNTS,
    RESOURCE_QUOTAS, CLAIMS, VOLUMES, NODES,
    _core("limitranges", "LimitRange", "limits"),
    EVENTS,
    _core("replicationcontrollers", "ReplicationController", "rc", subs=_SCALED),
    _core("podtemplates", "PodTemplate"),
    DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS,
    Resource(group="apps", plural="controllerrevisions", kind="ControllerRevision"),
    JOBS,
    Resource(group="batch", plural="cronjobs", kind="CronJob", subresources=("status",),
             short_names=("cj",), categories=("all",)),
    Resource(group="networking.k8s.io", plural="ingresses", kind="Ingress",
             subresources=("status",), short_names=("ing",)),
    Resource(group="networking.k8s.io", plural="ingressclasses", kind="IngressClass",
             namespaced=False),
    Resource(group="networking.k8s.io", plural="networkpolicies", kind="NetworkPolicy",
             short_names=("netpol",)),
    Resource(group="policy", plural="poddisruptionbudgets", kind="PodDisruptionBudget",
             subresources=("status",), short_names=("pdb",)),
    Resource(group="autoscaling", version="v2", plural="horizontalpodautoscalers",
             kind="HorizontalPodAutoscaler", subresources=("status",), short_names=("hpa",),
             categories=("all",)),
    ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS,
    STORAGE_CLASSES,
    Resource(group=_STORAGE, plural="csinodes", kind="CSINode", namespaced=False),
    Resource(group=_STORAGE, plural="csidrivers", kind="CSIDriver", namespaced=False),
    Resource(group=_STORAGE, plural="volumeattachments", kind="VolumeAttachment",
             namespaced=False, subresources=("status",)),
    Resource(group="scheduling.k8s.io", plural="priorityclasses", kind="PriorityClass",
             namespaced=False, short_names=("pc",)),
    Resource(group="coordination.k8s.io", plural="leases", kind="Lease"),
    ENDPOINT_SLICES,
    Resource(group="admissionregistration.k8s.io", plural="validatingwebhookconfigurations",
             kind="ValidatingWebhookConfiguration", namespaced=False),
    Resource(group="admissionregistration.k8s.io", plural="mutatingwebhookconfigurations",
             kind="MutatingWebhookConfiguration", namespaced=False),
    Resource(group="apiregistration.k8s.io", plural="apiservices", kind="APIService",
             namespaced=False, subresources=("status",)),
    *REVIEWS,
    DEFINITIONS,
)  # fmt: skip # one line a kind reads as a table


@dataclass(slots=True)
class Catalog:
    """The kinds that one API server knows right now."""

    by_path: dict[tuple[str, str, str], Resource] = field(
        default_factory=lambda: {(r.group, r.version, r.plural): r for r in BUILT_IN}
    )

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource of an address, or None."""
        return self.by_path.get((group, version, plural))

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self.by_path.values()))

    def groups(self) -> list[str]:
        """Named groups in the order of their first resource."""
        return list(dict.fromkeys(r.group for r in self if r.group))

    def versions(self, group: str) -> list[str]:
        """Versions of a group; the first is preferred."""
        return list(dict.fromkeys(r.version for r in self if r.group == group))

    def collections(self) -> list[Resource]:
        """One resource per stored collection, whatever the number of its versions."""
        return list({r.id: r for r in self if r not in REVIEWS}.values())

    def by_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource that an owner reference or manifest names, or None."""
        return next((r for r in self if r.kind == kind and r.api_version == api_version), None)

    def define(self, definition: JsonObject) -> None:
        """Make the served versions of a CustomResourceDefinition live."""
        self.forget(definition)
        spec, names = definition["spec"], definition["spec"]["names"]
        for version in spec["versions"]:
            if not version.get("served", False):
                continue
            made = Resource(
                group=spec["group"],
                version=version["name"],
                plural=names["plural"],
                kind=names["kind"],
                namespaced=spec.get("scope") == "Namespaced",
                subresources=tuple(section(version, "subresources")),
                short_names=tuple(names.get("shortNames") or ()),
                categories=tuple(names.get("categories") or ()),
                custom=True,
                schema=section(version, "schema").get("openAPIV3Schema"),
                columns=tuple(version.get("additionalPrinterColumns") or ()),
            )
            self.by_path[made.group, made.version, made.plural] = made

    def forget(self, definition: JsonObject) -> None:
        """Take a CustomResourceDefinition's resources away."""
        owner = definition["spec"]["group"], definition["spec"]["names"]["plural"]
        for path, resource in list(self.by_path.items()):
            if resource.id == owner and resource.custom:
                del self.by_path[path]
