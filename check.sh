#!/usr/bin/env bash
# Everything that must hold before a change is good, from a fresh clone on Debian 12: installs what is missing, builds with
# warnings as errors, runs every test. Reads nothing from the terminal and may be run again. The last line counts the steps.
#
# usage: ./check.sh [--fast | --sanitize | --long] [--tidy]
#   --fast      unit tests only
#   --sanitize  unit tests only, once under AddressSanitizer and UndefinedBehaviorSanitizer and once under ThreadSanitizer
#   --long      what takes hours, instead of the rest: end to end with the release build, 1,000 kills and 1,000 rotations, a million
#               forged requests, two million healthy ones, every recorded failure replayed, and what --sanitize does
#   --tidy      clang-tidy as well (slow)
set -uo pipefail
cd "$(dirname "$0")"
exec </dev/null

mode=full tidy=no
for option in "$@"; do
  case $option in
    --fast) mode=fast ;;
    --sanitize) mode=sanitize ;;
    --long) mode=long ;;
    --tidy) tidy=yes ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "check.sh: unknown option '$option'" >&2; exit 2 ;;
  esac
done

build=build/check
logs=build/check-logs
mkdir -p "$logs"
built=no passed=0 failed=0
failures=()

# step NAME LINES COMMAND…: runs it with its output in a file; shows the last LINES of that when it is good, more when not.
step() {
  local name=$1 shown=$2 log started=$SECONDS
  shift 2
  log=$logs/$(tr -c 'a-z0-9\n' '-' <<<"${name,,}").log
  printf '%-58s' "$name …"
  if "$@" >"$log" 2>&1; then
    printf 'ok (%d s)\n' $((SECONDS - started))
    passed=$((passed + 1))
    [ "$shown" -eq 0 ] || grep -v '^$' "$log" | tail -n "$shown" | sed 's/^/    /'
    return 0
  fi
  printf 'FAILED (%d s)\n' $((SECONDS - started))
  failed=$((failed + 1))
  failures+=("$name")
  tail -n 60 "$log" | sed 's/^/    /'
  echo "    (all of it: $log)"
  return 1
}

finish() {
  [ "$failed" -eq 0 ] || printf '\nfailed: %s\n' "$(printf '%s; ' "${failures[@]}")"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
  exit
}

jobs=$(nproc)
configure() { cmake --preset "$@" -DTRIAGED_WARNINGS_AS_ERRORS=ON; }
compile() { cmake --build "$1" -j "$jobs"; }
# Some wait more than they compute.
unit_tests() { ctest --test-dir "$1" -j "$((jobs * 2))" --output-on-failure --no-tests=error; }
build_and_test() {  # NAME FOLDER CONFIGURE-ARGUMENTS…
  local name=$1 folder=$2
  shift 2
  step "configure $name" 0 configure "$@" -B "$folder" && step "build $name" 0 compile "$folder" || return
  built=yes
  step "unit tests $name" 3 unit_tests "$folder"
}

step "install packages" 0 scripts/packages.sh build test || finish

sanitizers() {
  build_and_test "under ASan and UBSan" build/asan asan
  build_and_test "under TSan" build/tsan tsan
}

case $mode in
  sanitize)
    sanitizers
    finish ;;
  fast)
    build_and_test "(debug)" "$build" dev -DTRIAGED_UNITY=ON
    finish ;;
esac

