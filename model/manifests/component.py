"""The Job that installs one piece of supporting software with helm or kubectl."""

from model.kots_files import as_yaml
from model.manifests import names
from model.manifests.job import INPUTS, JobKit, ScriptRun, kit, seconds
from model.plan import ComponentSpec

VALUES = "values.yaml"


def component(spec: ComponentSpec, script: str) -> JobKit:
    """The objects of one attempt at a component; ``script`` is the text of ``helm.sh``."""
    return kit(
        ScriptRun(
            name=names.component_job(spec),
            image=spec.image,
            script="helm.sh",
            text=script,
            run=spec.job,
            environment={
                "COMPONENT": spec.name,
                "KIND": spec.kind,
                "CHART": spec.chart,
                "REPOSITORY": spec.repository or "",
                "VERSION": spec.version,
                "NAMESPACE": spec.namespace,
                "VALUES_FILE": f"{INPUTS}/{VALUES}",
                "WAIT_SECONDS": seconds(spec.job.patience),
                "POLL_SECONDS": f"{spec.job.poll.total_seconds():g}",
            },
            inputs={VALUES: as_yaml(spec.values)},
        )
    )
