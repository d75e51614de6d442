#!/bin/sh
# Replays recorded failures from samples/ into a folder of growing log files, in their own order and at their own pace,
# with the time stamps rewritten to now. Needs nothing but sh and awk.
#
# usage: scripts/play_samples.sh [--gap SECONDS] FOLDER [STORY...]
#
# Each story is a folder of samples/; one starts GAP seconds (default 8) after the one before it. Lines without a stamp of
# their own (a traceback) keep to the line before them. A line appears in the second after the one it is stamped with, so
# that no line is ever ahead of the clock.
set -eu

samples=$(cd "$(dirname "$0")/../samples" && pwd)
gap=8
if [ "${1:-}" = --gap ]; then
  gap=$2
  shift 2
fi
[ $# -ge 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
target=$1
shift
[ $# -gt 0 ] || set -- stale-upstream database-down backend-down out-of-memory

for story in "$@"; do
  [ -d "$samples/$story" ] || { echo "play_samples.sh: no story '$story' in $samples" >&2; exit 2; }
  mkdir -p "$target/$story"
done

# One line a log line: when it is due, from the start of the play; its place within that second; the file; the text, in
# which each stamp has become \001KIND SECONDS\002. A cause is written before its effect: kernel, application, proxy.
playlist() {
  number=0
  for story in "$@"; do
    for log in "$samples/$story"/kernel*.log "$samples/$story"/gunicorn*.log "$samples/$story"/nginx*.log \
               "$samples/$story"/haproxy*.log; do
      [ -f "$log" ] && printf '%s\t%s\t%s\n' "$((number * gap))" "$story/${log##*/}" "$log"
    done
    number=$((number + 1))
  done | TZ=UTC LC_ALL=C awk -F '\t' '
    function epoch(year, month, day, clock) {
      gsub(":", " ", clock)
      return mktime(year " " month " " day " " clock)
    }
    function mark(kind, at, length_, time) {
      marked = marked substr(rest, 1, at - 1) "\001" kind " " time "\002"
      rest = substr(rest, at + length_)
      if (due_now == "") due_now = time
    }
    function read_line(line,   stamp) {
      marked = ""; rest = line; due_now = ""
      if (match(rest, /20[0-9][0-9]-[01][0-9]-[0-3][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) && RSTART < 12) {
        stamp = substr(rest, RSTART, RLENGTH)
        mark(substr(stamp, 11, 1) == "T" ? "iso" : "space", RSTART, RLENGTH,
             epoch(substr(stamp, 1, 4), substr(stamp, 6, 2), substr(stamp, 9, 2), substr(stamp, 12)))
      } else if (match(rest, /^20[0-9][0-9]\/[01][0-9]\/[0-3][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)) {
        stamp = substr(rest, RSTART, RLENGTH)
        mark("nginx", RSTART, RLENGTH,
             epoch(substr(stamp, 1, 4), substr(stamp, 6, 2), substr(stamp, 9, 2), substr(stamp, 12)))
      }
      if (match(rest, /\[[0-3][0-9]\/[A-Z][a-z][a-z]\/20[0-9][0-9]:[0-9][0-9]:[0-9][0-9]:[0-9][0-9][ .]/)) {
        stamp = substr(rest, RSTART + 1, RLENGTH - 2)
        mark(substr(rest, RSTART + RLENGTH - 1, 1) == " " ? "clf" : "local", RSTART + 1, RLENGTH - 2,
             epoch(substr(stamp, 8, 4), (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(stamp, 4, 3)) + 2) / 3,
                   substr(stamp, 1, 2), substr(stamp, 13)))
      }
      return marked rest
    }
    {
      delay = $1; file = $2; path = $3; story = file; sub("/.*", "", story)
      time = ""
      while ((getline line < path) > 0) {
        text[++count] = read_line(line)
        if (due_now != "") time = due_now
        when[count] = time; name[count] = file; after[count] = delay; of[count] = story
        if (!(story in first) || time < first[story]) first[story] = time
      }
      close(path)
    }
    END {
      for (i = 1; i <= count; ++i) {
        printf "%d\t%d\t%s\t%d\t%s\n", when[i] - first[of[i]] + after[i], i, name[i], first[of[i]] - after[i], text[i]
      }
    }' | sort -t "$(printf '\t')" -k 1,1n -k 2,2n
}

list=$(mktemp)
playlist "$@" >"$list"
exec 3<"$list"
rm -f "$list"

# exec: whoever ends this script by its id ends the writing.
exec env LC_ALL=C awk -F '\t' -v target="$target" '
  function now() { srand(); return srand() }   # the seconds since 1970 that every awk has
  function rewritten(line, shift_by,   head, kind, time, end) {
    head = ""
    while ((end = index(line, "\002")) > 0) {
      kind = substr(line, index(line, "\001") + 1, end - index(line, "\001") - 1)
      head = head substr(line, 1, index(line, "\001") - 1)
      time = substr(kind, index(kind, " ") + 1) + shift_by
      sub(" .*", "", kind)
      head = head (kind == "iso"   ? strftime("%Y-%m-%dT%H:%M:%S", time, 1) : \
                   kind == "space" ? strftime("%Y-%m-%d %H:%M:%S", time, 1) : \
                   kind == "clf"   ? strftime("%d/%b/%Y:%H:%M:%S", time, 1) : \
                   kind == "local" ? strftime("%d/%b/%Y:%H:%M:%S", time) : strftime("%Y/%m/%d %H:%M:%S", time))
      line = substr(line, end + 1)
    }
    return head line
  }
  BEGIN { begin = now() }
  {
    due = $1; file = $3; start = $4
    line = $0
    for (i = 0; i < 4; ++i) line = substr(line, index(line, "\t") + 1)
    while (now() <= begin + due) {
      for (open in opened) close(open)
      system("sleep 0.2")
    }
    path = target "/" file
    opened[path] = 1
    print rewritten(line, begin - start) >> path
  }' <&3
