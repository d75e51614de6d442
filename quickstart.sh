#!/usr/bin/env bash
# From a fresh clone on Debian 12 to the first diagnoses: installs the build packages, builds triaged, and lets it follow a
# folder of logs to which recorded failures of real nginx, HAProxy, Gunicorn and kernel are appended as if they happened now.
#
# usage: ./quickstart.sh [--keep]        --keep: go on, with the failures repeating, until Ctrl-C
set -euo pipefail
cd "$(dirname "$0")"

keep=no
case "${1:-}" in
  "") ;;
  --keep) keep=yes ;;
  -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "quickstart.sh: unknown option '$1' (there is only --keep)" >&2; exit 2 ;;
esac

step() { printf '\n[%s/4] %s\n' "$1" "$2"; }

# TRIAGED_BINARY names a program that is built already; check.sh does that to try the rest.
triaged=${TRIAGED_BINARY:-build/release/triaged}
build() {
  cmake --preset release -DTRIAGED_TESTS=OFF -DTRIAGED_BENCHMARKS=OFF &&
    NINJA_STATUS='[%f/%t] ' cmake --build build/release --target triaged
}

# show_progress LOG: keeps in LOG what the build prints, and says how far it is from the [done/all] that ninja begins its
# lines with: on a terminal one line that changes, otherwise a line now and then.
show_progress() {
  local line percent left text= said=0 started=$SECONDS
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
    [ "$percent" -ge 5 ] || continue  # too early to tell
    left=$(((SECONDS - started) * (BASH_REMATCH[2] - BASH_REMATCH[1]) / BASH_REMATCH[1]))
    if [ "$percent" -eq 100 ]; then text="done after $((SECONDS - started)) s"
    elif [ "$left" -lt 60 ]; then text="less than a minute left"
    else text="about $(((left + 59) / 60)) min left"; fi
    if [ -t 1 ]; then printf '\r      %3d %%, %-24s' "$percent" "$text"
    elif [ "$percent" -ge $((said + 10)) ]; then printf '      %3d %%, %s\n' "$percent" "$text"; said=$percent; fi
  done
  [ ! -t 1 ] || [ -z "$text" ] || echo
}

mkdir -p build
if [ -z "${TRIAGED_BINARY:-}" ]; then
  step 1 "Installing build packages …"
  scripts/packages.sh build
  step 2 "Building triaged (a few minutes the first time) …"
  : >build/quickstart.log
  if ! build 2>&1 | show_progress build/quickstart.log; then
    tail -n 40 build/quickstart.log >&2
    echo "quickstart.sh: the build failed; its whole output is in build/quickstart.log" >&2
    exit 1
  fi
fi

demo=build/quickstart
step 3 "Starting triaged on $demo/logs …"
rm -rf "$demo"
mkdir -p "$demo/logs" "$demo/state"
here=$(pwd)
cat >"$demo/triaged.yaml" <<YAML
sources:
  - file: {paths: ["$here/$demo/logs/*/*.log"], format: auto, start: checkpoint}
rules: ["$here/rules"]
notify: {settle: 2s}
sinks:
  - stdout: {name: terminal, min_severity: warning}
  - file: {name: incidents, path: "$here/$demo/incidents.jsonl"}
state: {path: "$here/$demo/state"}
YAML

"$triaged" run --config "$demo/triaged.yaml" 2>"$demo/triaged.log" &
daemon=$!
writer=
stop() {
  trap - EXIT INT TERM
  [ -z "$writer" ] || kill "$writer" 2>/dev/null || true
  kill "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
}
trap stop EXIT
trap 'stop; exit 130' INT TERM
alive() {
  kill -0 "$daemon" 2>/dev/null && return
  tail -n 20 "$demo/triaged.log" >&2
  echo "quickstart.sh: triaged ended by itself; what it said is in $demo/triaged.log" >&2
  exit 1
}
echo "      The first start compiles the patterns of all rules, which takes some seconds; later ones find them compiled."
until grep -q ' info: ready: ' "$demo/triaged.log"; do
  alive
  sleep 0.25
done

step 4 "Real failures are being written to the logs; the diagnoses appear below."
diagnoses() { grep -o '"root_cause":{"cause":"[^"]*"' "$demo/incidents.jsonl" 2>/dev/null | sort -u | wc -l; }
play() {
  scripts/play_samples.sh "$demo/logs" &
  writer=$!
  wait "$writer" || true
  writer=
}
play
alive
for _ in $(seq 40); do
  [ "$(diagnoses)" -lt 4 ] || break
  sleep 0.25
done
while [ "$keep" = yes ]; do
  alive
  sleep 20 &
  wait $!
  play
done
sleep 1
alive
stop

found=$(diagnoses)
cat <<END

$found different root causes were found. Every incident stands as one line of JSON in $demo/incidents.jsonl
(a real daemon tells Slack, a webhook, syslog or a file: see systemd/triaged.yaml).

Next:  $triaged scan /var/log/nginx/*.log    what happened in logs that exist already
       $triaged run                          follow the logs of this host
END
[ "$found" -ge 3 ] || { echo "quickstart.sh: at least three were expected; what triaged said is in $demo/triaged.log" >&2; exit 1; }
