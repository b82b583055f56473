"""How everything that an installation makes is marked as ours."""

import hashlib

TAG_INSTALLATION = "dash-enterprise-installation"
"""Azure tag and DNS record metadata: the installation's name decides whose a resource is."""
TAG_PLAN = "dash-enterprise-plan"
"""Azure tag: the plan hash, informative."""

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
LABEL_INSTALLATION = "dash-enterprise.installer/installation"
LABEL_RUN = "dash-enterprise.installer/run"
MANAGED_BY = "dash-enterprise-installer"
"""Label value and field manager of server-side apply."""

INSTALLER_NAMESPACE = "dash-enterprise-installer"
"""Namespace of the installer's Jobs, Secrets and record; the application lives elsewhere."""


def owned_by(installation: str, tags: dict[str, str] | None) -> bool:
    """Whether a resource with these tags belongs to ``installation``."""
    return (tags or {}).get(TAG_INSTALLATION) == installation


def tags(installation: str, plan_hash: str, own: dict[str, str]) -> dict[str, str]:
    """The tags of a new resource: the customer's and ours; ours win."""
    return own | {TAG_INSTALLATION: installation, TAG_PLAN: plan_hash}


def role_assignment_name(scope: str, principal_id: str) -> str:
    """The name (a UUID) of our role assignment: the same for the same scope and principal."""
    digest = hashlib.sha256(f"{scope.lower()}\n{principal_id.lower()}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
