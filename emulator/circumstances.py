"""What all parts of one emulated world share."""

from dataclasses import dataclass, field

from emulator.clock import Clock
from emulator.durations import Durations
from emulator.faults import Faults
from emulator.journal import Journal


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One world's pace, its bad day and its memory.

    Attributes:
        missing_images: Images that no registry has.
    """

    clock: Clock = field(default_factory=Clock)
    durations: Durations = field(default_factory=Durations)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    missing_images: set[str] = field(default_factory=set[str])
