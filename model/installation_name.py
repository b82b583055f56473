"""An installation's name; also an instance id, a label value and part of object names."""

import re

NAME = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
NAME_PATTERN = re.compile(NAME)
"""Lower-case letters, digits and inner hyphens, at most 40."""
