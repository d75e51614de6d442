#!/usr/bin/env bash
# Proves that triaged and its looks at the host work under a real systemd, with the hardened unit as it is installed: boots a
# minimal Debian 12 (debootstrap, from the mirror that this machine's apt uses) in systemd-nspawn with nginx, Gunicorn and rsyslog,
# installs build/release there, makes services fail, and reads what triaged told. Needs root and a finished build/release;
# two minutes to make the tree, once, and two every time. Everything lies below build/systemd; without it, it is made anew.
#
# usage: scripts/systemd-check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo "systemd-check.sh: needs root (debootstrap and systemd-nspawn do)" >&2; exit 1; }
[ -x build/release/triaged ] ||
  { echo "systemd-check.sh: there is no build/release/triaged; README.md says how to build and install it" >&2; exit 1; }

work=$(pwd)/build/systemd
tree=$work/debian
incidents=/var/log/triaged/incidents.jsonl
say() { printf '[systemd] %s\n' "$*"; }
mkdir -p "$work"
: >"$work/seen"

say "installing systemd-nspawn and debootstrap …"
scripts/packages.sh systemd

# --- the unit as it stands in its file ---

# systemd-analyze wants a program that is there; 20 is an exposure of 2.0.
sed "s#^ExecStart=[^ ]*#ExecStart=$PWD/build/release/triaged#" build/release/triaged.service >"$work/triaged.service"
exposure=$(systemd-analyze security --no-pager --offline=true --threshold=20 "$work/triaged.service") ||
  { echo "systemd-check.sh: the unit is more exposed than 2.0:" >&2; tail -n 2 <<<"$exposure" >&2; exit 1; }
say "ok: the unit is no more exposed than 2.0 (${exposure##*Overall })"

# --- a machine ---

if [ ! -e "$tree/made" ]; then
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "bookworm" {print $2; exit}')
  [ -n "$mirror" ] || { echo "systemd-check.sh: apt knows no mirror of Debian 12 (bookworm)" >&2; exit 1; }
  say "making a minimal Debian 12 with nginx, Gunicorn and rsyslog …"
  rm -rf "$tree"
  runtime=$(scripts/packages.sh --list runtime | paste -sd,)
  debootstrap --variant=minbase --include="systemd,systemd-sysv,dbus,libnss-systemd,nginx-light,gunicorn,rsyslog,$runtime" \
    bookworm "$tree" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -n 15 "$work/debootstrap.log" >&2; exit 1; }
  touch "$tree/made"
fi

# systemd inside moves processes between control groups, so it gets groups of its own: a scope from the systemd that runs here,
# or, where none does, these folders.
groups=() keep_unit=()
if [ ! -d /run/systemd/system ]; then
  keep_unit=(--keep-unit)
  for hierarchy in memory pids cpu unified systemd; do
    [ ! -d "/sys/fs/cgroup/$hierarchy" ] || groups+=("/sys/fs/cgroup/$hierarchy/triaged-check-$$")
  done
  mkdir -p "${groups[@]}"
fi

runner='' leader=''
shut_down() {
  # 4 above the first real-time signal asks systemd to power off.
  if [ -n "$leader" ]; then kill -s SIGRTMIN+4 "$leader" 2>/dev/null || true
  elif [ -n "$runner" ]; then kill "$runner" 2>/dev/null || true; fi
  [ -z "$runner" ] || wait "$runner" 2>/dev/null || true
  for group in "${groups[@]}"; do find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true; done
}
trap shut_down EXIT

# The tree stays as it was made: whatever happens inside is kept in memory and forgotten.
say "booting it …"
(
  for group in "${groups[@]}"; do echo "$BASHPID" >"$group/cgroup.procs"; done
  exec systemd-nspawn -q -D "$tree" -b --register=no "${keep_unit[@]}" --private-network --console=pipe --link-journal=no \
    --volatile=overlay </dev/null >"$work/console.log" 2>&1
) &
runner=$!

# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}
has_leader() { leader=$(pgrep -P "$runner" | head -n 1) && [ -S "/proc/$leader/root/run/systemd/private" ]; }
until_true 30 has_leader || { echo "systemd-check.sh: the machine did not boot:" >&2; tail "$work/console.log" >&2; exit 1; }
inside() { nsenter -t "$leader" -m -u -i -n -p -C -r -w -- "$@"; }
# "degraded": something that a machine without a network or devices misses.
has_booted() { [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]; }

