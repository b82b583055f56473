"""Stage ``ensure_application``: a Job in the cluster installs Dash Enterprise through KOTS."""

from gateways import Gateways
from model import manifests
from model.kots_files import render_config_values, secret_names
from model.license import parse_license
from model.ownership import INSTALLER_NAMESPACE
from model.plan import ApplicationSpec
from model.results import Made


def ensure_application(gateways: Gateways, spec: ApplicationSpec) -> Made:
    """Start this attempt's Job, once: its name decides whether it was started.

    Secrets are read only when there is something to start, and go into the cluster alone.

    Raises:
        Refusal: The license or the ConfigValues template is not sound.
    """
    cluster = gateways.kubernetes(spec.target)
    job = manifests.application_job(spec.job)
    if cluster.attach_job(INSTALLER_NAMESPACE, job):
        return Made(resource_id=manifests.shown(job), changed=False)
    others = manifests.earlier_runs(spec.job.installation, spec.job.run_id)
    cluster.remove("Job", others, INSTALLER_NAMESPACE)  # two scripts must not work at once
    kit = manifests.application(spec, _inputs(gateways, spec))
    return Made(resource_id=manifests.shown(job), changed=cluster.start_job(kit))


def _inputs(gateways: Gateways, spec: ApplicationSpec) -> manifests.ApplicationInputs:
    names = spec.secrets
    vault = gateways.key_vault(names.vault_uri)
    license_text = vault.get(names.license)
    return manifests.ApplicationInputs(
        script=manifests.script("kots.sh"),
        app_slug=parse_license(license_text).app_slug,
        license=license_text,
        config_values=render_config_values(
            spec.kots.config_values,
            base_domain=spec.base_domain,
            certificate=vault.get(names.certificate),
            certificate_key=vault.get(names.certificate_key),
            secrets={name: vault.get(name) for name in secret_names(spec.kots.config_values)},
        ),
        admin_console_password=vault.get(names.admin_console_password),
    )
