"""The queue ``installations``: the same body as the HTTP API, one message an installation."""

import logging
from collections.abc import Callable

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions import DurableFunctionsClient

from model import telemetry
from model.settings import Settings
from telemetry import emit
from triggers._installations import Accepted, Installations
from triggers._json import NotJson, read_json

QUEUE = "installations"
CONNECTION = "AzureWebJobsStorage"

_LOG = logging.getLogger("installer.queue")


class BadMessage(ValueError):
    """A message that asks for nothing we can do; the host moves it to the poison queue."""


def register(app: df.DFApp, settings: Callable[[], Settings]) -> None:
    """Add the queue function to ``app``; ``settings`` is called per message."""

    @app.function_name("take_installation")
    @app.queue_trigger(  # pyright: ignore[reportUnknownMemberType] # the SDK leaves its options open
        arg_name="message", queue_name=QUEUE, connection=CONNECTION
    )
    @app.durable_client_input(client_name="client")
    async def take_installation(message: func.QueueMessage, client: DurableFunctionsClient) -> None:
        """Start the installation that a message asks for.

        A message that is delivered twice starts one installation. A bad one raises, so that the
        host delivers it again and at last moves it to the poison queue; its errors are in the log.
        """
        try:
            payload = read_json(message.get_body())
        except NotJson as wrong:
            _tell(f"message {message.id} is not JSON: {wrong}", "request-invalid")  # no values
            raise BadMessage("not JSON") from None
        answer = await Installations(client, settings()).start(payload)
        if not isinstance(answer, Accepted):
            told = "; ".join(f"{problem.pointer or '/'}: {problem.message}" for problem in answer)
            text = f"message {message.id} asks for nothing we can do: {told}"
            _tell(text, "request-invalid")
            raise BadMessage(told)
        _LOG.info("message %s: installation %s %s", message.id, answer.name, answer.outcome)


def _tell(text: str, code: str) -> None:
    emit.event(telemetry.POISON_MESSAGE, {telemetry.CODE: code}, text, warning=True)
