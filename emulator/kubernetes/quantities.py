"""Kubernetes quantities: ``500m``, ``64Gi``, ``1e3``."""

import re
from decimal import ROUND_CEILING, Decimal

_SUFFIXES = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12),
    "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
    "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip # a table
_FORM = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$")


def parse_quantity(value: object) -> Decimal:
    """The number that a quantity stands for.

    Raises:
        ValueError: It is not a quantity.
    """
    found = _FORM.match(str(value))
    if found is None:
        raise ValueError(f"{value!r} is not a quantity")
    number, exponent, unit = found[1], found[2], found[3]
    return (
        Decimal(number).scaleb(int(exponent))
        if exponent
        else Decimal(number) * _SUFFIXES[unit or ""]
    )


def format_quantity(number: Decimal) -> str:
    """Canonical text: the largest binary unit that divides it, thousandths for fractions."""
    if number != number.to_integral_value():
        return f"{int((number * 1000).to_integral_value(ROUND_CEILING))}m"
    whole = int(number)
    for unit in ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki"):
        size = int(_SUFFIXES[unit])
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return str(whole)
