"""The scripts that the Jobs run, as they lie beside this code."""

from functools import cache
from importlib import resources


@cache
def script(name: str) -> str:
    """Text of one script of ``model/job_scripts``, for example ``kots.sh``."""
    return resources.files("model").joinpath("job_scripts", name).read_text("utf-8")
