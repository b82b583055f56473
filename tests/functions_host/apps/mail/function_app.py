"""Queues."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
_seen: list = []


@app.queue_trigger(arg_name="letter", queue_name="letters", connection="AzureWebJobsStorage")
def read(letter: func.QueueMessage) -> None:
    text = letter.get_body().decode()
    _seen.append([text, letter.dequeue_count])
    if text == "bad":
        raise ValueError("unreadable")


@app.queue_trigger(arg_name="letter", queue_name="letters-poison", connection="AzureWebJobsStorage")
def bury(letter: func.QueueMessage) -> None:
    _seen.append(["poison:" + letter.get_body().decode(), letter.dequeue_count])


@app.route(route="send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="letters", connection="AzureWebJobsStorage")
def send(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)


@app.route(route="seen")
def seen(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(_seen))
