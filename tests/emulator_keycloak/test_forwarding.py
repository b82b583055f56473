"""The ingress hands requests on to a server behind it, and says of TLS what an ingress says."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import ClientSession, web

from emulator.faults import Faults
from emulator.ingress.forwarding import forward
from emulator.journal import Journal
from emulator.real.ports import free_port


async def _site(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def behind(
    handler: Callable[[web.Request], Coroutine[Any, Any, web.Response]],
    ask: Callable[[ClientSession, str, Journal], Coroutine[Any, Any, None]],
) -> None:
    """Let ``ask`` question an ingress in front of a server with one handler."""

    async def run() -> None:
        server = web.Application()
        server.router.add_route("*", "/{path:.*}", handler)
        origin, target = await _site(server)
        journal = Journal()
        front, url = await _site(forward(target, "keycloak", Faults(), journal))
        try:
            async with ClientSession() as http:
                await ask(http, url, journal)
        finally:
            await front.cleanup()
            await origin.cleanup()

    asyncio.run(run())


async def _echo(request: web.Request) -> web.Response:
    told = {name: request.headers.get(name) for name in ("Host", *_TOLD)}
    text = await request.text()
    return web.json_response(
        {"method": request.method, "path": request.raw_path, "text": text, **told},
        status=201,
        headers={"Location": "https://auth.example.test/made", "Set-Cookie": "a=b"},
    )


_TOLD = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto")


def test_a_request_arrives_whole_and_its_answer_comes_back() -> None:
    """Method, path as written, body and the name that was asked for; status and headers."""

    async def ask(http: ClientSession, url: str, journal: Journal) -> None:
        headers = {"Host": "auth.example.test", "X-Forwarded-Proto": "forged"}
        path = "/auth/a%2Fb?c=d%20e"
        async with http.put(url + path, data="text", headers=headers) as answer:
            assert answer.status == 201
            assert answer.headers["Location"] == "https://auth.example.test/made"
            assert answer.headers["Set-Cookie"] == "a=b"
            assert await answer.json() == {
                "method": "PUT",
                "path": path,
                "text": "text",
                "Host": "auth.example.test",
                "X-Forwarded-For": "127.0.0.1",
                "X-Forwarded-Host": "auth.example.test",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https",
            }
        [entry] = journal.of("keycloak")
        assert (entry.method, entry.status) == ("PUT", 201)

    behind(_echo, ask)


def test_a_redirection_is_the_callers_to_follow() -> None:
    """The ingress does not go there itself."""

    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async def ask(http: ClientSession, url: str, _journal: Journal) -> None:
        async with http.get(url, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")

    behind(elsewhere, ask)


def test_a_server_that_is_not_there_is_a_bad_gateway() -> None:
    """As the ingress controller says it."""

    async def run() -> None:
        target = f"http://127.0.0.1:{free_port()}"
        front, url = await _site(forward(target, "keycloak", Faults(), Journal()))
        try:
            async with ClientSession() as http, http.get(url) as answer:
                assert answer.status == 502
                assert "nginx" in await answer.text()
        finally:
            await front.cleanup()

    asyncio.run(run())
