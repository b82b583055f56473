#!/usr/bin/env bash
# Installs a KOTS application from inside the cluster and watches it until it is deployed and ready.
#
# Runs in the kotsadm image (bash, kots, kubectl, curl). The exit code of `kots install` is only a hint: it is 0
# when configuration is missing and 1 when kotsadm needs longer than the CLI waits, so the truth is read from kotsadm.
# Prints one JSON object a line, one for each change; the last one has "event":"result".
#
#   APP_SLUG, APP_UPSTREAM (slug or slug/channel), APP_NAMESPACE, APP_VERSION (label; empty: the channel's newest)
#   LICENSE_FILE, CONFIG_VALUES_FILE   mounted from a Secret
#   KOTS_SHARED_PASSWORD               console password, from a Secret; kots itself reads the variable
#   WAIT_SECONDS, POLL_SECONDS         patience in all; pause between two looks
#   SKIP_PREFLIGHTS (true|false), ALLOWED_WARNINGS (titles, one a line), KOTS_FLAGS (further flags, none secret)
#
# Exit: 0 deployed and ready · 10 a permanent no, in the result line · 20 a fault, or patience ended: a new run goes on.
set -uo pipefail

LOOKS_BEFORE_A_NO=5 # right after an install kotsadm's pod is replaced, and a look sees nothing

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

plain() { LC_ALL=C sed $'s/\033\\[[0-9;?]*[A-Za-z]//g; s/^[ \t]*\xe2\x80\xa2 //; s/^ *//; s/ *$//'; } # no escapes, no bullets

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
  say result code "$2" detail "$3" status "${status:-}" state "${state:-}" version "${version:-}"
  exit "$1"
}

field() { # field NAME: the first value of that name in kots's indented JSON
  sed -n "s/^ *\"$1\": \"\\(.*\\)\",\\{0,1\\}$/\\1/p" | head -n 1
}

api() { # api METHOD PATH [BODY]: kotsadm's own API; its token never stands on a command line
  local token
  token=$(kubectl -n "$APP_NAMESPACE" get secret kotsadm-authstring -o 'jsonpath={.data.kotsadm-authstring}' | base64 -d) || return 1
  printf 'header = "Authorization: %s"\n' "$token" |
    curl -sS --fail --max-time 20 --config - -X "$1" ${3:+-H "Content-Type: application/json" --data "$3"} \
      "http://kotsadm.$APP_NAMESPACE.svc:3000/api/v1/$2"
}

# Looks once. Sets status (of the newest version), version, state (of the application); all empty when there is none yet.
look() {
  local versions apps
  status='' version='' state=''
  kubectl -n "$APP_NAMESPACE" get deployment,statefulset -l kots.io/kotsadm=true -o name 2>/dev/null | grep -q '/kotsadm$' || return 0
  versions=$(kots get versions "$APP_SLUG" -n "$APP_NAMESPACE" -o json </dev/null 2>/dev/null) || return 0
  status=$(field status <<<"$versions")
  version=$(field versionLabel <<<"$versions")
  apps=$(kots get apps -n "$APP_NAMESPACE" -o json </dev/null 2>/dev/null) || return 0
  state=$(grep -A 1 "\"slug\": \"$APP_SLUG\"" <<<"$apps" | field state)
}

look_patiently() { # before a no, look more than once
  local times=0
  while :; do
    look
    times=$((times + 1))
    if [ -n "$status" ] || [ "$times" -ge "$LOOKS_BEFORE_A_NO" ]; then return; fi
    sleep "$POLL_SECONDS"
  done
}

unready() { # what the application waits for: kind/name state, at most four
  api GET "app/$APP_SLUG/status" 2>/dev/null | LC_ALL=C tr '{' '\n' |
    sed -n 's/.*"kind": *"\([^"]*\)", *"name": *"\([^"]*\)".*"state": *"\([^"]*\)".*/\1 \2 \3/p' |
    grep -v ' ready$' | head -n 4 | while read -r kind name its; do printf '%s/%s is %s, ' "$kind" "$name" "$its"; done | sed 's/, $//'
}

preflight_rows() { # failing and warning checks: STATE<tab>TITLE<tab>MESSAGE
  api GET "app/$APP_SLUG/preflight/result" 2>/dev/null | sed 's/\\"/"/g' | LC_ALL=C tr '{' '\n' |
    sed -n -e '/"isFail": *true/s/.*"title": *"\([^"]*\)".*"message": *"\([^"]*\)".*/fail	\1	\2/p' \
      -e '/"isWarn": *true/s/.*"title": *"\([^"]*\)".*"message": *"\([^"]*\)".*/warn	\1	\2/p'
}

