"""A bakery: every durable pattern in one small app."""

import json
import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func
from durabletask import entities, task

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
_lock = threading.Lock()
_runs: dict = {}


def _answer(value, status=200):
    return func.HttpResponse(json.dumps(value), status_code=status, mimetype="application/json")


def _state(state):
    return (
        None
        if state is None
        else {
            "status": state.runtime_status.name,
            "input": json.loads(state.serialized_input or "null"),
            "output": json.loads(state.serialized_output or "null"),
            "custom": json.loads(state.serialized_custom_status or "null"),
            "failure": state.failure_details
            and [state.failure_details.error_type, state.failure_details.message],
        }
    )


@app.route(route="start/{name}/{id?}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    payload = json.loads(req.get_body() or b"null")
    delay = float(req.params.get("delay", 0))
    instance_id = await client.schedule_new_orchestration(
        req.route_params["name"],
        input=payload,
        instance_id=req.route_params.get("id"),
        start_at=datetime.now(UTC) + timedelta(seconds=delay) if delay else None,
        version=req.params.get("version"),
        tags={"oven": "left"},
    )
    return client.create_check_status_response(req, instance_id)


@app.route(route="wait/{id}")
@app.durable_client_input(client_name="client")
async def wait(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    return _answer(
        _state(await client.wait_for_orchestration_completion(req.route_params["id"], timeout=20))
    )


@app.route(route="wait-sync/{id}")
@app.durable_client_input(client_name="client")
def wait_sync(req: func.HttpRequest, client: df.SyncDurableFunctionsClient) -> func.HttpResponse:
    return _answer(
        _state(client.wait_for_orchestration_completion(req.route_params["id"], timeout=20))
    )


@app.route(route="blocked/{id}")
@app.durable_client_input(client_name="client")
async def blocked(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """A coroutine that blocks: the host must go on serving the task hub meanwhile."""
    from durabletask.client import TaskHubGrpcClient

    plain = TaskHubGrpcClient(host_address=client.rpcBaseUrl)
    try:
        return _answer(plain.get_orchestration_state(req.route_params["id"]) is not None)
    finally:
        plain.close()


@app.route(route="steer/{id}/{what}/{name?}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def steer(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    key, what = req.route_params["id"], req.route_params["what"]
    if what == "event":
        await client.raise_orchestration_event(
            key, req.route_params["name"], data=json.loads(req.get_body() or b"null")
        )
    elif what == "terminate":
        await client.terminate_orchestration(key, output="burnt", recursive=True)
    elif what == "suspend":
        await client.suspend_orchestration(key)
    elif what == "resume":
        await client.resume_orchestration(key)
    elif what == "restart":
        return _answer(await client.restart_orchestration(key, restart_with_new_instance_id=True))
    elif what == "rewind":
        await client.rewind_orchestration(key, reason="again")
    elif what == "purge":
        return _answer((await client.purge_orchestration(key)).deleted_instance_count)
    return func.HttpResponse(status_code=202)


@app.route(route="history/{id}")
@app.durable_client_input(client_name="client")
async def history(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    events = await client.get_orchestration_history(req.route_params["id"])
    return _answer([[type(e).__name__, str(getattr(e, "input", None))] for e in events])


@app.route(route="signal/{name}/{key}/{op}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def signal(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    target = entities.EntityInstanceId(req.route_params["name"], req.route_params["key"])
    delay = float(req.params.get("delay", 0))
    await client.signal_entity(
        target,
        req.route_params["op"],
        input=json.loads(req.get_body() or b"null"),
        signal_time=datetime.now(UTC) + timedelta(seconds=delay) if delay else None,
    )
    return func.HttpResponse(status_code=202)


@app.route(route="entity/{name}/{key}")
@app.durable_client_input(client_name="client")
async def entity(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    found = await client.get_entity(
        entities.EntityInstanceId(req.route_params["name"], req.route_params["key"])
    )
    return _answer({"exists": found is not None, "state": found and found.get_typed_state()})


@app.route(route="clean", methods=["POST"])
@app.durable_client_input(client_name="client")
async def clean(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    done = await client.clean_entity_storage()
    return _answer([done.empty_entities_removed, done.orphaned_locks_released])


@app.route(route="runs/{key}")
def runs(req: func.HttpRequest) -> func.HttpResponse:
    return _answer(_runs.get(req.route_params["key"], []))


@app.orchestration_trigger(context_name="ctx")
def bake(ctx, flour):
    ctx.set_custom_status({"oven": "warming"})
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(milliseconds=50))
    loaves = yield ctx.call_activity("knead", input=flour)
    crust = yield ctx.call_sub_orchestrator("crisp", input=loaves)
    taste = yield ctx.wait_for_external_event("taste")
    ctx.set_custom_status({"oven": "off"})
    return {"loaves": loaves, "crust": crust["value"], "parent": crust["parent"], "taste": taste}


@app.orchestration_trigger(context_name="ctx")
def crisp(ctx, loaves):
    value = yield ctx.call_activity("knead", input=loaves)
    return {"value": value, "parent": ctx.parent_instance_id}


@app.orchestration_trigger(context_name="ctx")
def quick(ctx, flour):
    return (yield ctx.call_activity("knead", input=flour))


@app.orchestration_trigger(context_name="ctx")
def fan(ctx, count):
    return sum((yield task.when_all([ctx.call_activity("knead", input=i) for i in range(count)])))


@app.orchestration_trigger(context_name="ctx")
def rounds(ctx, count):
    # a timer and an event left over from an earlier round must not disturb a later one
    ctx.create_timer(ctx.current_utc_datetime + timedelta(milliseconds=150))
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(milliseconds=100))
    if count < 4:
        ctx.continue_as_new(count + 1)
        return None
    return count


@app.orchestration_trigger(context_name="ctx")
def patient(ctx, key):
    policy = task.RetryPolicy(
        first_retry_interval=timedelta(milliseconds=50), max_number_of_attempts=3
    )
    return (yield ctx.call_activity("stumble", input=key, retry_policy=policy))


@app.orchestration_trigger(context_name="ctx")
def fragile(ctx, key):
    return (yield ctx.call_activity("stumble", input=key))


@app.orchestration_trigger(context_name="ctx")
def outer(ctx, key):
    try:
        return (yield ctx.call_sub_orchestrator("fragile", input=key))
    except task.TaskFailedError as failed:
        return [failed.details.error_type, failed.details.message]


@app.orchestration_trigger(context_name="ctx")
def nobody(ctx, _):
    yield ctx.call_activity("does_not_exist", input=1)


@app.orchestration_trigger(context_name="ctx")
def versioned(ctx, _):
    yield ctx.call_activity("knead", input=1)
    return ctx.version


@app.orchestration_trigger(context_name="ctx")
def locked(ctx, key):
    till = entities.EntityInstanceId("till", key)
    with (yield ctx.lock_entities([till])):
        before = yield ctx.call_entity(till, "get")
        yield ctx.create_timer(ctx.current_utc_datetime + timedelta(milliseconds=300))
        yield ctx.call_entity(till, "set", before + 1)
        after = yield ctx.call_entity(till, "get")
    return [before, after]


@app.orchestration_trigger(context_name="ctx")
def break_till(ctx, key):
    try:
        yield ctx.call_entity(entities.EntityInstanceId("till", key), "boom")
    except Exception as failed:
        return str(failed)


@app.orchestration_trigger(context_name="ctx")
def napping(ctx, seconds):
    ctx.call_sub_orchestrator("nap", input=seconds, instance_id=ctx.instance_id + "-child")
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(seconds=seconds))


@app.orchestration_trigger(context_name="ctx")
def nap(ctx, seconds):
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(seconds=seconds))


@app.orchestration_trigger(context_name="ctx")
def counted(ctx, key):
    first = yield ctx.call_activity("count", input=key)
    second = yield ctx.call_activity("count", input=key)
    return [first, second]


@app.orchestration_trigger(context_name="ctx")
def object_result(ctx, _):
    return (yield ctx.call_activity("dataclass_result", input=1))


@app.orchestration_trigger(context_name="ctx")
def hushed(ctx, _):
    logging.getLogger("app").info("quiet %s", ctx.instance_id)
    logging.getLogger("app").warning("loud %s", ctx.instance_id)
    return "logged"


@app.activity_trigger(input_name="amount")
def knead(amount: int) -> int:
    return amount * 2


@app.activity_trigger(input_name="key")
@app.durable_client_input(client_name="client")
def count(key: str, client: df.SyncDurableFunctionsClient) -> int:
    assert isinstance(client, df.SyncDurableFunctionsClient)
    began = time.monotonic()
    time.sleep(0.05)
    with _lock:
        _runs.setdefault(key, []).append([began, time.monotonic()])
        return len(_runs[key])


@app.activity_trigger(input_name="key")
async def stumble(key: str) -> str:
    with _lock:
        _runs.setdefault(key, []).append(time.monotonic())
    if len(_runs[key]) < int(key.split("-", maxsplit=1)[0]):
        raise ValueError("dough on the floor: " + key)
    return "stood up"


@app.activity_trigger(input_name="n")
def dataclass_result(n: int):
    from dataclasses import dataclass

    @dataclass
    class Loaf:
        weight: int

    return Loaf(n)


@app.entity_trigger(context_name="ctx")
def till(ctx, value=None):
    if ctx.operation == "get":
        return ctx.get_state(int, 0)
    if ctx.operation == "set":
        ctx.set_state(value)
    if ctx.operation == "add":
        ctx.set_state(ctx.get_state(int, 0) + value)
    if ctx.operation == "delete":
        ctx.set_state(None)
    if ctx.operation == "relay":
        ctx.signal_entity(entities.EntityInstanceId("till", value), "add", 7)
        ctx.schedule_new_orchestration("quick", input=3)
    if ctx.operation == "boom":
        raise ValueError("the till is stuck")
    return None
