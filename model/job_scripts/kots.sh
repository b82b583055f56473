#!/usr/bin/env bash
# Installs a KOTS application from inside the cluster and watches it until it is deployed and ready; safe to run again.
#
# Runs in the kotsadm image (bash, kots, kubectl, curl, busybox). The exit code of `kots install` is only a hint: it is 0
# when configuration is missing and 1 when kotsadm needs longer than the CLI waits. So the script looks, does what the
# sight asks for, and looks again: install, set configuration, upgrade, order the deployment, or nothing.
# Prints one JSON object a line, one for each change; the last one has "event":"result".
#
#   APP_SLUG, APP_UPSTREAM (slug or slug/channel), APP_NAMESPACE, APP_VERSION (label; empty: the channel's newest)
#   LICENSE_FILE, CONFIG_VALUES_FILE   mounted from a Secret
#   KOTS_SHARED_PASSWORD               console password, from a Secret; kots itself reads the variable
#   WAIT_SECONDS, POLL_SECONDS         patience in all; pause between two looks
#   SKIP_PREFLIGHTS (true|false), ALLOWED_WARNINGS (titles, one a line), KOTS_FLAGS (further flags, none secret)
#   TMPDIR                             the only place that must be writable
#
# Exit: 0 deployed and ready · 10 a permanent no, in the result line · 20 a fault, or patience ended: a new run goes on.
set -uo pipefail

LOOKS_BEFORE_A_NO=5 # right after an install kotsadm's pod is replaced, and a look sees nothing
HTTP_ERROR=22       # curl's exit code for an answer that says no
TAB=$'\t'
MARK=dash-enterprise-configuration # annotation; a checksum tells values apart and tells nothing of them

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

plain() { LC_ALL=C sed $'s/\033\\[[0-9;?]*[A-Za-z]//g; s/^[ \t]*\xe2\x80\xa2 //; s/^ *//; s/ *$//'; } # no escapes, no bullets

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
  say result code "$2" detail "$3" status "$status" state "$state" version "$version"
  [ -z "$work" ] || rm -rf "$work"
  exit "$1"
}

flat() { # JSON as lines PATH<tab>VALUE, such as root.apps.0.slug<tab>dash-enterprise; the image has no jq
  LC_ALL=C awk ' # in pieces: busybox measures the whole string each time that one letter of it is asked for
    function letter(i) { return substr(piece[int((i - 1) / 256)], (i - 1) % 256 + 1, 1) }
    function blanks() { while (at <= n && index(" \t\r\n,:", letter(at))) at++ }
    function escaped(c, code) {
      if (index("nrtbf", c)) return " "
      if (c != "u") return c
      code = tolower(letter(at + 1) letter(at + 2) letter(at + 3) letter(at + 4)); at += 4
      return code == "003c" ? "<" : code == "003e" ? ">" : code == "0026" ? "&" : "?"
    }
    function string(   s, c, part, size) {
      s = part = ""
      for (at++; at <= n && (c = letter(at)) != "\""; at++) {
        if (c == "\\") { at++; c = escaped(letter(at)) }
        part = part c
        if (++size % 256 == 0) { s = s part; part = "" }
      }
      at++
      return s part
    }
    function value(path,   c, key, i) {
      blanks(); c = letter(at)
      if (c == "{") {
        at++; blanks()
        while (at <= n && letter(at) == "\"") { key = string(); value(path "." key); blanks() }
        at++
      } else if (c == "[") {
        at++; blanks()
        for (i = 0; at <= n && letter(at) != "]"; i++) { value(path "." i); blanks() }
        at++
      } else if (c == "\"") print path "\t" string()
      else {
        key = ""
        while (at <= n && !index(" \t\r\n,:]}", c = letter(at))) { key = key c; at++ }
        if (key == "") at++
        print path "\t" key
      }
    }
    { text = text $0 " " }
    END { n = length(text); for (at = 0; at * 256 < n; at++) piece[at] = substr(text, at * 256 + 1, 256); at = 1; if (text ~ /[^ ]/) value("root") }'
}

