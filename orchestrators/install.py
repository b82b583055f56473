"""The installation, told from beginning to end."""

from dataclasses import replace

from durabletask import task

from model import report, wire
from model.error_codes import CODES, FAULT
from model.errors import Cancelled, StageRefused
from model.finding import CLUSTER_IS_OURS, Findings, counted
from model.governor import CREATION_LOT, PREFLIGHT_LOT, RECORDS_LOT
from model.origin import Origin
from model.plan import (
    ApplicationSpec,
    ComponentSpec,
    InstallPlan,
    RecordSpec,
    RecordsSpec,
)
from model.progress import Progress
from model.report import InstallReport
from model.results import ClusterFacts, Evidence, JobDone, JobEnded, Made
from model.stages import (
    ENSURE_ADMINISTRATOR,
    ENSURE_APPLICATION,
    ENSURE_CLUSTER,
    ENSURE_COMPONENT,
    ENSURE_DNS_RECORDS,
    ENSURE_LIMITS,
    ENSURE_NETWORK,
    ENSURE_RECORD,
    ENSURE_RESOURCE_GROUP,
    ENSURE_SUBNET_ACCESS,
    OBSERVE_APPLICATION,
    OBSERVE_CLUSTER,
    OBSERVE_COMPONENT,
    OBSERVE_DNS_RECORDS,
    OBSERVE_IDENTITY_PROVIDER,
    OBSERVE_LOAD_BALANCER,
    OBSERVE_NETWORK,
    OBSERVE_NODES,
    REMOVE_INSTALLER_ACCESS,
    VERIFY_INSTALLATION,
    Stage,
)
from orchestrators._branches import Branch, Branches, Durable
from orchestrators._ending import Ending, access_of
from orchestrators._gates import pass_approval, pass_gate
from orchestrators._run import Run, told
from orchestrators.governor import queue_up
from orchestrators.preflight import PREFLIGHT, PreflightInput

JOB_ATTEMPTS = 3
"""Runs of one Job: its goal is idempotent, and registries and license servers have bad minutes."""


def install_dash_enterprise(
    ctx: task.OrchestrationContext, payload: wire.JsonObject
) -> Durable[wire.JsonObject]:
    """Install Dash Enterprise as the encoded ``InstallPlan`` in ``payload`` says.

    Every stage is an *ensure*: a second run finds its work done and moves on, so a failed
    installation is resumed by starting it again.

    Returns:
        An encoded ``InstallReport``, of success or of a cancellation.

    Raises:
        StageRefused: A stage said no for good, or was not done within its deadline.
    """
    plan = wire.decode(InstallPlan, payload)
    installation = Installation(ctx, plan)
    cancel = ctx.wait_for_external_event("cancel")
    try:
        ended = yield from installation.branches.tell(installation.story(), cancel)
    except StageRefused as refusal:
        yield from installation.ending.give_up("Failed", refusal)
        raise
    except task.TaskFailedError as fault:
        refusal = StageRefused("install", FAULT, fault.details.message, _remedy(FAULT))
        yield from installation.ending.give_up("Failed", refusal)
        raise refusal from fault
    except Cancelled:
        asked = told(cancel.get_result())
        why = installation.cancellation(str(asked.get("by", "a person")))
        clean = asked.get("clean") is True
        leftovers = yield from installation.ending.give_up("Cancelled", why, clean=clean)
        ended = report.cancelled(installation.run.progress, leftovers)
    return wire.encode(ended)


