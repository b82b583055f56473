"""Names that try to be something else: paths, other scripts, invisible marks, sheer length."""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from model.request import InstallRequest, parse_request
from tests.e2e.driver import Driver
from tests.hostile.places import Place, changed
from tests.hostile.promises import broken, operations
from tests.model.samples import sample
from triggers.http import ROUTES

TRICKS = {
    "parent": "../a",
    "parent-alone": "..",
    "parent-inside": "a/../b",
    "parent-at-the-end": "a/..",
    "encoded-parent": "..%2fa",
    "encoded-slash": "a%2Fb",
    "double-encoded": "..%252fa",
    "backslash": "..\\a",
    "absolute": "/etc/passwd",
    "drive": "C:\\windows",
    "nul": "a\0b",
    "encoded-nul": "a%00b",
    "line-end": "a\n",
    "carriage-return": "a\r\nX: y",
    "tab": "a\tb",
    "blank": "a b",
    "leading-blank": " a",
    "query": "a?b=c",
    "fragment": "a#b",
    "semicolon": "a;b",
    "star": "a*",
    "full-width": "\uff41\uff42",
    "cyrillic": "\u0430\u0441\u043c\u0435",
    "arabic-digits": "a\u0663",
    "direction-override": "a\u202eb",
    "isolate": "a\u2066b",
    "direction-mark": "a\u200eb",
    "zero-width": "a\u200bb",
    "soft-hyphen": "a\u00adb",
    "combining": "a\u0301",
    "byte-order-mark": "\ufeffa",
    "one-dot-leader": "\u2024\u2024/a",
    "fraction-slash": "a\u2044b",
    "long": "a" * 5000,
    "empty": "",
    "colon": "preflight:a",
    "option": "-a",
}
DNS_LABEL_ONLY: tuple[Place, ...] = (
    ("name",),
    ("cluster", "poolName"),
    ("kots", "channel"),
    ("kots", "namespace"),
    ("kots", "loadBalancerService"),
    ("components", 0, "name"),
    ("components", 0, "namespace"),
    ("identityProvider", "secret"),
)
NAMES: tuple[Place, ...] = (
    *DNS_LABEL_ONLY,
    ("azure", "subscriptionId"),
    ("azure", "resourceGroup"),
    ("azure", "location"),
    ("cluster", "name"),
    ("cluster", "kubernetesVersion"),
    ("cluster", "vmSize"),
    ("cluster", "nodeResourceGroup"),
    ("cluster", "dnsPrefix"),
    ("domain", "baseDomain"),
    ("secrets", "license"),
    ("secrets", "certificate"),
    ("secrets", "certificateKey"),
    ("secrets", "adminConsolePassword"),
    ("secrets", "administratorPassword"),
    ("kots", "version"),
    ("kots", "appVersion"),
    ("components", 0, "version"),
    ("components", 0, "chart"),
    ("administrator", "username"),
    ("identityProvider", "realm"),
    ("identityProvider", "clientId"),
    ("identityProvider", "passwordKey"),
    ("identityProvider", "usernameKey"),
    ("identityProvider", "username"),
)
"""Every field that becomes part of a path, a URL or an object's name somewhere."""

_IN_PATHS_ONLY: tuple[Place, ...] = (
    *(("secrets", secret) for secret in sample()["secrets"] if secret != "vaultUri"),
    ("azure", "resourceGroup"),
    ("cluster", "nodeResourceGroup"),
)
"""Azure allows a leading hyphen in these, and they stand in a URL's path only."""
ALLOWED = {(place, "option") for place in _IN_PATHS_ONLY}


@pytest.mark.parametrize("place", NAMES, ids=lambda place: ".".join(map(str, place)))
def test_no_name_of_a_request_takes_a_trick(place: Place) -> None:
    """Each is refused with a pointer to the field, and without the text."""
    for trick, text in TRICKS.items():
        found = parse_request(changed(sample(), place, text))
        if (place, trick) in ALLOWED:
            assert isinstance(found, InstallRequest)
            continue
        assert isinstance(found, tuple), (trick, text)
        pointers = [problem.pointer for problem in found]
        assert "/" + "/".join(map(str, place)) in pointers, (trick, pointers)
        if len(text) > 3:
            assert not any(text in problem.message for problem in found)


ONE_LINE: tuple[Place, ...] = (
    ("administrator", "firstName"),
    ("administrator", "lastName"),
    ("azure", "tags", "costCenter"),
    ("kots", "allowedPreflightWarnings", 0),
)
"""Free text that is shown in one line, or handed to a Job as one line of several."""


@pytest.mark.parametrize("place", ONE_LINE, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\t", "\u2028", "\u2029"], ids=ascii)
def test_free_text_is_one_line(place: Place, end: str) -> None:
    """A second line would be a second warning to allow, or a forged line of a log."""
    for text in (f"a{end}b", end, f"a{end}"):
        found = parse_request(changed(sample(), place, text))
        assert isinstance(found, tuple)
        assert [p.pointer for p in found] == ["/" + "/".join(map(str, place))]
    assert isinstance(parse_request(changed(sample(), place, "a b")), InstallRequest)


IDS: tuple[Place, ...] = (
    ("cluster", "network", "subnetId"),
    ("cluster", "identity", "resourceId"),
    ("cluster", "osDisk", "encryptionSetId"),
    ("domain", "dns", "zoneId"),
)
GOOD_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net"
    "/providers/Microsoft.Network/virtualNetworks/corporate/subnets/aks"
)