table() { # table PATH KEY ...: the members of a list in JSON, one a line, the keys between tabs, - for nothing
  local path=$1
  shift
  flat | LC_ALL=C awk -F '\t' -v prefix="root.${path:+$path.}" -v names="$*" '
    index($1, prefix) == 1 {
      rest = substr($1, length(prefix) + 1); dot = index(rest, "."); i = substr(rest, 1, dot - 1) + 0
      cell[i, substr(rest, dot + 1)] = $2
      if (dot && i + 1 > n) n = i + 1
    }
    END {
      count = split(names, name, " ")
      for (i = 0; i < n; i++) {
        line = ""
        for (k = 1; k <= count; k++) line = line (k > 1 ? "\t" : "") (cell[i, name[k]] == "" ? "-" : cell[i, name[k]])
        print line
      }
    }'
}

field() { flat | sed -n "s/^root\\.$1$TAB//p" | head -n 1; } # field PATH: one value of a JSON document

api() { # api METHOD PATH [BODY]: kotsadm's own API; its token never stands on a command line
  if [ -z "$token" ]; then
    token=$(kubectl -n "$APP_NAMESPACE" get secret kotsadm-authstring \
      -o 'go-template={{index .data "kotsadm-authstring" | base64decode}}' 2>/dev/null) || return 1
  fi
  if [ ! -e "$work/forwarded" ]; then
    ask "http://kotsadm.$APP_NAMESPACE.svc:3000" "$@"
    case $? in 0) return ;; "$HTTP_ERROR") return 1 ;; esac
  fi
  ask_by_forward "$@"
}

ask() { # ask SERVER METHOD PATH [BODY]
  printf 'header = "Authorization: %s"\n' "$token" |
    curl -sS --fail --connect-timeout 5 --max-time 20 --config - -X "$2" \
      ${4:+-H "Content-Type: application/json" --data "$4"} "$1/api/v1/$3" 2>/dev/null
}

ask_by_forward() { # the same through the API server, as kots itself asks: where kotsadm's name or network is out of reach
  local forward port='' code
  : >"$work/forward"
  kubectl -n "$APP_NAMESPACE" port-forward --address 127.0.0.1 service/kotsadm :3000 >"$work/forward" 2>/dev/null </dev/null &
  forward=$!
  for ((tries = 0; tries < 50; tries++)); do
    port=$(sed -n 's/^Forwarding from 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$work/forward")
    if [ -n "$port" ] || ! kill -0 "$forward" 2>/dev/null; then break; fi
    sleep 0.2
  done
  if [ -n "$port" ]; then no_proxy=127.0.0.1 ask "http://127.0.0.1:$port" "$@"; else false; fi
  code=$?
  { kill "$forward" && wait "$forward"; } 2>/dev/null
  [ "$code" -ne 0 ] || : >"$work/forwarded"
  return "$code"
}

the_version() { # of rows SEQUENCE STATUS LABEL, newest first: the wanted label; without a wish the deployed one, else the newest
  awk -F '\t' '
    BEGIN { wanted = ENVIRON["APP_VERSION"] }
    NR == 1 { row = $0 }
    !found && (wanted == "" ? $2 == "deployed" : $3 == wanted) { row = $0; found = 1 }
    END { print row }'
}

# Looks once. Sets seen: absent (no Admin Console), blind (one that gives no answer), empty (one without the application),
# or app, and then sequence, status and version (of the version that counts) and state (of the application).
look() {
  local rows apps
  seen=blind
  rows=$(kots get versions "$APP_SLUG" -n "$APP_NAMESPACE" -o json </dev/null 2>"$work/no" |
    sed -n '/^\[/,$p' | table '' sequence status versionLabel)
  if [ -n "$rows" ]; then
    apps=$(kots get apps -n "$APP_NAMESPACE" -o json </dev/null 2>/dev/null) || return 0
    seen=app
    IFS=$TAB read -r sequence status version < <(the_version <<<"$rows")
    state=$(table '' slug state <<<"$apps" | awk -F '\t' '$1 == ENVIRON["APP_SLUG"] { print $2 }')
    return
  fi
  if ! console=$(kubectl -n "$APP_NAMESPACE" get deployment,statefulset -l kots.io/kotsadm=true -o name 2>&1); then
    case $console in *orbidden*) seen=absent ;; esac # kots says best which rights are missing
    if [ -z "$installed" ] && ! command -v kubectl >/dev/null && grep -q -e 'unable to find kotsadm pod' -e orbidden "$work/no"; then
      seen=absent
    fi
    return 0
  fi
  console=$(grep '/kotsadm$' <<<"$console")
  if [ -z "$console" ]; then
    seen=absent
  elif apps=$(api GET apps) && ! table apps slug <<<"$apps" | grep -Fxq -- "$APP_SLUG"; then # `kots get apps` prints [] for a 401, too
    seen=empty
  fi
}

