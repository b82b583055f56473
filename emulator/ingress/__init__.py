"""The TLS ingress of the emulated installations and what answers behind its seven names."""

from emulator.ingress.product_api import SystemLimits
from emulator.ingress.server import Ingress
from emulator.ingress.sites import PREFIXES

__all__ = ["PREFIXES", "Ingress", "SystemLimits"]
