"""Small helm charts under the addresses of well-known repositories, for a real helm on loopback."""

from emulator.charts.server import ChartServer

__all__ = ["ChartServer"]