tell() { # what has changed since the last look
  local sight=$seen/$status/$state/$version
  [ "$sight" != "$before" ] || return 0
  if [ -z "$before" ]; then
    say look console "$seen" status "$status" state "$state" version "$version"
  elif [ "$seen" = app ]; then
    say app status "$status" state "$state" version "$version"
  fi
  before=$sight
}

informers() { api GET "app/$APP_SLUG/status" | table appstatus.resourceStates kind name state; }

tell_unready() { # what the application waits for, when that has changed
  local all waits
  all=$(informers | grep -v "${TAB}ready\$")
  waits=$(head -n 6 <<<"$all" | while IFS=$TAB read -r kind name its; do [ -z "$kind" ] || printf '%s/%s is %s, ' "$kind" "$name" "$its"; done)
  waits=${waits%, }
  if [ "$(grep -c . <<<"$all")" -gt 6 ]; then waits+=", and $(($(grep -c . <<<"$all") - 6)) more"; fi
  if [ -n "$waits" ] && [ "$waits" != "$waited" ]; then say wait detail "$waits"; fi
  waited=$waits
}

applied() { # the mark of the configuration that was applied last, kept beside kotsadm's own token; empty when nobody knows
  kubectl -n "$APP_NAMESPACE" get secret kotsadm-authstring -o "jsonpath={.metadata.annotations.$MARK}" 2>/dev/null
}

remember_configuration() { # without the right to, a later run applies nothing that it cannot know to be new
  [ "$(applied)" = "$mark" ] ||
    kubectl -n "$APP_NAMESPACE" annotate secret kotsadm-authstring --overwrite "$MARK=$mark" >/dev/null 2>&1
}

is_other_configuration() { # once a run: whether what is deployed was made from other values, such as an older certificate
  local last
  [ -z "$installed$configured$compared" ] || return 1
  compared=1 last=$(applied)
  [ -n "$last" ] && [ "$last" != "$mark" ]
}

conclude() { # deployed and ready: but is there anything whose readiness KOTS looks at?
  local seen_by_kots
  remember_configuration
  if ! seen_by_kots=$(informers); then
    finish 0 ready "version $version is deployed and ready; its single resources could not be listed"
  elif ! grep -qv "${TAB}EMPTY$TAB" <<<"${seen_by_kots:-${TAB}EMPTY$TAB}"; then
    finish 0 ready "version $version is deployed; it has no status informers, so nothing tells whether it runs"
  fi
  finish 0 ready "version $version is deployed and ready"
}

