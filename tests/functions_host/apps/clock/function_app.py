"""Timers."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
_ticks = {"second": 0, "startup": 0}


@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def second(timer: func.TimerRequest) -> None:
    _ticks["second"] += 1


@app.timer_trigger(arg_name="timer", schedule="%RARELY%", run_on_startup=True)
async def startup(timer: func.TimerRequest) -> None:
    assert timer.past_due is False
    _ticks["startup"] += 1


@app.route(route="ticks")
def ticks(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(_ticks))
