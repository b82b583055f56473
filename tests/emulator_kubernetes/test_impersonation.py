"""Requests in somebody else's name."""

from typing import Any

import pytest

from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster, eventually, official

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
SECRETS = "/api/v1/namespaces/default/secrets"  # an address


def who(cluster: Cluster, **headers: str) -> Any:
    """Whom the server sees."""
    named = {f"Impersonate-{name.replace('_', '-')}": value for name, value in headers.items()}
    return ask(cluster, "POST", WHO, {}, headers=named).json["status"]["userInfo"]


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("bob", ["system:authenticated"]),
        (
            "system:serviceaccount:default:default",
            ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
        ),
    ],
)
def test_an_administrator_is_seen_as_the_other(
    cluster: Cluster, name: str, groups: list[str]
) -> None:
    """With the groups that the other always has, and none of the administrator's."""
    assert who(cluster, User=name) == {"username": name, "groups": groups}


def test_groups_and_more_come_along(cluster: Cluster) -> None:
    """Groups, an id and extra fields are taken as they are told."""
    assert who(cluster, User="bob", Group="g", Uid="u", Extra_scopes="view") == {
        "username": "bob", "uid": "u", "groups": ["g", "system:authenticated"],
        "extra": {"scopes": ["view"]},
    }  # fmt: skip # one value


def test_the_rights_are_those_of_the_other(cluster: Cluster) -> None:
    """An administrator may read secrets, bob may not."""
    said = ask(cluster, "GET", SECRETS, headers={"Impersonate-User": "bob"})

    assert said.status == 403
    assert said.message == (
        'secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the '
        'namespace "default"'
    )


def test_a_group_without_a_user_is_nobody(cluster: Cluster) -> None:
    """The request says whom it is about, or nothing."""
    said = ask(cluster, "GET", SECRETS, headers={"Impersonate-Group": "g"})

    wanted = 'Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)'
    assert said.status == 400
    assert said.message == (
        f"requested &user.DefaultInfo{{{wanted}}} without impersonating a user name"
    )


def test_it_takes_the_right_to_impersonate(cluster: Cluster) -> None:
    """The right is one about a user's name, and does not reach to a group."""
    bob = {"Impersonate-User": "bob"}
    assert ask(cluster, "GET", SECRETS, headers=bob, user="guest").status == 403
    rule = {"apiGroups": [""], "resources": ["users"], "resourceNames": ["bob"],
            "verbs": ["impersonate"]}  # fmt: skip # short
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "be-bob"}
    with cluster.api() as api:
        rights = official.RbacAuthorizationV1Api(api)
        rights.create_cluster_role({"metadata": {"name": "be-bob"}, "rules": [rule]})
        subject = {"kind": "User", "name": "guest", "apiGroup": role["apiGroup"]}
        rights.create_cluster_role_binding(
            {"metadata": {"name": "be-bob"}, "roleRef": role, "subjects": [subject]}
        )

    def as_bob() -> Any:
        said = ask(cluster, "POST", WHO, {}, headers=bob, user="guest")
        return said.json["status"]["userInfo"] if said.status == 201 else None

    seen = eventually(as_bob)
    refused = ask(cluster, "GET", SECRETS, headers={**bob, "Impersonate-Group": "g"}, user="guest")

    assert seen["username"] == "bob"
    assert refused.message == (
        'groups "g" is forbidden: User "guest" cannot impersonate resource "groups" in API group '
        '"" at the cluster scope'
    )