run_kots_install() { # in the background: a trap waits for what runs in front
  : >"$said"
  # One component that takes its time must not use up the whole patience: a timeout is not the end, see below.
  # shellcheck disable=SC2086 # KOTS_FLAGS is a list of words
  kots install "$APP_UPSTREAM" -n "$APP_NAMESPACE" --license-file "$LICENSE_FILE" --config-values "$CONFIG_VALUES_FILE" \
    ${APP_VERSION:+--app-version-label "$APP_VERSION"} $skip_preflights \
    --no-port-forward --wait-duration "$((WAIT_SECONDS / 2 + 1))s" ${KOTS_FLAGS:-} </dev/null 2>&1 | show &
  shower=$!
  wait "$shower"
}

show() { # what kots install says; kept for the judgement
  local line
  while IFS= read -r line; do
    line=$(printf '%s' "$line" | plain)
    [ -n "$line" ] || continue
    say kots line "$line"
    printf '%s\n' "$line" >>"$said"
  done
}

end_from_outside() {
  if [ -n "$shower" ]; then
    # shellcheck disable=SC2046 # process ids
    { kill $(jobs -p) "$shower" && wait "$shower"; } 2>/dev/null
  fi
  finish 20 ended-from-outside "the Job was ended from outside; kotsadm goes on by itself"
}

install() { # may be called again: what is there stays as it is
  local code
  run_kots_install
  code=$?
  shower='' installed=1
  say kots exit "$code"
  error=$(sed -n 's/^Error: //p' "$said" | tail -n 1)
  checks=$(sed -n '/The app was not deployed/,$p' "$said")
  case $code/$error in
    0/* | */ | *timeout\ waiting* | *failed\ to\ query\ healthz*) return ;; # the truth is in what is seen next; kotsadm may still get there
    *failed\ to\ unmarshal\ automated\ install*) restart_console && return ;;
    *failed\ to\ validate\ installation*) # over a console that was there, this is what became of the installation before
      if [ -n "$again" ] && restart_console; then return; fi ;;
  esac
  if is_fault "$error"; then finish 20 kots-fault "$error"; fi
  for ((times = 0; times < LOOKS_BEFORE_A_NO; times++)); do
    look
    case $seen in absent) break ;; app) return ;; esac
    sleep "$POLL_SECONDS"
  done
  refuse kots-refused "$error"
}

refuse() { # refuse CODE TEXT: a permanent no in the words of kots
  case $2 in *icense\ is\ expired*) finish 10 license-expired "$2" ;; esac
  finish 10 "$1" "$2"
}

is_fault() { # whether a text of kots tells of the network or of a server's bad moment, not of a no
  case $1 in
    *failed\ to\ execute\ get\ request* | *unexpected\ result\ from\ get\ request:\ [45]29* | *unexpected\ result\ from\ get\ request:\ 5*) ;;
    *connection\ refused* | *connection\ reset* | *no\ such\ host* | *i/o\ timeout* | *TLS\ handshake* | *deadline\ exceeded* | *EOF*) ;;
    *failed\ to\ start\ port\ forwarding* | *lost\ connection* | *etcdserver* | *try\ again* | *unexpected\ status\ code\ 5*) ;;
    *) return 1 ;;
  esac
}

# kotsadm takes up license and configuration only when it starts; kots install does not restart one that is there.
restart_console() {
  say kots line "restarting the Admin Console so that it takes up the license"
  kubectl -n "$APP_NAMESPACE" rollout restart "$console" >/dev/null 2>&1 &&
    kubectl -n "$APP_NAMESPACE" rollout status "$console" --timeout "$((WAIT_SECONDS / 2 + 1))s" >/dev/null 2>&1
}

install_again() { # there is an Admin Console, but an earlier installation left no application in it
  local told
  emptiness=$((emptiness + 1))
  if [ -n "$installed" ]; then
    told=$(api GET "app/$APP_SLUG/automated/status")
    if [ "$(field status <<<"$told")" = failed ]; then refuse kots-refused "$(field message <<<"$told" | field error)"; fi
  fi
  [ "$emptiness" -ge "$LOOKS_BEFORE_A_NO" ] || return 0
  [ -z "$installed" ] || finish 10 kots-refused "the Admin Console has no application $APP_SLUG after the installation"
  emptiness=0 again=1
  # what an earlier run left would not be overwritten
  kubectl -n "$APP_NAMESPACE" delete secret kotsadm-default-license kotsadm-default-configvalues --ignore-not-found >/dev/null 2>&1
  install
}

