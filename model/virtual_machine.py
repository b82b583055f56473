"""A VM size as a region offers it to a subscription."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VmSize:
    """One size.

    Attributes:
        family: Name of its quota, from the SKU list; never guessed from the size's name.
        zones: Zones that this subscription may use; empty in a region without zones.
        blocked: Reason code of a restriction of the whole region; empty for none.
        ephemeral_gb: Largest ephemeral operating system disk that fits, in GiB; 0 for none.
    """

    name: str
    family: str
    vcpus: int
    data_disks: int
    zones: frozenset[str]
    blocked: str
    ephemeral_gb: int = 0
