"""The function app's settings are those that the app and the host know."""

import json
import re

from model.settings import Settings
from tests.infra.bicep_source import BICEP, ROOT, Module, key, literal, read
from triggers import queue

APP = BICEP / "modules" / "function-app.bicep"

LEFT_OUT = {
    "AZURE_TENANT_ID": "of a service principal; this app has a managed identity",
    "AZURE_CLIENT_CERTIFICATE_PATH": "same",
    "AZURE_CLIENT_CERTIFICATE_SECRET": "same",
    "AZURE_AUTHORITY_HOST": "the public cloud's is the default",
    "ARM_ENDPOINT": "same",
    "ARM_SCOPE": "same",
    "ARM_CA_FILE": "the public cloud has public certificates",
    "KEY_VAULT_VERIFY_CHALLENGE": "may be off only at a loopback address",
    "TLS_CA_FILE": "the default trusts what browsers trust",
    "NAME_SERVERS": "for tests: replaces the real name servers",
    "INGRESS_CONNECT_TO": "for tests: replaces the real address",
    "PACE_DIVISOR": "for tests: real time is 1",
}
"""Settings of the app that the Bicep does not set, and why."""

_IDENTITY = "https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection"
_APP_SETTINGS = "https://learn.microsoft.com/azure/azure-functions/functions-app-settings"
_EVENTS = (
    "https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-event-publishing"
)
_OVERRIDE = (
    "https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values"
)
_SCHEDULER = "https://learn.microsoft.com/azure/azure-functions/durable/durable-task-scheduler/durable-task-scheduler-identity"
_STATSBEAT = "https://learn.microsoft.com/azure/azure-monitor/app/statsbeat"
_TELEMETRY = "https://learn.microsoft.com/azure/azure-functions/opentelemetry-howto"
HOST = {
    "AzureWebJobsStorage__accountName": _IDENTITY,
    "AzureWebJobsStorage__credential": _IDENTITY,
    "AzureWebJobsStorage__clientId": _IDENTITY,
    "APPLICATIONINSIGHTS_CONNECTION_STRING": _APP_SETTINGS,
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": _APP_SETTINGS,
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": _STATSBEAT,
    "PYTHON_ENABLE_OPENTELEMETRY": _TELEMETRY,
    "PYTHON_THREADPOOL_THREAD_COUNT": _APP_SETTINGS,
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING": _SCHEDULER,
    "EventGrid__topicEndpoint": _EVENTS,
    "EventGrid__credential": _EVENTS,
    "EventGrid__clientId": _EVENTS,
}
"""Settings of the Functions host, each with the page that tells of it."""
_HOST_JSON = "AzureFunctionsJobHost__"


def written(module: Module) -> dict[str, object]:
    """Every application setting that a module writes, with its value."""
    return {
        key(name): value
        for variable, settings in module.variables.items()
        if variable.endswith("Settings")
        for name, value in settings.items()
        if not name.startswith("__")
    }


def test_every_setting_of_the_app_is_set_or_left_out_for_a_reason() -> None:
    """A new setting has to be decided about here."""
    of_app = set(Settings.names())
    found = set(written(read(APP)))

    assert of_app - found == set(LEFT_OUT)
    assert found & set(LEFT_OUT) == set()


def test_every_setting_that_is_set_is_known() -> None:
    """A misspelt setting would be read by nobody."""
    unknown = {
        name
        for name in written(read(APP))
        if name not in Settings.names() and name not in HOST and not name.startswith(_HOST_JSON)
    }

    assert unknown == set()
    assert all(
        page.startswith("https://learn.microsoft.com/") for page in (*HOST.values(), _OVERRIDE)
    )


def test_overrides_of_host_json_are_of_the_durable_extension() -> None:
    """What overrides host.json overrides the part that the optional services are about."""
    paths = [n.split("__")[1:] for n in written(read(APP)) if n.startswith(_HOST_JSON)]

    assert len(paths) == 5
    assert all(path[:2] == ["extensions", "durableTask"] for path in paths)


def test_every_group_of_settings_reaches_the_app() -> None:
    """A variable with settings that is not merged into them sets nothing."""
    merged = read(APP).text.split("properties: union(")[1]
    groups = [name for name in read(APP).variables if name.endswith("Settings")]

    assert [name for name in groups if not re.search(rf"\b{name}\b", merged)] == []


def test_the_worker_has_as_many_threads_as_activities_may_run() -> None:
    """Fewer would leave activities waiting in a worker that said it would run them."""
    host = json.loads((ROOT / "host.json").read_text())["extensions"]["durableTask"]
    threads = literal(written(read(APP))["PYTHON_THREADPOOL_THREAD_COUNT"])

    assert threads == str(host["maxConcurrentActivityFunctions"])


def test_the_queues_are_those_that_the_trigger_reads() -> None:
    """The queue of requests, and where the host puts what it gave up on."""
    names = [literal(n) for n in read(BICEP / "modules" / "storage.bicep").variables["queueNames"]]

    assert names == [queue.QUEUE, f"{queue.QUEUE}-poison"]
    assert f"{queue.CONNECTION}__accountName" in written(read(APP))


def test_the_task_hub_keeps_its_name_in_the_scheduler() -> None:
    """Dashboards and alerts name the hub: it is one name, whatever stores it."""
    host = json.loads((ROOT / "host.json").read_text())["extensions"]["durableTask"]

    assert literal(read(BICEP / "main.bicep").variables["taskHubName"]) == host["hubName"]


def test_the_app_runs_on_the_python_that_it_is_tested_on() -> None:
    """Plan and project name the same version."""
    app = next(r for r in read(APP).resources if r.symbol == "app")
    runtime = app.body["properties"]["functionAppConfig"]["runtime"]

    assert literal(runtime["version"]) == (ROOT / ".python-version").read_text().strip()


def test_an_unknown_setting_is_found() -> None:
    """The check compares names exactly."""
    assert "AZURE_CLIENTID" not in {*Settings.names(), *HOST}
