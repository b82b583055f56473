"""The KOTS Admin Console of a cluster, and the Dash Enterprise release that it deploys."""

from emulator.kotsadm.behaviour import Behaviour
from emulator.kotsadm.console import Kotsadm

__all__ = ["Behaviour", "Kotsadm"]