@pytest.mark.parametrize("place", IDS, ids=lambda place: ".".join(map(str, place)))
def test_no_part_of_a_resource_id_takes_a_trick(place: Place) -> None:
    """A trick in any segment, before or after it; the sound id stands."""
    pointer = "/" + "/".join(map(str, place))
    for segment in ("00000000-0000-0000-0000-000000000001", "net", "corporate", "aks"):
        for trick, text in TRICKS.items():
            if trick == "option":
                continue  # it cannot begin a command line there
            found = parse_request(changed(sample(), place, GOOD_ID.replace(segment, text)))
            assert isinstance(found, tuple), (segment, trick)
            assert pointer in [problem.pointer for problem in found]
    good = parse_request(changed(sample(), place, GOOD_ID))
    assert isinstance(good, InstallRequest) or pointer not in [p.pointer for p in good]


URLS: tuple[Place, ...] = (
    ("secrets", "vaultUri"),
    ("components", 0, "repository"),
    ("components", 0, "manifest"),
)


@pytest.mark.parametrize("place", URLS, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize(
    "url",
    [
        "http://a.example.com",
        "file:///etc/passwd",
        "https://user:word@a.example.com",
        "https://a.example.com@b.example.com/",
        "https://a.example.com\\@b.example.com/",
        "https://a.example.com/?sig=x",
        "https://a.example.com/#x",
        "https://a.example.com/../x",
        "https://a.example.com/%2e%2e/x",
        "https://a.example.com/a b",
        "https://a.example.com/\n",
        "https://a.example.com:\u0664\u0664\u0663",
        "https://\u0430.example.com",
        "https://[::1]/",
        "https:///x",
        "HTTPS://a.example.com",
        "//a.example.com",
        "",
    ],
    ids=ascii,
)
def test_no_url_hides_another_host_a_password_or_a_path(place: Place, url: str) -> None:
    """Only https, a host name, a port and plain segments."""
    found = parse_request(changed(sample(), place, url))

    assert isinstance(found, tuple)
    assert "/" + "/".join(map(str, place)) in [problem.pointer for problem in found]


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (("azure", "tags"), "a\nb"),
        (("azure", "tags"), "a/b"),
        (("azure", "tags"), "x" * 600),
        (("azure", "tags"), "\u202ea"),
        (("cluster", "nodeLabels"), "a b"),
        (("cluster", "nodeLabels"), "../a"),
        (("cluster", "nodeLabels"), "a/b/c"),
        (("kots", "configValues", "spec", "values"), "a\0"),
        (("components", 0, "values"), "a\u2028b"),
    ],
    ids=ascii,
)
def test_no_key_takes_a_trick(place: Place, key: str) -> None:
    """Keys become names of tags, labels and items; a pointer leads to the object."""
    held = {"value": "x"} if place[0] == "kots" else "x"
    found = parse_request(changed(sample(), (*place, key), held))

    assert isinstance(found, tuple)
    assert all(p.pointer.startswith("/" + "/".join(map(str, place))) for p in found)
    assert all(len(p.pointer) < 600 and p.pointer.isprintable() for p in found)


def answer(driver: Driver, method: str, target: str) -> tuple[int, str, bytes]:
    """What comes back for a request target as it stands, which no client library normalizes."""
    where = urlsplit(driver.world.host.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        connection.putheader("x-functions-key", driver.world.host.key)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        got = connection.getresponse()
        return got.status, got.headers.get("Content-Type", ""), got.read()
    finally:
        connection.close()


PARAMETERS = [
    (route.name, parameter)
    for route in ROUTES
    for parameter in ("name", "event")
    if "{" + parameter + "}" in route.route
]


@pytest.mark.parametrize(("operation", "parameter"), PARAMETERS)
def test_no_route_parameter_takes_a_trick(driver: Driver, operation: str, parameter: str) -> None:
    """404, as documented, and nothing of the text comes back, in the body or in a header."""
    method, template = operations()[operation]
    for trick, text in TRICKS.items():
        if not text or text == "..":
            continue  # another path altogether
        segment = text if "%" in text else quote(text, safe="")
        values = {"name": "known", "event": "approve"} | {parameter: segment}
        path = template.replace("{name}", values["name"]).replace("{event}", values["event"])

        status, kind, body = answer(driver, method, f"/api{path}")

        assert status == 404, (trick, status)
        assert broken(operation, status, kind, body) == "", trick
        assert json.loads(body)["detail"].isascii()


def test_raw_dots_and_slashes_lead_nowhere(driver: Driver) -> None:
    """Paths that climb, double and end strangely: no route, and never the host's own files."""
    for target in (
        "/api/installations/../../admin/host/status",
        "/api/installations/..",
        "/api//installations",
        "/api/installations//events/approve",
        "/api/..;/admin",
        "/api/installations/%2e%2e/%2e%2e/admin",
        "/api/\\..\\admin",
        "/function_app.py",
        "/api/../function_app.py",
        "/api/installations/" + "a" * 6000,
    ):
        status, _, body = answer(driver, "GET", target)
        assert status in (400, 404), target
        assert b"import" not in body


def test_every_route_parameter_is_tried() -> None:
    """A new route with a parameter is in the table above by itself."""
    told: list[Any] = [route.name for route in ROUTES if "{" in route.route]

    assert {operation for operation, _ in PARAMETERS} == set(told)
