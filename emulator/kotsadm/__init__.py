"""The KOTS Admin Console of a cluster, and the Dash Enterprise release that it deploys."""

from emulator.kotsadm.console import Kotsadm
from emulator.kotsadm.behaviour import Behaviour

__all__ = ["Behaviour", "Kotsadm"]
