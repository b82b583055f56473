#!/usr/bin/env bash
# Installs one supporting component from inside the cluster, by helm or from a manifest; safe to run again.
#
#   COMPONENT, KIND (chart|manifest), CHART (chart, or URL of the manifest), REPOSITORY (may be empty), VERSION, NAMESPACE
#   VALUES_FILE     helm values, mounted from a Secret; may be empty
#   WAIT_SECONDS    patience
#   TMPDIR          the only place that must be writable
#
# Prints one JSON object a line; the last one has "event":"result".
# Exit: 0 installed and ready · 10 a permanent no, in the result line · 20 a fault, or patience ended: a new run goes on.
set -uo pipefail

TRIES=4          # a manifest may hold a definition and objects of it, which the API server knows a moment later
PAUSE_SECONDS=${POLL_SECONDS:-2}

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

quoted() { # any text as a JSON string, control characters as blanks
  local text
  text=$(printf '%s' "$1" | LC_ALL=C tr '\001-\037' ' ')
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
  trap '' TERM
  say result code "$2" detail "$3" status "$status" state "" version "$VERSION"
  rm -f "$said"
  exit "$1"
}

left() { # patience that is left, in whole seconds, at least one
  local rest=$((WAIT_SECONDS - SECONDS))
  printf '%s' "$((rest > 0 ? rest : 1))"
}

show() { # what a program says; kept for the judgement
  local line
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    printf '%s\n' "$line" >>"$said"
    say helm line "$line"
  done
}

tell_unready() { # what the namespace's pods wait for
  local waits
  waits=$(kubectl get pods -n "$NAMESPACE" --no-headers 2>/dev/null |
    awk '{ split($2, ready, "/") } $3 != "Completed" && ready[1] != ready[2] { printf "%s%s is %s", n++ ? ", " : "", $1, $3 }')
  [ -z "$waits" ] || say wait detail "$waits"
}

run() { # run PROGRAM ...: shown line by line; in the background, because a trap waits for what runs in front
  local code
  "$@" 2>&1 | show &
  shower=$!
  wait "$shower"
  code=$?
  shower=''
  return "$code"
}

end_from_outside() {
  if [ -n "$shower" ]; then
    # shellcheck disable=SC2046 # process ids
    { kill $(jobs -p) "$shower" && wait "$shower"; } 2>/dev/null
  fi
  finish 20 ended-from-outside "the Job was ended from outside"
}

judge() { # judge EXIT: what a program's last words mean
  local last
  [ "$1" -ne 0 ] || return 0
  last=$(grep -i 'error' "$said" | tail -n 1)
  last=${last:-$(tail -n 1 "$said")}
  tell_unready
  case $last in
    *timed\ out* | *timeout* | *deadline\ exceeded* | *would\ exceed\ context\ deadline* | *not\ ready* | *"another operation"*) finish 20 deadline "$last" ;;
    *connection\ refused* | *connection\ reset* | *no\ such\ host* | *TLS\ handshake* | *EOF* | *no\ matches\ for\ kind* | *ensure\ CRDs*) finish 20 component-fault "$last" ;;
    *status\ code\ 5* | *Internal\ * | *Bad\ Gateway* | *Service\ Unavailable* | *Gateway\ Time* | *Too\ Many\ Requests* | *etcdserver* | *unreachable* | *failed\ calling\ webhook*) finish 20 component-fault "$last" ;;
    *) finish 10 component-refused "${last:-ended with exit code $1}" ;;
  esac
}

release_status() {
  helm status "$COMPONENT" -n "$NAMESPACE" -o json 2>/dev/null | LC_ALL=C tr '{,' '\n\n' |
    sed -n 's/^ *"status": *"\([^"]*\)".*/\1/p' | head -n 1
}

install_chart() {
  status=$(release_status)
  say look detail "release $COMPONENT is ${status:-absent}"
  case $status in # a run that was ended from outside leaves a release so, and helm refuses to touch it
    pending-install | uninstalling) run helm uninstall "$COMPONENT" -n "$NAMESPACE" --wait --timeout "$(left)s" ;;
    pending-upgrade | pending-rollback) run helm rollback "$COMPONENT" -n "$NAMESPACE" --wait --timeout "$(left)s" ;;
  esac
  : >"$said"
  run helm upgrade --install "$COMPONENT" "$CHART" ${REPOSITORY:+--repo "$REPOSITORY"} --version "$VERSION" \
    --namespace "$NAMESPACE" --create-namespace ${VALUES_FILE:+--values "$VALUES_FILE"} --wait --timeout "$(left)s"
  judge "$?"
  status=$(release_status)
}

apply() { # applies the manifest; objects without a namespace go into ours, which kubectl refuses where another is named
  ! run kubectl apply --server-side --force-conflicts -n "$NAMESPACE" -f "$CHART" || return 0
  grep -q 'does not match the namespace' "$said" || return 1
  : >"$said"
  run kubectl apply --server-side --force-conflicts -f "$CHART"
}

apply_manifest() {
  local code=1 workload
  say look detail "applying $CHART"
  kubectl create namespace "$NAMESPACE" --dry-run=client -o yaml | kubectl apply -f - 2>&1 | show
  for ((times = 0; times < TRIES; times++)); do
    : >"$said"
    apply
    code=$?
    [ "$code" -ne 0 ] && grep -Eq 'no matches for kind|ensure CRDs|failed calling webhook' "$said" || break
    sleep "$PAUSE_SECONDS"
  done
  judge "$code"
  for workload in $(kubectl get deployment,statefulset,daemonset -n "$NAMESPACE" -o name 2>/dev/null); do
    : >"$said"
    run kubectl rollout status "$workload" -n "$NAMESPACE" --timeout "$(left)s"
    judge "$?"
  done
  status=applied
}

status='' said='' shower=''
said=$(mktemp "${TMPDIR:-/tmp}/helm.XXXXXX") || finish 20 component-fault "no temporary file can be made"
trap end_from_outside TERM
if [ -n "${VALUES_FILE:-}" ] && [ ! -r "$VALUES_FILE" ]; then
  finish 10 component-refused "the values file ${VALUES_FILE##*/} is not there"
fi
case $KIND in
  chart) install_chart ;;
  manifest) apply_manifest ;;
  *) finish 10 component-refused "KIND is neither chart nor manifest" ;;
esac
finish 0 ready "$COMPONENT $VERSION is installed"