configure() { # once a run; names the items that are missing
  local words
  if [ -n "$configured" ]; then
    configured=$((configured + 1))
    [ "$configured" -le "$LOOKS_BEFORE_A_NO" ] || finish 10 kots-config-required "required configuration items are not set"
    return
  fi
  configured=1
  kots set config "$APP_SLUG" -n "$APP_NAMESPACE" --config-file "$CONFIG_VALUES_FILE" --merge --deploy $skip_preflights </dev/null >"$said" 2>&1 && return
  words=$(plain <"$said" | grep -v '^$' | sed 's/^Error: //' | tail -n 4 | tr '\n' ' ')
  if is_fault "$words"; then finish 20 kots-fault "$words"; fi
  case $words in
    *fields\ are\ required*) finish 10 kots-config-required "${words% }" ;;
    *) finish 10 kots-config-refused "${words% }" ;;
  esac
}

upgrade() { # once a run; the exit code is 0 on every error of the server, the JSON tells
  local answer
  [ -z "$upgraded" ] || return 0
  upgraded=1 checks='' error=''
  say kots line "upgrading from $version to $APP_VERSION"
  answer=$(kots upstream upgrade "$APP_SLUG" -n "$APP_NAMESPACE" --deploy-version-label "$APP_VERSION" $skip_preflights -o json </dev/null 2>"$said" |
    LC_ALL=C tr '\n' ' ' | sed 's/^[^{]*//; s/[^}]*$//')
  [ "$(field success <<<"$answer")" != true ] || return 0
  error=$(field error <<<"$answer")
  error=${error:-$(plain <"$said" | sed -n 's/^Error: //p' | tail -n 1)}
  if [ -z "$error" ] || is_fault "$error"; then finish 20 kots-fault "upgrade to $APP_VERSION: ${error:-no answer}"; fi
  finish 10 kots-refused "upgrade to $APP_VERSION: $error"
}

order_deployment() { # order_deployment WHY: as the console's Deploy button does
  local answer
  orders=$((orders + 1))
  [ "$orders" -le "$LOOKS_BEFORE_A_NO" ] || finish 20 deploy-not-started "kotsadm does not take the order to deploy"
  say kots line "deploying version $version: $1"
  answer=$(api POST "app/$APP_SLUG/sequence/$sequence/deploy" \
    "{\"isSkipPreflights\":${SKIP_PREFLIGHTS:-false},\"continueWithFailedPreflights\":true,\"isCli\":true}")
  if [ "$(field success <<<"$answer")" = true ]; then ordered=1; fi
}

told_checks() { # what kots install told of the checks, in the same columns; it does not tell which ones are strict
  awk '
    /^STATE +TITLE +MESSAGE/ { listed = 1; next }
    /^- / { print "true\t-\ttrue\ta check could not be made\t" substr($0, 3); next }
    !listed { next }
    split($0, cell, /    +/) >= 3 && cell[1] ~ /^(PASS|WARN|FAIL)$/ {
      if (row) print row
      row = (cell[1] == "FAIL" ? "true" : "-") "\t" (cell[1] == "WARN" ? "true" : "-") "\ttrue\t" cell[2] "\t" cell[3]
      next
    }
    { row = row " " $0 }
    END { if (row) print row }' <<<"$checks"
}

