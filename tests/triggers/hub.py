"""A task hub in memory that speaks the durable client's protocol: its calls, states and errors."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import grpc
from azure.durable_functions import DurableFunctionsClient
from durabletask.client import OrchestrationQuery, OrchestrationState, OrchestrationStatus

RUNNING = OrchestrationStatus.RUNNING
ENDED = {
    OrchestrationStatus.COMPLETED,
    OrchestrationStatus.FAILED,
    OrchestrationStatus.TERMINATED,
}


def state(
    instance_id: str,
    name: str,
    status: OrchestrationStatus = RUNNING,
    **facts: Any,
) -> OrchestrationState:
    """One instance; ``facts`` are created, updated, input, output, custom and failure."""
    created = facts.get("created", datetime(2026, 5, 1, 12, 0))  # noqa: DTZ001 # Durable's times are naive
    return OrchestrationState(
        instance_id,
        name,
        status,
        created,
        facts.get("updated", created),
        _json(facts.get("input")),
        _json(facts.get("output")),
        _json(facts.get("custom")),
        facts.get("failure"),
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


@dataclass
class Hub:
    """Instances by id, and the events that were raised.

    Attributes:
        rpcBaseUrl: As the binding has it; empty when the host opened no gRPC endpoint.
        twin: Whether somebody else starts every instance just before we do.
    """

    instances: dict[str, OrchestrationState] = field(default_factory=dict[str, OrchestrationState])
    events: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])
    rpcBaseUrl: str = "http://127.0.0.1:1/"  # noqa: N815 # the binding's own name
    taskHubName: str = "TestHub"  # noqa: N815 # the same
    twin: bool = False

    @property
    def client(self) -> DurableFunctionsClient:
        """As what it is used."""
        return cast("DurableFunctionsClient", self)

    def add(self, *states: OrchestrationState) -> "Hub":
        """Put instances into the hub, over those of the same id."""
        self.instances |= {one.instance_id: one for one in states}
        return self

    async def get_orchestration_state(
        self, instance_id: str, *, fetch_payloads: bool = True
    ) -> OrchestrationState | None:
        """As the client: None for an unknown id."""
        found = self.instances.get(instance_id)
        return found if found is None or fetch_payloads else _bare(found)

    async def get_all_orchestration_states(
        self, orchestration_query: OrchestrationQuery
    ) -> list[OrchestrationState]:
        """As the client: inputs and outputs only when asked for, custom status always."""
        wanted = orchestration_query.runtime_status
        found = [
            one for one in self.instances.values() if wanted is None or one.runtime_status in wanted
        ]
        return (
            found if orchestration_query.fetch_inputs_and_outputs else [_bare(one) for one in found]
        )

    async def schedule_new_orchestration(
        self,
        orchestrator: str,
        *,
        input: Any,  # noqa: A002 # the client's own name
        instance_id: str,
    ) -> str:
        """As the client: an instance of that id that has not ended is never replaced."""
        known = self.instances.get(instance_id)
        if self.twin or (known is not None and known.runtime_status not in ENDED):
            raise grpc.aio.AioRpcError(
                grpc.StatusCode.ALREADY_EXISTS, grpc.aio.Metadata(), grpc.aio.Metadata()
            )
        self.add(state(instance_id, orchestrator, OrchestrationStatus.PENDING, input=input))
        return instance_id

    async def raise_orchestration_event(self, instance_id: str, name: str, *, data: Any) -> None:
        """As the client: data is serialised."""
        self.events.append((instance_id, name, json.loads(json.dumps(data))))


def _bare(one: OrchestrationState) -> OrchestrationState:
    return replace(one, serialized_input=None, serialized_output=None)


NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
