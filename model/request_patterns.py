"""The forms that texts of a request have, as regular expressions that JSON Schema knows, too."""

from typing import Annotated

from pydantic import Field

UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
GROUP = r"^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$"
CLUSTER = r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$"
POOL = r"^[a-z][a-z0-9]{0,11}$"
SECRET = r"^[0-9A-Za-z-]{1,127}$"  # noqa: S105 # the form of a name
DNS_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
DOMAIN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"
VERSION = r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$"  # not \d, which takes digits of any script
KUBERNETES = r"^1\.[0-9]{2}(\.[0-9]{1,9})?$"
RESOURCE = (  # no segment begins with a dot, so none leads upwards
    r"/subscriptions/[A-Za-z0-9-]{1,36}/resourceGroups/[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]"
    r"/providers/[A-Za-z][A-Za-z0-9.]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.()-]{0,127}){0,9}"
)
RESOURCE_ID = f"^{RESOURCE}$"
URL = r"^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9_~+=,:-][A-Za-z0-9_.~+=,:-]*)*/?$"
"""Neither user nor query: both are where passwords and signatures stand."""
CHART = (  # never an option: it begins with a letter or a digit
    r"^((oci|https)://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)+"
    r"|[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$"
)
WORD = r"^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}$"
TAG_NAME = r"^[^<>%&\\?/]{1,512}$"
LABEL_KEY = (
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
)
LABEL_VALUE = r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$"
TAINT = (
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
    r"(=[A-Za-z0-9_.-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)$"
)
SSH_PUBLIC_KEY = r"^(ssh|ecdsa)-[a-z0-9-]{1,30} [A-Za-z0-9+/=]{16,4096}( [A-Za-z0-9@._-]{1,200})?$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

type Word = Annotated[str, Field(pattern=WORD)]
"""A name that goes into other systems' paths and command lines: never an option, never ``..``."""

type SecretName = Annotated[str, Field(pattern=SECRET)]
"""The name of a Key Vault secret, never a value."""
