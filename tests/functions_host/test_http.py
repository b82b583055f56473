"""HTTP triggers: routes, bodies, keys."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from emulator.functions_host.routes import compile_route
from tests.functions_host.hosting import APPS, Host, eventually, start_host


@pytest.mark.parametrize(
    ("path", "function", "route"),
    [
        pytest.param("/items/7", "by_number", {"id": "7"}, id="constraint"),
        pytest.param("/items/seven", "by_name", {"name": "seven"}, id="parameter"),
        pytest.param("/ITEMS/Special", "special", {}, id="literal-wins-in-any-case"),
        pytest.param("/maybe", "maybe", {}, id="optional-absent"),
        pytest.param("/maybe/x%20y", "maybe", {"id": "x y"}, id="optional-decoded"),
        pytest.param("/files/a/b/c.txt", "files", {"rest": "a/b/c.txt"}, id="catch-all"),
    ],
)
def test_a_route_finds_its_function(
    web: Host, path: str, function: str, route: dict[str, str]
) -> None:
    """Literals win over constrained parameters, those over free ones, those over catch-alls."""
    answer = web.call("GET", path).json()

    assert (answer["function"], answer["route"]) == (function, route)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("DELETE", "/items/7", id="other-method"),
        pytest.param("GET", "/nothing", id="unknown-path"),
        pytest.param("GET", "/api/teapot", id="no-prefix-here"),
    ],
)
def test_no_route_is_404(web: Host, method: str, path: str) -> None:
    """The host answers 404 also for a method that a route does not take."""
    assert web.call(method, path).status_code == 404


def test_query_headers_and_url_arrive(web: Host) -> None:
    """Repeated query values are joined, header names come in any case."""
    answer = web.call("GET", "/items/x?a=1&a=2&b=%C3%A9", headers={"X-Thing": "v"}).json()

    assert answer["query"] == {"a": "1,2", "b": "é"}
    assert answer["headers"]["x-thing"] == "v"
    assert answer["url"].startswith(f"{web.url}/items/x?a=1")


def test_bytes_go_in_and_out_unchanged(web: Host) -> None:
    """Bodies are bytes both ways, with status, type and headers."""
    body = bytes(range(256)) * 40
    answer = web.call("PUT", "/bytes", data=body)

    assert answer.status_code == 201
    assert answer.content == body[::-1]
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Length"] == str(len(body))


def test_text_cookies_and_bare_status(web: Host) -> None:
    """A returned text is plain text; cookies keep their attributes; a status needs no body."""
    assert web.call("POST", "/unrouted").text == "plain"
    cookie = web.call("GET", "/cookies").headers["Set-Cookie"]
    assert cookie.startswith("a=b")
    assert "HttpOnly" in cookie
    assert "Max-Age=7" in cookie
    assert web.call("DELETE", "/teapot").status_code == 418


def test_an_exception_is_500_with_nothing_in_it(web: Host) -> None:
    """What went wrong is in the log, never in the answer."""
    answer = web.call("GET", "/broken")

    assert (answer.status_code, answer.content) == (500, b"")
    eventually(lambda: any("secret detail" in line for line in web.lines), "the log line")


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        pytest.param("/guarded", "", 401, id="none"),
        pytest.param("/guarded", "default", 200, id="host-key"),
        pytest.param("/guarded", "master", 200, id="master-key"),
        pytest.param("/guarded", "durable", 401, id="system-key-is-no-function-key"),
        pytest.param("/ruled", "default", 401, id="admin-wants-master"),
        pytest.param("/ruled", "master", 200, id="admin"),
        pytest.param("/items/1", "", 200, id="anonymous"),
    ],
)
@pytest.mark.parametrize("by", ["query", "header"])
def test_keys_open_what_they_should(web: Host, path: str, key: str, status: int, by: str) -> None:
    """Enforced, a function asks for its key, the host's or the master's, as query or header."""
    shown = web.keys[key] if key else ""
    options = (
        {"params": {"code": shown}} if by == "query" else {"headers": {"x-functions-key": shown}}
    )

    assert web.call("GET", path, **options).status_code == status


def test_local_settings_give_way_to_the_environment(tmp_path: Path) -> None:
    """Values become app settings unless the environment has them; the app's folder is current."""
    app = tmp_path / "app"
    shutil.copytree(APPS / "web", app)
    (app / "local.settings.json").write_text(
        '{"Values": {"FROM_FILE": "file", "FROM_BOTH": "file"}}', encoding="utf-8"
    )
    host = start_host(app, FROM_BOTH="environment")
    try:
        assert host.call("GET", "/environment").json() == ["file", "environment", str(app)]
        assert host.call("GET", "/guarded").status_code == 200
        listed = "\n".join(host.lines)
        assert f"by_name: [GET,POST] {host.url}/items/{{name}}" in listed
    finally:
        assert host.stop() == 0


def test_only_loopback_listens(web: Host) -> None:
    """The host is not to be reached from outside this machine."""
    port = int(web.url.rsplit(":", 1)[1])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.2", port))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("a/{b", id="open-brace"),
        pytest.param("a/{b:colour}", id="unknown-constraint"),
    ],
)
def test_a_malformed_route_is_refused(template: str) -> None:
    """A template that ASP.NET would refuse is an error, not a literal."""
    with pytest.raises(ValueError, match="route"):
        compile_route(template, ())


@pytest.mark.parametrize(
    ("template", "path", "found"),
    [
        pytest.param("a/{n:range(2,4)}", "a/5", None, id="range"),
        pytest.param("a/{n:min(2)}", "a/2", {"n": "2"}, id="min"),
        pytest.param("a/{n:length(3)}", "a/abc", {"n": "abc"}, id="length"),
        pytest.param("a/{n:guid}", "a/x", None, id="guid"),
        pytest.param("a/{n=5}", "a", {"n": "5"}, id="default"),
        pytest.param("f/{n}.{e}", "f/x.tar", {"n": "x", "e": "tar"}, id="two-in-one"),
    ],
)
def test_route_templates_match_as_documented(
    template: str, path: str, found: dict[str, str] | None
) -> None:
    """Constraints, defaults and several parameters in one segment."""
    assert compile_route(template, ()).match(path) == found


def test_environment_is_left_alone() -> None:
    """Importing the host's modules sets nothing in this process."""
    assert "FUNCTIONS_HOST_KEYS" not in os.environ
