"""How everything that an installation makes is marked as ours."""

import hashlib
from collections.abc import Mapping

from model.plan import Ownership

TAG_INSTALLATION = "dash-enterprise-installation"
"""Azure tag and DNS record metadata: the installation's name decides whose a resource is."""
TAG_PLAN = "dash-enterprise-plan"
"""Azure tag: the plan hash, informative."""
TAG_INSTALLER = "dash-enterprise-installer"
"""Azure tag and DNS record metadata: which app made it; absent when the app has no name."""

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
LABEL_INSTALLATION = "dash-enterprise.installer/installation"
LABEL_RUN = "dash-enterprise.installer/run"
MANAGED_BY = "dash-enterprise-installer"
"""Label value and field manager of server-side apply."""

INSTALLER_NAMESPACE = "dash-enterprise-installer"
"""Namespace of the installer's Jobs, Secrets and record; the application lives elsewhere."""


def owned_by(owner: Ownership, tags: Mapping[str, str] | None) -> bool:
    """Whether a resource with these tags is of this installation, made by this app.

    What an app without a name made, or is asked about by one, is judged by the installation alone.
    """
    found = tags or {}
    maker = found.get(TAG_INSTALLER, "")
    return found.get(TAG_INSTALLATION) == owner.installation and (
        not maker or not owner.installer or maker == owner.installer
    )


def marks(owner: Ownership) -> dict[str, str]:
    """What says whose it is: in tags, and in the metadata of DNS records."""
    mine = {TAG_INSTALLATION: owner.installation}
    return mine | {TAG_INSTALLER: owner.installer} if owner.installer else mine


def tags(owner: Ownership) -> dict[str, str]:
    """The tags of a new resource: the customer's and ours; ours win."""
    return owner.tags | marks(owner) | {TAG_PLAN: owner.plan_hash}


def shown(tags: Mapping[str, str]) -> str:
    """Whose a marked resource is, for people."""
    maker = tags.get(TAG_INSTALLER)
    made_by = f" of installer {maker}" if maker else ""
    return f"installation {tags.get(TAG_INSTALLATION, '')}{made_by}"


def role_assignment_name(scope: str, principal_id: str) -> str:
    """The name (a UUID) of our role assignment: the same for the same scope and principal."""
    digest = hashlib.sha256(f"{scope.lower()}\n{principal_id.lower()}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
