"""A bakery: every durable pattern in one small app."""

import json
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="start/{name}/{id?}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    payload = json.loads(req.get_body() or b"null")
    instance_id = await client.schedule_new_orchestration(
        req.route_params["name"], input=payload, instance_id=req.route_params.get("id")
    )
    return client.create_check_status_response(req, instance_id)


@app.orchestration_trigger(context_name="ctx")
def bake(ctx, flour):
    ctx.set_custom_status({"oven": "warming"})
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(milliseconds=50))
    loaves = yield ctx.call_activity("knead", input=flour)
    crust = yield ctx.call_sub_orchestrator("crisp", input=loaves)
    taste = yield ctx.wait_for_external_event("taste")
    return {"loaves": loaves, "crust": crust, "taste": taste}


@app.orchestration_trigger(context_name="ctx")
def crisp(ctx, loaves):
    return (yield ctx.call_activity("knead", input=loaves))


@app.activity_trigger(input_name="amount")
def knead(amount: int) -> int:
    return amount * 2
