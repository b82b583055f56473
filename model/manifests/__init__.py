"""Every Kubernetes object that the installer makes, as pure functions of plan records."""

from model.manifests.application import ApplicationInputs, application
from model.manifests.basics import installer_namespace, limits_quota, record
from model.manifests.component import component
from model.manifests.job import JobKit
from model.manifests.names import application_job, component_job, earlier_runs, every_run, shown
from model.manifests.scripts import script

__all__ = [
    "ApplicationInputs",
    "JobKit",
    "application",
    "application_job",
    "component",
    "component_job",
    "earlier_runs",
    "every_run",
    "installer_namespace",
    "limits_quota",
    "record",
    "script",
    "shown",
]
