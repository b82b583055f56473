"""The Job that installs Dash Enterprise through KOTS."""

from dataclasses import dataclass, field

from model.manifests import names
from model.manifests.job import INPUTS, JobKit, ScriptRun, kit, seconds
from model.plan import ApplicationSpec

LICENSE = "license.yaml"
CONFIG_VALUES = "config-values.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationInputs:
    """What the Job works with beyond the plan.

    Attributes:
        script: Text of ``kots.sh``.
        app_slug: As the license says.
        license: The license file, byte for byte: it is signed.
        config_values: The rendered ConfigValues file.
        admin_console_password: Of the Admin Console that KOTS sets up.
    """

    script: str
    app_slug: str
    license: str = field(repr=False)
    config_values: str = field(repr=False)
    admin_console_password: str = field(repr=False)


def application(spec: ApplicationSpec, inputs: ApplicationInputs) -> JobKit:
    """The objects of one attempt at the application."""
    kots = spec.kots
    upstream = f"{inputs.app_slug}/{kots.channel}" if kots.channel else inputs.app_slug
    return kit(
        ScriptRun(
            name=names.application_job(spec.job),
            image=f"{kots.image}:v{kots.version}",
            script="kots.sh",
            text=inputs.script,
            run=spec.job,
            environment={
                "APP_SLUG": inputs.app_slug,
                "APP_UPSTREAM": upstream,
                "APP_NAMESPACE": kots.namespace,
                "APP_VERSION": kots.app_version or "",
                "LICENSE_FILE": f"{INPUTS}/{LICENSE}",
                "CONFIG_VALUES_FILE": f"{INPUTS}/{CONFIG_VALUES}",
                "WAIT_SECONDS": seconds(spec.job.patience),
                "POLL_SECONDS": f"{spec.job.poll.total_seconds():g}",
                "SKIP_PREFLIGHTS": "true" if kots.skip_preflights else "false",
                "ALLOWED_WARNINGS": "\n".join(kots.allowed_preflight_warnings),
                "KOTS_FLAGS": "",
            },
            inputs={LICENSE: inputs.license, CONFIG_VALUES: inputs.config_values},
            secret_environment={"KOTS_SHARED_PASSWORD": inputs.admin_console_password},
        )
    )
