"""Takes what looks like a secret out of a text that someone else wrote."""

import re

_SECRETS = re.compile(
    r"-----BEGIN [^-]+-----.*?(-----END [^-]+-----|$)"  # PEM
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"  # JSON web tokens
    r"|(?<=://)[^/\s@]+:[^/\s@]+(?=@)"  # credentials in an address
    r"|(?i:bearer)\s+[\w.~+/=-]{16,}"
    r"|\bKots [\w-]{32}\b"  # the Admin Console's own token
    r"|(?i:[?&](?:code|sig|t|c|s|h)=)[^&\s]+"  # keys in query strings
    r"|(?i:password|secret|token|client_assertion)[\"']?\s*[=:]\s*[\"']?[^\s\"',;&}]+",
    re.DOTALL,
)


def masked(text: str) -> str:
    """The text with an ellipsis for each secret; whoever shows it also cuts it."""
    return _SECRETS.sub("…", text)