pass_preflights() { # deploys in spite of warnings that are allowed; ends the run for any other result
  local rows refused sequence
  rows=$(preflight_rows)
  refused=$(while IFS=$'\t' read -r result title message; do
    if [ "$result" = warn ] && printf '%s\n' "${ALLOWED_WARNINGS:-}" | grep -Fxq -- "$title"; then continue; fi
    [ -z "$result" ] || printf '%s: %s: %s; ' "$result" "$title" "$message"
  done <<<"$rows")
  [ -n "$rows" ] || finish 20 preflight-unknown "the result of the preflight checks cannot be read"
  [ -z "$refused" ] || finish 10 kots-preflight-refused "${refused%; }"
  sequence=$(kots get versions "$APP_SLUG" -n "$APP_NAMESPACE" -o json </dev/null 2>/dev/null | sed -n 's/^ *"sequence": *\([0-9]*\).*/\1/p' | head -n 1)
  say kots line "deploying in spite of allowed warnings"
  api POST "app/$APP_SLUG/sequence/${sequence:-0}/deploy" '{"isSkipPreflights":false,"continueWithFailedPreflights":true,"isCli":true}' >/dev/null ||
    finish 20 deploy-not-started "kotsadm did not take the order to deploy"
}

kots_install() {
  local line
  # shellcheck disable=SC2086 # KOTS_FLAGS is a list of words
  kots install "$APP_UPSTREAM" -n "$APP_NAMESPACE" --license-file "$LICENSE_FILE" --config-values "$CONFIG_VALUES_FILE" \
    ${APP_VERSION:+--app-version-label "$APP_VERSION"} ${skip_preflights:+"$skip_preflights"} \
    --no-port-forward --wait-duration "${WAIT_SECONDS}s" ${KOTS_FLAGS:-} </dev/null 2>&1 |
    while IFS= read -r line; do
      line=$(printf '%s' "$line" | plain)
      [ -n "$line" ] || continue
      say kots line "$line"
      printf '%s\n' "$line" >>"$said"
    done
  return "${PIPESTATUS[0]}"
}

install() {
  local code error
  kots_install
  code=$?
  say kots exit "$code"
  look_patiently
  [ "$code" -ne 0 ] && [ -z "$status" ] || return 0
  error=$(grep '^Error: ' "$said" | tail -n 1)
  case $error in
    *timeout\ waiting*) ;; # kotsadm may still get there: watch it
    *get\ license\ from\ api* | *execute\ get\ request* | *connection\ refused* | *i/o\ timeout* | *no\ such\ host* | *TLS\ handshake*)
      finish 20 license-server "${error#Error: }" ;;
    *) finish 10 kots-refused "${error#Error: }" ;;
  esac
}

upgrade() { # its exit code is 0 on every error of the server: the JSON tells
  local answer
  answer=$(kots upstream upgrade "$APP_SLUG" -n "$APP_NAMESPACE" --deploy-version-label "$APP_VERSION" ${skip_preflights:+"$skip_preflights"} -o json </dev/null 2>"$said")
  if ! grep -q '"success": *true' <<<"$answer"; then
    finish 10 kots-refused "upgrade to $APP_VERSION: $(field error <<<"$answer") $(plain <"$said" | tail -n 1)"
  fi
}

set_config() {
  kots set config "$APP_SLUG" -n "$APP_NAMESPACE" --config-file "$CONFIG_VALUES_FILE" --merge --deploy ${skip_preflights:+"$skip_preflights"} </dev/null >"$said" 2>&1 ||
    finish 10 kots-config-refused "$(plain <"$said" | tail -n 3 | tr '\n' ';')"
}

watch_until_ready() {
  local before='' passed=
  while :; do
    look
    if [ "$status/$state/$version" != "$before" ]; then say app status "$status" state "$state" version "$version"; fi
    before=$status/$state/$version
    case $status/$state in
      deployed/ready) finish 0 ready "version $version is deployed and ready" ;;
      deployed/*) waits=$(unready) && [ -n "$waits" ] && [ "$waits" != "${waited:-}" ] && say wait detail "$waits" && waited=$waits ;;
      failed/*) finish 10 kots-deploy-failed "kotsadm could not deploy version $version" ;;
      pending_config/*) finish 10 kots-config-required "required configuration items are not set" ;;
      pending_preflight/*) if [ -z "$passed" ] && [ -n "$(preflight_rows)" ]; then pass_preflights && passed=1; fi ;;
    esac
    [ "$SECONDS" -lt "$WAIT_SECONDS" ] || finish 20 deadline "not ready after ${WAIT_SECONDS} s: version ${status:-absent}, application ${state:-absent}"
    sleep "$POLL_SECONDS"
  done
}

for file in "$LICENSE_FILE" "$CONFIG_VALUES_FILE"; do # kots passes over a missing ConfigValues file in silence
  [ -s "$file" ] || finish 10 kots-input-missing "${file##*/} is not there or empty"
done
[ -n "${KOTS_SHARED_PASSWORD:-}" ] || finish 10 kots-input-missing "KOTS_SHARED_PASSWORD is empty" # kots would prompt for ever

said=$(mktemp)
skip_preflights=
[ "${SKIP_PREFLIGHTS:-false}" = true ] && skip_preflights=--skip-preflights
look
say look status "$status" state "$state" version "$version"
case $status in
  '') install ;;
  pending_config) set_config ;;
  deployed) if [ -n "${APP_VERSION:-}" ] && [ "$version" != "$APP_VERSION" ]; then upgrade; fi ;;
esac
watch_until_ready
