#!/usr/bin/env bash
# Installs one supporting component from inside the cluster, by helm or from a manifest; safe to run again.
#
#   COMPONENT, KIND (chart|manifest), CHART (reference or URL), REPOSITORY (may be empty), VERSION, NAMESPACE
#   VALUES_FILE     helm values, mounted from a Secret
#   WAIT_SECONDS    patience
#
# Prints one JSON object a line; the last one has "event":"result".
# Exit: 0 installed and ready · 10 a permanent no, in the result line · 20 a fault, or patience ended: a new run goes on.
set -uo pipefail

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

quoted() { # any text as a JSON string, control characters dropped
  local text
  text=$(printf '%s' "$1" | LC_ALL=C tr -d '\000-\037')
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

say() { # say EVENT KEY VALUE ...
  local line
  line="{\"time\":\"$(now)\",\"event\":\"$1\""
  shift
  while [ $# -gt 1 ]; do
    line+=",\"$1\":$(quoted "$2")"
    shift 2
  done
  printf '%s}\n' "$line"
}

finish() { # finish EXIT CODE TEXT
  say result code "$2" detail "$3" status "" state "" version "$VERSION"
  exit "$1"
}

judge() { # judge EXIT: what the last words mean
  local last
  last=$(grep -E 'Error|error' "$said" | tail -n 1)
  [ "$1" -ne 0 ] || finish 0 ready "$COMPONENT $VERSION is installed"
  case $last in
    *timed\ out* | *timeout* | *deadline\ exceeded* | *connection\ refused* | *no\ such\ host* | *TLS\ handshake* | *"another operation"* | *EOF*)
      finish 20 deadline "${last:-ended with exit code $1}" ;;
    *) finish 10 component-refused "${last:-ended with exit code $1}" ;;
  esac
}

show() {
  local line
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    printf '%s\n' "$line" >>"$said"
    case $line in *Error* | *error* | STATUS* | *created | *configured | *unchanged | *serverside-applied) say helm line "$line" ;; esac
  done
}

install_chart() {
  local status
  status=$(helm status "$COMPONENT" -n "$NAMESPACE" -o json 2>/dev/null | sed -n 's/.*"status": *"\([^"]*\)".*/\1/p' | head -n 1)
  say look detail "release is ${status:-absent}"
  case $status in
    pending-install) helm uninstall "$COMPONENT" -n "$NAMESPACE" --wait 2>&1 | show ;; # a run that was killed left it so
    pending-upgrade | pending-rollback) helm rollback "$COMPONENT" -n "$NAMESPACE" --wait 2>&1 | show ;;
  esac
  helm upgrade --install "$COMPONENT" "$CHART" ${REPOSITORY:+--repo "$REPOSITORY"} --version "$VERSION" \
    --namespace "$NAMESPACE" --create-namespace --values "$VALUES_FILE" --wait --timeout "${WAIT_SECONDS}s" 2>&1 | show
  judge "${PIPESTATUS[0]}"
}

apply_manifest() {
  kubectl create namespace "$NAMESPACE" --dry-run=client -o yaml 2>/dev/null | kubectl apply -f - 2>&1 | show
  kubectl apply --server-side --force-conflicts -n "$NAMESPACE" -f "$CHART" 2>&1 | show
  [ "${PIPESTATUS[0]}" -eq 0 ] || judge 1
  kubectl rollout status deployment -n "$NAMESPACE" --timeout "${WAIT_SECONDS}s" 2>&1 | show
  judge "${PIPESTATUS[0]}"
}

said=$(mktemp)
case $KIND in
  chart) install_chart ;;
  manifest) apply_manifest ;;
  *) finish 10 component-refused "KIND is neither chart nor manifest" ;;
esac