class Installation:
    """One installation: its plan, its run, and the chapters of its story."""

    def __init__(self, ctx: task.OrchestrationContext, plan: InstallPlan) -> None:
        begun = Progress(
            run_id=plan.run_id,
            attempt=plan.attempt,
            plan_hash=plan.plan_hash,
            started_at=ctx.current_utc_datetime,
        )
        self.ctx = ctx
        self.plan = plan
        self.branches = Branches()
        self.origin = Origin(
            installation=plan.name,
            run_id=plan.run_id,
            attempt=plan.attempt,
            subscription=plan.group.subscription_id,
        )
        self.run = Run(ctx, plan.pace, begun, self.origin)
        self.ending = Ending(self.run, plan, self.branches)
        self.run.telling.installation_began()

    def story(self) -> Durable[InstallReport]:
        """Everything, in order; what does not depend on each other overlaps."""
        plan, run = self.plan, self.run
        yield from queue_up(run, plan.group.subscription_id, PREFLIGHT_LOT)
        yield from self.pass_preflight()
        approved_by = yield from pass_approval(run, plan)
        yield from queue_up(run, plan.group.subscription_id, CREATION_LOT)

        cluster = yield from self.make_cluster()
        capacity = yield from run.perform(OBSERVE_NODES, plan.nodes)
        yield from self.install_components()

        application = self.branches.start(self.install_application())
        found = yield from run.perform(OBSERVE_LOAD_BALANCER, plan.load_balancer)
        names = self.branches.start(self.publish_names(found.address))
        installed = yield from application.result()

        administrator_spec = replace(plan.administrator, address=found.address)
        yield from run.perform(OBSERVE_IDENTITY_PROVIDER, administrator_spec)
        administrator = yield from run.perform(ENSURE_ADMINISTRATOR, administrator_spec)
        limits = yield from run.perform(ENSURE_LIMITS, replace(plan.limits, address=found.address))
        if limits.instructions:
            yield from pass_gate(run, "limits-set", limits.instructions, plan.gate_patience)

        published = yield from names.result()
        proved = yield from run.perform(
            VERIFY_INSTALLATION, replace(plan.verify, address=found.address)
        )
        ended = report.succeeded(
            plan,
            run.progress,
            evidence=(published, *proved.evidence),
            application_version=installed.version,
            kubernetes_version=cluster.kubernetes_version,
            administrator=administrator,
            limits=limits,
            capacity=capacity,
            approved_by=approved_by,
        )
        yield from self.leave_record(ended)
        self.ending.end("Succeeded")
        return replace(ended, timings=report.timings(run.progress))

    def pass_preflight(self) -> Durable[None]:
        """Run every check; the first error found ends the installation, with nothing created."""
        run, plan = self.run, self.plan
        run.tell(run.progress.begin(PREFLIGHT, self.run.now))
        asked = PreflightInput(
            checks=plan.checks,
            pace=replace(plan.pace, governed=False),
            plan_hash=plan.plan_hash,
            run_id=plan.run_id,
            origin=self.origin,
        )
        child = f"{plan.name}:{plan.run_id}:{PREFLIGHT}"
        answer = yield from run.call_child(PREFLIGHT, wire.encode(asked), child)
        findings = wire.decode(Findings, answer).findings
        if plan.attempt == 1 and any(each.rule == CLUSTER_IS_OURS for each in findings):
            self.ending.keeps = "its cluster was there before this app knew of it"
        errors = [finding for finding in findings if finding.severity == "error"]
        if errors:
            code = errors[0].code or "request-invalid"
            run.end(PREFLIGHT, "refused", errors[0].found, code)
            others = counted(len(errors) - 1, "more error")
            more = f" ({others} in the findings)" if errors[1:] else ""
            raise StageRefused(PREFLIGHT, code, errors[0].found + more, errors[0].remedy)
        warnings = sum(finding.severity == "warning" for finding in findings)
        ended = run.progress.end(PREFLIGHT, "done", self.run.now, counted(warnings, "warning"))
        run.tell(ended)

    def make_cluster(self) -> Durable[ClusterFacts]:
        """Resource group, network and cluster."""
        plan, run = self.plan, self.run
        yield from run.perform(ENSURE_RESOURCE_GROUP, plan.group)
        if plan.network is not None:
            yield from run.perform(ENSURE_NETWORK, plan.network)
            yield from run.perform(OBSERVE_NETWORK, plan.network)
        yield from run.perform(ENSURE_CLUSTER, plan.cluster)
        if plan.cluster.subnet_id is not None:
            yield from run.perform(ENSURE_SUBNET_ACCESS, plan.cluster)
        return (yield from run.perform(OBSERVE_CLUSTER, plan.cluster))

    def install_components(self) -> Durable[None]:
        """Install the supporting software, each piece as soon as those before it allow."""
        started: dict[str, Branch[JobDone]] = {}
        for component in self.plan.components:
            after = [started[name] for name in component.after if name in started]
            started[component.name] = self.branches.start(self._component(component, after))
        for branch in started.values():
            yield from branch.result()

    def _component(self, spec: ComponentSpec, after: list[Branch[JobDone]]) -> Durable[JobDone]:
        for branch in after:
            yield from branch.result()
        return (yield from self._job(spec, ENSURE_COMPONENT, OBSERVE_COMPONENT, "component-failed"))

    def install_application(self) -> Durable[JobDone]:
        """Install Dash Enterprise and watch until it is deployed and ready."""
        return (
            yield from self._job(
                self.plan.application, ENSURE_APPLICATION, OBSERVE_APPLICATION, "application-failed"
            )
        )

    def publish_names(self, address: str) -> Durable[Evidence]:
        """Bring the seven names into DNS and see that the world resolves them."""
        resolved = Evidence(subject="dns", proof=f"seven names resolve to {address}")
        records = RecordsSpec(domain=self.plan.domain, address=address)
        if self.plan.domain.mode == "azure":
            yield from queue_up(self.run, self.plan.domain.subscription_id, RECORDS_LOT)
        wanted = yield from self.run.perform(ENSURE_DNS_RECORDS, records)
        if self.plan.domain.mode == "azure":
            yield from self.run.perform(OBSERVE_DNS_RECORDS, records)
            return resolved
        lines = [f"{record.name} {record.kind} {record.value}" for record in wanted.records]
        self.run.tell(self.run.progress.note(dnsRecords=lines))
        seen = yield from self.run.perform_unless(OBSERVE_DNS_RECORDS, records, "dns-ready")
        self.run.tell(self.run.progress.note(dnsRecords=None))
        if seen is not None:
            return resolved
        word = self.run.progress.stages[OBSERVE_DNS_RECORDS.name].detail
        return Evidence(subject="dns", proof=f"not seen to resolve; {word}")

    def leave_record(self, ended: InstallReport) -> Durable[None]:
        """Store the record in the cluster and take back every right of the installer."""
        plan = self.plan
        text = report.record_text(plan, ended)
        spec = RecordSpec(
            target=plan.application.target, installation=plan.name, run_id=plan.run_id, text=text
        )
        yield from self.run.perform(ENSURE_RECORD, spec)
        yield from self.run.perform(REMOVE_INSTALLER_ACCESS, access_of(plan))

    def cancellation(self, by: str) -> StageRefused:
        """Why it ends when ``by`` cancelled it: at the stage that was in progress."""
        where = next(iter(self.run.progress.in_progress), "install")
        return StageRefused(where, "cancelled", f"{by} cancelled it", _remedy("cancelled"))

    def _job[Q: (ComponentSpec, ApplicationSpec)](
        self,
        spec: Q,
        ensure: Stage[Q, Made],
        observe: Stage[Q, JobEnded],
        failure_code: str,
    ) -> Durable[JobDone]:
        subject = spec.name if isinstance(spec, ComponentSpec) else ""
        key = f"{observe.name}/{subject}" if subject else observe.name
        failed = ""
        for attempt in range(1, JOB_ATTEMPTS + 1):
            this = replace(spec, job=replace(spec.job, attempt=attempt))
            yield from self.run.perform(ensure, this, subject)
            ended = yield from self.run.perform(observe, this, subject)
            if ended.done is not None:
                return ended.done
            failed = ended.failed.detail if ended.failed else ""
        used = self.run.progress.stages[key].attempts
        self.run.telling.fault(self.origin.at(key, used), "failed", failure_code)
        reason = f"{JOB_ATTEMPTS} Jobs ended without success, the last: {failed}"
        raise StageRefused(observe.name, failure_code, reason, _remedy(failure_code))


def _remedy(code: str) -> str:
    return CODES[code].remedy
