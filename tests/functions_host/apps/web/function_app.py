"""HTTP in every form."""

import json
import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def _echo(name, req):
    return func.HttpResponse(
        json.dumps(
            {
                "function": name,
                "method": req.method,
                "url": req.url,
                "route": dict(req.route_params),
                "query": dict(req.params),
                "headers": {k.lower(): v for k, v in req.headers.items()},
            }
        ),
        mimetype="application/json",
    )


@app.route(route="items/{id:int}", methods=["GET"])
def by_number(req: func.HttpRequest) -> func.HttpResponse:
    return _echo("by_number", req)


@app.route(route="items/{name}", methods=["GET", "POST"])
def by_name(req: func.HttpRequest) -> func.HttpResponse:
    return _echo("by_name", req)


@app.route(route="items/special", methods=["GET"])
def special(req: func.HttpRequest) -> func.HttpResponse:
    return _echo("special", req)


@app.route(route="maybe/{id?}", methods=["GET"])
def maybe(req: func.HttpRequest) -> func.HttpResponse:
    return _echo("maybe", req)


@app.route(route="files/{*rest}", methods=["GET"])
def files(req: func.HttpRequest) -> func.HttpResponse:
    return _echo("files", req)


@app.route()
def unrouted(req: func.HttpRequest) -> str:
    return "plain"


@app.route(route="bytes", methods=["PUT"])
async def mirror(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        req.get_body()[::-1],
        status_code=201,
        mimetype="image/png",
        headers={"X-Length": str(len(req.get_body()))},
    )


@app.route(route="cookies", methods=["GET"])
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("", headers={"Set-Cookie": "a=b; Path=/x; HttpOnly; Max-Age=7"})


@app.route(route="broken", methods=["GET"])
def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("secret detail")


@app.route(route="teapot", methods=["DELETE"])
def teapot(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=418)


@app.route(route="guarded", auth_level=func.AuthLevel.FUNCTION)
def guarded(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")


@app.route(route="ruled", auth_level=func.AuthLevel.ADMIN)
def ruled(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")


@app.route(route="environment")
def environment(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps([os.environ.get("FROM_FILE"), os.environ.get("FROM_BOTH"), os.getcwd()])
    )
