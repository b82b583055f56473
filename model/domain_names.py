"""The seven host names of an installation.

The prefixes are joined with a hyphen, so the six prefixed names are siblings of the base domain in
its parent zone: https://dash.plotly.com/dash-enterprise/install-multi-node-aks
"""

PREFIXES = ("api", "ws", "git", "registry", "auth", "admin")


def host(prefix: str, base_domain: str) -> str:
    """The name of one service: ``auth`` and ``dash.example.com`` give ``auth-dash.example.com``."""
    return f"{prefix}-{base_domain}"


def names(base_domain: str) -> tuple[str, ...]:
    """All seven names, the base domain first."""
    return (base_domain, *(host(prefix, base_domain) for prefix in PREFIXES))
