"""The license's endpoint, asked through the cluster's proxy: nothing of this leaves the machine."""

import re

from emulator.cli.exchange import exchange

_FIRST_ERROR = 400


class LicenseServerDown(Exception):
    """No answer; the text is Go's."""


def ask_license_server(license_text: str) -> None:
    """Ask for a newer license, as every online installation begins.

    Raises:
        LicenseServerDown: The endpoint cannot be reached.
    """
    endpoint = re.search(r"endpoint:\s*[\"']?https?://([^\s\"',]+)", license_text)
    slug = re.search(r"appSlug:\s*[\"']?([\w-]+)", license_text)
    if endpoint is None or slug is None:
        return
    url = f"http://{endpoint[1]}/license/{slug[1]}?licenseSequence=1"
    try:
        status, _ = exchange("GET", url)
        said = f"HTTP {status}" if status >= _FIRST_ERROR else ""
    except OSError as error:
        said = str(error)
    if said:
        shown = f"https://{endpoint[1]}/license/{slug[1]}"
        raise LicenseServerDown(f'Get "{shown}": dial tcp: i/o timeout ({said})')