# The version waits: its preflight checks run, or they ended and kotsadm did not deploy it because one did not pass.
judge_preflights() {
  local result rows refused='' passed_over=''
  [ -z "$ordered" ] || return 0
  result=$(api GET "app/$APP_SLUG/sequence/$sequence/preflight/result" | field preflightResult.result)
  rows=$(table results isFail isWarn strict title message <<<"$result")
  [ -n "$result" ] || rows=$(told_checks)
  while IFS=$TAB read -r fails warns strict title message; do
    if [ "$fails" != true ] && [ "$warns" != true ]; then continue; fi
    if [ "${SKIP_PREFLIGHTS:-false}" = true ] && [ "$strict" != true ]; then continue; fi
    if [ "$fails" != true ] && grep -Fxq -- "$title" <<<"${ALLOWED_WARNINGS:-}"; then
      passed_over+="$title; "
    elif [ "$fails" = true ]; then
      refused+="failed: $title: $message; "
    else
      refused+="warning: $title: $message; "
    fi
  done <<<"$rows"
  while read -r message; do
    [ -z "$message" ] || refused+="could not be checked: $message; "
  done < <(table errors error <<<"$result")
  [ -z "$refused" ] || finish 10 kots-preflight-refused "${refused%; }"
  if [ -n "$passed_over" ]; then
    order_deployment "its warnings are allowed: ${passed_over%; }"
  elif [ "$status" = pending ]; then # nothing is in the way, and usually kotsadm deploys by itself
    idle=$((idle + 1))
    [ "$idle" -lt "$LOOKS_BEFORE_A_NO" ] || order_deployment "nothing stands in its way, and it still waits"
  fi
}

deploy_again() { # a version that failed in an earlier run gets another chance, one that failed in this run does not
  if [ -n "$ordered$installed$upgraded" ]; then
    refuse kots-deploy-failed "kotsadm could not deploy version $version${error:+: $error}"
  fi
  order_deployment "an earlier deployment of it failed"
}

go_on() { # what the application's status asks for
  if [ -n "${APP_VERSION:-}" ] && [ "$version" != "$APP_VERSION" ]; then upgrade && return; fi
  case $status/$state in
    deployed/*)
      if is_other_configuration; then
        say kots line "applying the configuration, which is another than the one applied last"
        configure
        return
      fi ;;
  esac
  case $status/$state in
    deployed/ready) conclude ;;
    deployed/*) tell_unready ;;
    pending_config/*) configure ;;
    pending/* | pending_preflight/*) judge_preflights ;;
    failed/*) deploy_again ;;
  esac
}

check_inputs() {
  local file
  for file in "$LICENSE_FILE" "$CONFIG_VALUES_FILE"; do # kots passes over a missing ConfigValues file in silence
    [ -s "$file" ] || finish 10 kots-input-missing "${file##*/} is not there or empty"
  done
  [ -n "${KOTS_SHARED_PASSWORD:-}" ] || finish 10 kots-input-missing "KOTS_SHARED_PASSWORD is empty" # kots would prompt for ever
}

status='' state='' version='' sequence='' seen='' console='' token='' before='' waited=''
compared='' installed='' shower='' error='' checks='' again='' configured='' upgraded='' ordered='' orders=0 idle=0 emptiness=0
work=''
check_inputs
work=$(mktemp -d "${TMPDIR:-/tmp}/kots.XXXXXX") || finish 20 kots-fault "no temporary folder can be made"
said=$work/said
trap end_from_outside TERM
mark=$(cksum <"$CONFIG_VALUES_FILE" | tr ' ' -)
skip_preflights=
if [ "${SKIP_PREFLIGHTS:-false}" = true ]; then skip_preflights=--skip-preflights; fi
while :; do
  look
  tell
  case $seen in
    absent) install ;;
    empty) install_again ;;
    app) go_on ;;
  esac
  [ "$SECONDS" -lt "$WAIT_SECONDS" ] || finish 20 deadline \
    "not ready after ${WAIT_SECONDS} s: version ${status:-absent}, application ${state:-absent}${waited:+; $waited}"
  sleep "$POLL_SECONDS"
done