triaged=$build/triaged
sources() { git ls-files '*.cpp' '*.hpp' 2>/dev/null || find . -path ./build -prune -o -name '*.?pp' -print; }
format() { sources | xargs clang-format --dry-run -Werror; }
# Two types of one name in one namespace are one to the linker, and the program runs the code of the wrong one.
type_names() {
  local room twice good=0
  for room in $(scripts/rooms.py); do
    twice=$(find "$room" -name '*.hpp' -print0 |
      xargs -0 sed -nE 's/^(struct|class) ([A-Za-z]+)( final)?( : .*)? \{.*/\2/p' | sort | uniq -d)
    [ -z "$twice" ] || { echo "more than one header of $room defines:" $twice; good=1; }
  done
  return "$good"
}
shell_syntax() {
  local script
  for script in quickstart.sh check.sh scripts/*.sh .ci/run; do bash -n "$script" || return; done
}
clang_tidy() {
  configure dev -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON &&
    run-clang-tidy -quiet -p build/tidy "$PWD/($(scripts/rooms.py | paste -sd '|'))/.*\.cpp"
}
# An unknown key in a unit is only printed, so any word about ours is a failure; other units of the host are not our business.
# The program is named where it was built.
unit_for_check() { sed "s#^ExecStart=/usr/bin/triaged#ExecStart=$PWD/$triaged#" systemd/triaged.service >"$logs/triaged.service"; }
unit_is_valid() {
  unit_for_check && systemd-analyze verify "$logs/triaged.service" >"$logs/verify.txt" 2>&1
  local status=$?
  cat "$logs/verify.txt"
  [ "$status" -eq 0 ] && ! grep -q 'triaged\.service' "$logs/verify.txt"
}
unit_is_hardened() { unit_for_check && systemd-analyze security --no-pager --offline=true --threshold=20 "$logs/triaged.service"; }
end_to_end() {
  TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -n 5 -p no:cacheprovider --tb=short --durations=5 -rs tests/e2e
}
# Its package cannot be installed beside rsyslog's.
syslog_ng() { scripts/syslog-ng.sh build/syslog-ng; }
flood() {
  TRIAGED_LONG=1 TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -p no:cacheprovider --tb=short -rP tests/e2e/test_syslog_source.py -k flood
}
first_hour() {  # with the daemon's own settings: what is over has to stay away for a minute
  TRIAGED_LONG=1 TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -p no:cacheprovider --tb=short -rP tests/e2e/faultlab/test_first_hour.py
}
torture() {  # by more than there are processors, for they wait more than they compute
  TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -n 6 -p no:cacheprovider --tb=short -rs tests/torture
}
healthy() {
  TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider --tb=short -rs tests/healthy
}
forging() {  # half a minute; a server that does not answer shall not hold up everything
  TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 timeout 600 /usr/bin/python3 -m pytest -q -n 4 -p no:cacheprovider --tb=short -rPs tests/forging
}
corpus_score() {
  "$corpus/tools/score.py" --triaged "$PWD/$triaged" --json "$logs/score.json" &&
    /usr/bin/python3 - "$logs/score.json" <<'PYTHON'
import json, sys
score = json.load(open(sys.argv[1]))
alerts = score["alerts_per_case"]
good = score["top1"] >= 97 and score["top3"] >= 99 and alerts <= 1.15 and score["false_alarms"] == 0
print(
    f'top-1 {score["top1"]:.1f} % (at least 97), top-3 {score["top3"]:.1f} % (at least 99), '
    f'alerts per failure {alerts:.2f} (at most 1.15), false alarms {score["false_alarms"]} (at most 0)'
)
sys.exit(not good)
PYTHON
}
# Recorded failures with their true causes, too many to keep in this repository.
corpus=${TRIAGED_CORPUS_KIT:-../shared}
has_corpus() {
  [ -x "$corpus/tools/score.py" ] && return
  printf '\nNOT RUN: %s (there is no %s/tools/score.py; TRIAGED_CORPUS_KIT names its folder)\n' "$1" "$corpus"
  return 1
}

# The program that users run. quickstart.sh builds it in the same place in the same way.
release() {
  cmake --preset release -DTRIAGED_TESTS=OFF -DTRIAGED_BENCHMARKS=OFF && cmake --build build/release --target triaged -j "$jobs"
}
# Each prints its seed: with --seed it can be run again by hand.
long_run() {  # FOLDER-OF-TESTS ARGUMENTS…
  local name=$1
  shift
  TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "tests/$name/run.py" "$@"
}
replay_all() {
  TRIAGED_REPLAY_ALL=1 TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -n 4 -p no:cacheprovider --tb=short tests/e2e/test_replay.py tests/e2e/test_replay_by_syslog.py
}

journal_long() {
  TRIAGED_REPLAY_ALL=1 TRIAGED_JOURNAL_KILLS=300 TRIAGED_BINARY=$PWD/$triaged PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -m pytest -q -n 4 -p no:cacheprovider --tb=short tests/e2e/test_journal.py
}

if [ "$mode" = long ]; then
  triaged=build/release/triaged
  if step "build (release)" 0 release; then
    step "end to end, with what users run" 3 end_to_end
    step "1,000 kills and 1,000 rotations, in every shape" 3 long_run torture --kills 1000 --rotations 1000
    step "a million forged requests" 3 long_run forging --requests 1000000
    step "two million healthy requests" 3 long_run healthy --requests 2000000
    step "thirteen situations of one site, as long as they take" 1 first_hour
    step "300 kills, and every recorded failure, through the journal" 3 journal_long
    step "100,000 datagrams a second for 10 s" 3 flood
    step "any bytes at what reads them (libFuzzer)" 2 tests/fuzz/run.sh 600
    ! has_corpus "the recorded failures" || step "every recorded failure, replayed" 3 replay_all
    ! has_corpus "the wrapped failures" || step "every recorded failure, behind every wrapper" 3 long_run wrapped --corpus "$corpus/corpus"
    ! has_corpus "failures one after another" || step "failures of one site, one after another" 8 long_run sequences --corpus "$corpus/corpus" --sequences 200
    ! has_corpus "failures one after another, followed" ||
      step "failures of one site, one after another, followed at 100 times the speed" 8 long_run sequences \
        --corpus "$corpus/corpus" --live 100 --sequences 20
  fi
  sanitizers
  finish
fi

step "source format" 0 format
step "file sizes" 5 scripts/sizes.sh
step "rooms, and what they include" 5 scripts/rooms.py --check
step "one type a name in each room" 0 type_names
step "shell syntax" 0 shell_syntax
step "locks, proved by clang" 1 scripts/locks.sh
build_and_test "(debug, warnings are errors)" "$build" dev -DTRIAGED_UNITY=ON
[ "$tidy" = no ] || step "clang-tidy" 0 clang_tidy
if [ "$built" = yes ]; then
  step "rules lint" 1 "$triaged" rules lint --strict rules
  step "rules test" 1 "$triaged" rules test rules
  step "sample configuration" 0 "$triaged" check --config systemd/triaged.yaml
  step "systemd unit is valid" 0 unit_is_valid
  step "systemd unit is hardened" 1 unit_is_hardened
  step "unpack syslog-ng" 0 syslog_ng
  step "end to end with nginx, HAProxy and Gunicorn" 7 end_to_end
  step "a healthy site raises nothing" 1 healthy
  step "a client's text makes no diagnosis" 2 forging
  step "no line lost, none told twice (rotation, kill -9)" 5 torture
  step "quickstart" 0 env TRIAGED_BINARY="$PWD/$triaged" ./quickstart.sh
  ! has_corpus "the labelled corpus" || step "root causes of the labelled corpus" 3 corpus_score
  ! has_corpus "the wrapped failures" || step "recorded failures behind wrappers" 1 long_run wrapped --corpus "$corpus/corpus" --every 7
  ! has_corpus "failures one after another" || step "failures of one site, one after another" 8 long_run sequences --corpus "$corpus/corpus" --sequences 4
fi
finish
