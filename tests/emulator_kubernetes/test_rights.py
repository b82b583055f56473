"""Who may do what: tokens, roles, and rights that nobody may hand on."""

import base64
import json
import secrets
from typing import Any

import pytest
import yaml

from tests.emulator_kubernetes.running import Cluster, Refused, eventually, official


def account_client(cluster: Cluster, core: Any, namespace: str) -> Any:
    """A client with a token of the namespace's default account."""
    spec: dict[str, Any] = {"audiences": [], "expirationSeconds": 3600}
    token = core.create_namespaced_service_account_token(
        "default", namespace, {"spec": spec}
    ).status.token
    return token_client(cluster, token)


def token_client(cluster: Cluster, token: str) -> Any:
    """A client with a token."""
    config = yaml.safe_load(cluster.kubeconfig())
    config["users"][0]["user"] = {"token": token}
    return cluster.client(yaml.safe_dump(config).encode())


def knows(cluster: Cluster, token: str) -> bool:
    """Whether the server takes the token, whatever its bearer may do."""
    with token_client(cluster, token) as api:
        try:
            official.AuthenticationV1Api(api).create_self_subject_review({})
        except Refused as refused:
            if refused.status != 401:  # HTTP's Unauthorized
                raise
            return False
        return True


def test_a_wrong_token_is_unauthorized(cluster: Cluster) -> None:
    """Without a known token nothing but health and version is told."""
    with (
        token_client(cluster, secrets.token_urlsafe(32)) as api,
        pytest.raises(Refused) as caught,
    ):
        official.CoreV1Api(api).list_namespace()

    assert caught.value.status == 401


def test_an_account_may_do_nothing_until_it_is_bound(
    cluster: Cluster, core: Any, namespace: str
) -> None:
    """The refusal is worded as the real server words it; a binding lifts it."""
    with account_client(cluster, core, namespace) as api, cluster.api() as admin:
        with pytest.raises(Refused) as caught:
            official.CoreV1Api(api).create_namespaced_secret(namespace, {"metadata": {"name": "s"}})
        official.RbacAuthorizationV1Api(admin).create_namespaced_role_binding(
            namespace,
            {
                "metadata": {"name": "editors"},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "edit",
                },
                "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}],
            },
        )
        eventually(lambda: may_create(api, namespace, "secrets"))
        official.CoreV1Api(api).create_namespaced_secret(namespace, {"metadata": {"name": "s"}})

    assert caught.value.status == 403
    assert json.loads(caught.value.body)["message"] == (
        f'secrets is forbidden: User "system:serviceaccount:{namespace}:default" cannot create '
        f'resource "secrets" in API group "" in the namespace "{namespace}"'
    )


def may_create(api: Any, namespace: str, resource: str) -> bool:
    """What the server says that the client's user may; it learns of a binding after a moment."""
    group = "rbac.authorization.k8s.io" if resource.endswith("bindings") else ""
    what = {"verb": "create", "group": group, "resource": resource, "namespace": namespace}
    asked = {"resourceAttributes": what}
    reviews = official.AuthorizationV1Api(api)
    return reviews.create_self_subject_access_review({"spec": asked}).status.allowed


def test_nobody_grants_what_they_do_not_hold(cluster: Cluster, namespace: str) -> None:
    """A user who may bind roles may still not bind cluster-admin."""
    with cluster.api() as admin:
        rbac = official.RbacAuthorizationV1Api(admin)
        rules = [
            {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["*"], "verbs": ["create"]}
        ]
        rbac.create_cluster_role({"metadata": {"name": f"binder-{namespace}"}, "rules": rules})
        rbac.create_cluster_role_binding(
            {
                "metadata": {"name": f"binder-{namespace}"},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": f"binder-{namespace}",
                },
                "subjects": [
                    {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "binder"}
                ],
            }
        )
    own = {
        "metadata": {"name": "mine"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "cluster-admin",
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "binder"}],
    }
    with cluster.api("binder") as api:
        eventually(lambda: may_create(api, "", "clusterrolebindings"))
        with pytest.raises(Refused) as caught:
            official.RbacAuthorizationV1Api(api).create_cluster_role_binding(own)

    assert caught.value.status == 403
    assert "is attempting to grant RBAC permissions not currently held" in caught.value.body


@pytest.mark.parametrize(
    ("user", "may"), [("clusterUser", True), ("guest", False)], ids=["admin", "guest"]
)
def test_access_reviews_tell_the_truth(cluster: Cluster, user: str, may: bool) -> None:
    """KOTS asks this very question before it installs."""
    with cluster.api(user) as api:
        asked = {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}
        answer = official.AuthorizationV1Api(api).create_self_subject_access_review({"spec": asked})

    assert answer.status.allowed is may


def test_a_token_dies_with_its_pod(cluster: Cluster, core: Any, namespace: str) -> None:
    """A token that is bound to a pod is no use without it."""
    spec = {"containers": [{"name": "c", "image": "i"}]}
    pod = core.create_namespaced_pod(namespace, {"metadata": {"name": "p"}, "spec": spec})
    bound = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": pod.metadata.uid}
    token = core.create_namespaced_service_account_token(
        "default", namespace,
        {"spec": {"audiences": [], "boundObjectRef": bound, "expirationSeconds": 3600}},
    ).status.token  # fmt: skip # one call
    assert knows(cluster, token)

    core.delete_namespaced_pod("p", namespace)

    eventually(lambda: not knows(cluster, token))  # a real server remembers for ten seconds


def test_a_forged_token_is_refused(cluster: Cluster, core: Any, namespace: str) -> None:
    """Claims are believed only with the server's signature."""
    token = core.create_namespaced_service_account_token(
        "default", namespace, {"spec": {"audiences": [], "expirationSeconds": 3600}}
    ).status.token
    head, claims, signature = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    told["sub"] = "system:serviceaccount:kube-system:default"
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")

    assert knows(cluster, token)
    assert not knows(cluster, f"{head}.{forged}.{signature}")
