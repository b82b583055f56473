"""The orphan report: what the hub knows, against what carries our tag in Azure."""

import asyncio
import re

from durabletask.client import OrchestrationQuery, OrchestrationState

from model import wire
from model.errors import Busy, Refusal
from model.orphans import orphans
from triggers._installations import INSTALL, Installations
from triggers._known import last_success
from triggers._signs import ACTIVE

SUBSCRIPTION = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def report(known: Installations, asked: str | None) -> wire.JsonObject:
    """Orphans by subscription, and the subscriptions that could not be listed.

    Args:
        known: The installations of this hub.
        asked: One subscription; None for those of every installation that this hub remembers.
    """
    query = OrchestrationQuery(fetch_inputs_and_outputs=True)
    states = await known.client.get_all_orchestration_states(query)
    mine = [state for state in states if state.name == INSTALL]
    alive = {state.instance_id for state in mine if _lives(state)}
    remembered = {state.get_input()["group"]["subscriptionId"].lower() for state in mine}
    subscriptions = [asked.lower()] if asked else sorted(remembered)
    told: wire.JsonObject = {"subscriptions": subscriptions, "orphans": [], "notListed": []}
    for subscription in subscriptions:
        try:
            found = await asyncio.to_thread(known.marked, subscription)
        except (Refusal, Busy) as no:
            reason = f"{no.reason} {no.remedy}" if isinstance(no, Refusal) else no.detail
            told["notListed"].append({"subscriptionId": subscription, "reason": reason})
            continue
        listed = orphans(found, alive, known.settings.installer_id)
        told["orphans"] += [orphan.told() for orphan in listed]
    return told


def _lives(state: OrchestrationState) -> bool:
    """Whether people may be using it: a later run that failed is no reason to remove it."""
    return state.runtime_status in ACTIVE or last_success(state) is not None
