"""The outside systems. Each file knows one; SDKs are imported when a system is first used."""

from gateways._connect import Gateways

__all__ = ["Gateways"]
