"""The least durable app: one orchestrator, one activity."""

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="ctx")
def story(ctx, value):  # noqa: ANN001, ANN201, D103 # as small as an app can be
    return (yield ctx.call_activity("step", input=value))


@app.activity_trigger(input_name="value")
def step(value: dict) -> dict:  # noqa: D103 # the same
    return value