# --- expectations ---

shown() { inside systemctl show -P "$2" "$1"; }
fail() {
  {
    printf '[systemd] NOT met: %s\n' "$1"
    cat "$work/seen"
    inside systemctl status --no-pager --full --lines=30 triaged || true
    inside tail -n 20 /var/log/syslog /var/log/nginx/error.log || true
    printf 'what was told:\n'
    inside tail -n 3 "$incidents" || true
  } >&2 2>&1
  exit 1
}
# expect SENTENCE COMMAND…: waits for it
expect() {
  local sentence=$1
  shift
  until_true 20 "$@" || fail "$sentence"
  say "ok: $sentence"
}
is() {
  : >"$work/seen"
  [ "$1" = "$2" ] || { printf 'expected %s, is %s\n' "$2" "$1" >"$work/seen"; return 1; }
}
state_is() { is "$(shown "$1" ActiveState)" "$2"; }
no=3  # the status of an answer that is "no" and not a failure
# told SENTENCE: it is evidence in a notification since mark()
told() {
  inside python3 - "$incidents" "$marked" "$1" "$no" <<'PYTHON'
import json, sys
path, marked, sentence = sys.argv[1], int(sys.argv[2]), sys.argv[3]
try:
    lines = open(path).read().splitlines()[marked:]
except FileNotFoundError:
    lines = []
said = [entry["text"] for line in lines for cause in json.loads(line)["causes"] for entry in cause["because"]]
sys.exit(0 if any(sentence in text for text in said) else int(sys.argv[4]))
PYTHON
}
restarted() { state_is "$1" active && is "$(shown "$1" NRestarts)" "$2"; }
# Something went wrong with the question itself: that is no "no".
not_told() {
  local answer=0
  told "$1" || answer=$?
  [ "$answer" -eq "$no" ]
}
logged() { inside journalctl -q -b -u triaged --since "@$marked_at" -o cat --no-pager | grep -F -- "$1" >/dev/null; }
mark() {
  marked=$({ inside cat "$incidents" 2>/dev/null || true; } | wc -l)
  marked_at=$(date +%s)
}
# What is open is over, so that the next failure is an incident of its own.
resolve_all() {
  local id
  for id in $(inside triaged incidents list --json | grep -o '^{"schema":1,"incident":"[^"]*' | cut -d'"' -f6); do
    inside triaged incidents resolve "$id" >/dev/null
  done
  mark
}

# --- what is installed there: triaged as README.md says, and a shop behind nginx ---

say "installing triaged and a shop …"
rm -rf "$work/installed"
DESTDIR=$work/installed cmake --install build/release --strip >"$work/install.log" || { tail "$work/install.log" >&2; exit 1; }
# The first configuration as it is, but for the one file that its comment offers: systemd's words stand in /var/log/syslog.
# A service that fails is started five times before systemd gives it up: what is told is to be told after that.
sed -i 's#/var/log/kern.log\]#/var/log/syslog]#; s/^  settle: 2s /  settle: 5s /' "$work/installed/etc/triaged/triaged.yaml"
tar -C "$work/installed" -c . | inside tar -C / -x --no-overwrite-dir
send() { inside bash -c 'kill "-$1" "$2"' - "$1" "$2"; }
write() { inside tee "$1" >/dev/null; }

write /etc/triaged/environment <<'ENVIRONMENT'
TRIAGED_LOG_LEVEL=debug
ENVIRONMENT
# No rule of triaged's own asks whether a process is gone.
inside mkdir -p /etc/triaged/rules /srv/shop
write /etc/triaged/rules/site.yaml <<'RULE'
id: site/worker-gone
title: A worker was killed
match:
  - formats: [gunicorn.error]
    regex: '^Worker with pid (?<worker_pid>\d+) was terminated due to signal 9'
    examples: ['[2026-11-21 01:10:50 +0000] [26108] [WARNING] Worker with pid 26109 was terminated due to signal 9']
entity: worker_pid
causes:
  - {id: worker-killed-sigkill, text: Somebody killed it., prior: 0.9, supported_by: [{probe: process-gone, weight: strong}]}
