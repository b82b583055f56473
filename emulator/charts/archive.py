"""A chart as helm reads it: a gzipped tar of its description, values and templates.

Format: https://helm.sh/docs/topics/charts/
"""

import io
import tarfile
from typing import Any

import yaml

from emulator.charts.catalogue import Chart

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  labels:
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector: {matchLabels: {app: NAME, app.kubernetes.io/instance: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: NAME, app.kubernetes.io/instance: {{ .Release.Name }}}}
    spec:
      serviceAccountName: NAME
      containers:
        - name: main
          image: "{{ .Values.image.repository }}/NAME:{{ .Chart.Version }}"
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: NAME}
"""
_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-values}
data:
  values.json: {{ .Values | toJson | quote }}
"""
_HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-startupcheck
  annotations:
    helm.sh/hook: post-install
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: check, image: check:1, command: ["true"]}]
"""


def archive(chart: Chart) -> bytes:
    """The ``.tgz``."""
    files = {
        "Chart.yaml": yaml.safe_dump(description(chart)),
        "values.yaml": yaml.safe_dump({"replicaCount": 1, "image": {"repository": "example"}}),
        "templates/settings.yaml": _SETTINGS,
    }
    for name in chart.workloads:
        files[f"templates/{name}.yaml"] = _WORKLOAD.replace("NAME", name)
    for definition in chart.definitions:
        files[f"crds/{definition}.yaml"] = yaml.safe_dump(_definition(definition))
    if chart.hook:
        files["templates/startupcheck.yaml"] = _HOOK
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"{chart.name}/{path}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def description(chart: Chart) -> dict[str, Any]:
    """What ``Chart.yaml`` says."""
    return {"apiVersion": "v2", "name": chart.name, "version": chart.version, "type": "application"}


def _definition(name: str) -> dict[str, Any]:
    kind, _, group = name.partition(".")
    plural = f"{kind.lower()}s"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": anything},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [version],
        },
    }
