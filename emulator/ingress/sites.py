"""What answers at each of the seven names of an installation."""

from typing import Any

from aiohttp import web

from emulator.faults import Fault, Faults
from emulator.ingress.product_api import Authenticate, SystemLimits, graphql_handler
from emulator.journal import Journal

PREFIXES = ("", "api-", "ws-", "git-", "registry-", "auth-", "admin-")
"""What stands before the base domain in each of the seven names."""

_PAGE = "<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
_NGINX = (
    "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n"
    "<center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def nginx_page(status: int, words: str) -> web.Response:
    """An error page as the ingress controller itself sends it."""
    text = _NGINX.format(status=f"{status} {words}")
    return web.Response(status=status, text=text, content_type="text/html")


def default_backend() -> web.Application:
    """What answers for hosts without an ingress rule: 404 to everything."""

    async def nothing(_request: web.Request) -> web.Response:
        return nginx_page(404, "Not Found")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", nothing)
    return app


def sites(
    faults: Faults,
    journal: Journal,
    *,
    keycloak: web.Application,
    limits: SystemLimits,
    authenticate: Authenticate,
) -> dict[str, web.Application]:
    """The application of every prefix; only Keycloak's records and suffers faults on its own."""

    def site(*routes: web.RouteDef) -> web.Application:
        middlewares: list[Any] = [
            journal.middleware("ingress"),
            faults.middleware("ingress", nginx_fault),
        ]
        app = web.Application(middlewares=middlewares)
        app.add_routes(routes)
        return app

    return {
        "": site(web.get("/", _page("Dash Enterprise", "Log in"))),
        "api-": site(web.post("/graphql", graphql_handler(limits, authenticate))),
        "ws-": site(web.get("/", _upgrade_required)),
        "git-": site(web.get("/", _page("Dash Enterprise Git", "Log in with git"))),
        "registry-": site(web.get("/v2/", _registry)),
        "auth-": keycloak,
        "admin-": site(web.get("/", _page("KOTS Admin Console", "Log in"))),
    }


def _page(title: str, body: str) -> Any:
    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.format(title=title, body=body), content_type="text/html")

    return show


async def _upgrade_required(_request: web.Request) -> web.Response:
    return web.Response(status=426, headers={"Upgrade": "websocket", "Connection": "Upgrade"})


async def _registry(request: web.Request) -> web.Response:
    """A registry asks for a login (https://distribution.github.io/distribution/spec/api/)."""
    realm = f'Basic realm="{request.host}"'
    return web.json_response(
        {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]},
        status=401,
        headers={"WWW-Authenticate": realm, "Docker-Distribution-Api-Version": "registry/2.0"},
    )


def nginx_fault(fault: Fault) -> web.Response:
    """What the ingress controller says when a fault names a status, or none."""
    status = fault.status or 503
    return nginx_page(
        status, {502: "Bad Gateway", 503: "Service Temporarily Unavailable"}.get(status, "Error")
    )