RULE
write /srv/shop/shop.py <<'SHOP'
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"open\n"]
SHOP
# gunicorn_unit NAME PORT: of billing.service, which has no application yet, the only words are systemd's
gunicorn_unit() {
  write "/etc/systemd/system/$1.service" <<UNIT
[Unit]
StartLimitIntervalSec=30
StartLimitBurst=5
[Service]
Type=notify
User=www-data
WorkingDirectory=/srv/shop
Environment=PYTHONDONTWRITEBYTECODE=1
ExecStartPre=/usr/bin/test -e /srv/shop/$1.py
ExecStart=/usr/bin/gunicorn --bind 127.0.0.1:$2 --workers 2 $1:application
Restart=on-failure
UNIT
}
gunicorn_unit shop 8001
gunicorn_unit billing 8002
write /etc/nginx/sites-available/default <<'SITE'
server {
  listen 8080;
  location / { proxy_pass http://127.0.0.1:8001; }
  location /nobody { proxy_pass http://127.0.0.1:8009; }
}
SITE
inside sed -i 's/^worker_processes .*/worker_processes 1; worker_rlimit_nofile 24;/' /etc/nginx/nginx.conf
# ask PATH: the status of nginx's answer
ask() {
  inside timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET %s HTTP/1.0\r\n\r\n" "$1" >&3; read -r _ status _ <&3; echo "$status"' - "$1"
}
answers() { is "$(ask "$1")" "$2"; }
until_true 30 has_booted || fail "the machine boots"
inside systemd-sysusers 2>/dev/null
inside systemctl daemon-reload
inside systemctl restart nginx
inside systemctl start shop
mark

# --- what systemd says of triaged ---

inside systemctl enable --now --quiet triaged || fail "systemctl enable --now triaged"
expect "Type=notify reaches active" state_is triaged active
first_process=$(shown triaged MainPID)
started=$SECONDS
of_status() { inside sed -nE "s/^$1:\s+([0-9a-f]+).*/\1/p" "/proc/$first_process/status"; }
is_confined() {
  is "$(of_status Uid)" "$(inside id -u triaged)" && is "$(of_status CapEff)" 0000000000000000 && is "$(of_status NoNewPrivs)" 1 && is "$(of_status Seccomp)" 2
}
expect "it runs as a user of its own, without capabilities, with its filter of system calls" is_confined
cannot_write() { [[ $(inside nsenter -t "$first_process" -m bash -c ': >/usr/written' 2>&1) == *'Read-only file system'* ]]; }
expect "everything is read-only for it" cannot_write
expect "a request goes through nginx to Gunicorn" answers / 200
discovers() { inside triaged discover --json | grep -qE "\"reader\":\"triaged\".*\"program\":\"$1\",\"pid\":[0-9]+,\"user\":\"$2\",\"unit\":\"$3\""; }
expect "discover finds nginx and its unit" discovers nginx root nginx.service
expect "and Gunicorn and its unit, for the user of the service" discovers gunicorn www-data shop.service

# --- what it tells when something fails ---

expect "a request to where nobody listens is answered by nginx" answers /nobody 502
expect "not-listening: nobody listens on 127.0.0.1:8009" told "nobody listens on 127.0.0.1:8009 (looked at "
status_counts() { shown triaged StatusText | grep -qE '^following [0-9]+ files, [0-9]+ open incidents; probes: [0-9]+ answered, [0-9]+ unknown'; }
expect "its status counts the looks" status_counts
say "    $(shown triaged StatusText)"
resolve_all

inside systemctl start billing 2>/dev/null || true
expect "a service that cannot start is given up by systemd" state_is billing failed
expect "unit-failed: systemd says that billing.service is failed" told "systemd says that billing.service is failed (looked at "
inside ln -s shop.py /srv/shop/billing.py
inside systemctl reset-failed billing
inside systemctl start billing
resolve_all
for life in 1 2 3; do
  send KILL "$(shown billing MainPID)"
  expect "repaired and killed, it is restarted ($life)" restarted billing "$life"
done
expect "unit-active: systemd says that billing.service is active" told "systemd says that billing.service is active (looked at "
expect "and nothing says that it failed" not_told "billing.service is failed"
resolve_all

worker=$(inside sed -nE 's/.*Booting worker with pid: ([0-9]+).*/\1/p' /var/log/syslog | tail -n 1)
send KILL "$worker"
expect "process-gone: process $worker is gone" told "process $worker is gone (looked at "
expect "the shop lives" answers / 200
resolve_all

# --- what needs a right that the unit does not give, and the drop-in of docs/probes.md that gives it ---

stop_shop_for_a_request() {
  inside systemctl stop shop
  answers / 502
  inside systemctl start shop
}
use_up_descriptors() {
  inside timeout 20 python3 - <<'PYTHON'
import socket, time
clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(40)]
time.sleep(8)
PYTHON
}
stop_shop_for_a_request || fail "nginx finds nobody at the shop"
expect "listening: the shop is back before it is told" told "a process listens on 127.0.0.1:8001 (looked at "
expect "process-restarted by address is unknown under the unit" logged "whose socket it is may only be seen by root"
resolve_all
use_up_descriptors
expect "descriptors are unknown under the unit" logged "how many files it has open may only be seen by its user and by root"
expect "nginx ran out of them all the same" told "nginx/file-descriptors-exhausted was seen"
resolve_all

sleep $((started + 65 > SECONDS ? started + 65 - SECONDS : 0))
is_same_process() { is "$(shown triaged MainPID) $(shown triaged NRestarts)" "$first_process 0"; }
expect "WatchdogSec=30 let it live for more than a minute" is_same_process

# drop_in: the unit with the lines of standard input added
drop_in() {
  inside mkdir -p /etc/systemd/system/triaged.service.d
  { echo '[Service]'; cat; } | write /etc/systemd/system/triaged.service.d/check.conf
  inside systemctl daemon-reload
  inside systemctl restart triaged
  mark
}
drop_in <<'RIGHTS'
CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH
AmbientCapabilities=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH
RIGHTS
stop_shop_for_a_request || fail "nginx finds nobody at the shop"
expect "with the drop-in: process-restarted by address" told "listens on 127.0.0.1:8001 and was started at "
resolve_all
use_up_descriptors
expect "with the drop-in: descriptors-at-limit" told " of 24 files open (looked at "
resolve_all

# --- what systemd asks of it ---

configuration=/etc/triaged/triaged.yaml
drop_in <<<'WatchdogSec=3'
first_process=$(shown triaged MainPID)
inside cp "$configuration" "$configuration.good"
inside sed -i 's/^probes: .*/probes: {off: [listning]}/' "$configuration"
inside systemctl reload triaged || fail "systemctl reload triaged"
expect "a reload with a mistake is refused, and says why" logged "there is no probe 'listning'; did you mean 'listening'?"
inside cp "$configuration.good" "$configuration"
inside sed -i 's/^sinks:/sinks:\n  - stdout: {name: journal}/' "$configuration"
inside systemctl reload triaged || fail "systemctl reload triaged"
expect "a reload takes another sink over" logged " 4 sources, 2 sinks"
sleep 7
expect "WatchdogSec=3 lets it live, reloads and all" is_same_process
send STOP "$first_process"
restarted_by_watchdog() { restarted triaged 1 && logged_by_systemd "Watchdog timeout"; }
logged_by_systemd() { inside journalctl -q -b -u triaged _PID=1 -o cat --no-pager | grep -F -- "$1" >/dev/null; }
expect "and ends and restarts it when it hangs" restarted_by_watchdog
answers /nobody 502 || fail "nginx finds nobody"
expect "after that it tells as before" told "nobody listens on 127.0.0.1:8009 (looked at "

before=$(date +%s%N)
inside systemctl stop triaged || fail "systemctl stop triaged"
took=$((($(date +%s%N) - before) / 1000000))
stopped_well() { is "$(shown triaged Result) $(shown triaged ExecMainCode) $(shown triaged ExecMainStatus)" "success 1 0"; }
expect "a stop ends with status 0" stopped_well
[ "$took" -lt 5000 ] || fail "a stop takes less than 5 s (it took $took ms)"
say "ok: a stop takes less than 5 s (it took $took ms)"

# --- a host on which nobody ran systemd-sysusers ---

inside userdel triaged
inside rm /srv/shop/billing.py
inside systemctl start triaged || fail "without its user triaged starts"
mark
inside systemctl restart billing 2>/dev/null || true
expect "without its user it tells as before" told "systemd/start-limit-hit was seen"
expect "but dbus-daemon does not speak with it" logged "probe unit of billing.service: the system bus does not answer"
say "all that was expected was seen"
