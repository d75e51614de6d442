#!/usr/bin/env bash
# Has clang prove that what several threads share (TRIAGED_GUARDED_BY, base/mutex.hpp) is touched under its lock only: one
# pass without code over the sources that see such a member. Fails also when a std::mutex, of which clang proves nothing,
# stands anywhere else.
#
# usage: scripts/locks.sh [CLANG]
set -euo pipefail
cd "$(dirname "$0")/.."

clang=${1:-}
for name in clang++ clang++-{19,18,17,16,15,14}; do
  [ -n "$clang" ] || clang=$(command -v "$name" || true)
done
[ -n "$clang" ] || { echo "locks: there is no clang++ (Debian: apt-get install clang)" >&2; exit 2; }

rooms=$(scripts/rooms.py)
bare=$(grep -nE 'std::(recursive_|shared_)?mutex\b' -r $rooms --include='*.?pp' | grep -v '^base/mutex[.]hpp:' || true)
[ -z "$bare" ] || { printf 'locks: a Mutex (base/mutex.hpp) belongs here:\n%s\n' "$bare" >&2; exit 1; }

# A guarded member is its class's own or its room's: the sources of the room that include its header, or have it themselves.
# BoundedQueue, a template, is checked where diagnosis_stage.cpp makes one.
sources=$(grep -lE 'TRIAGED_GUARDED_BY' -r $rooms --include='*.cpp')
for header in $(grep -lE 'TRIAGED_GUARDED_BY' -r $rooms --include='*.hpp'); do
  sources+=" $(grep -lF "#include \"$header\"" -r "${header%%/*}" --include='*.cpp' || true)"
done
mapfile -t sources < <(printf '%s\n' $sources | sort -u)

printf '%s\0' "${sources[@]}" |
  xargs -0 -P "$(nproc)" -n 1 "$clang" -std=c++20 -I. -fsyntax-only -Wno-everything -Wthread-safety -Werror=thread-safety
echo "${#sources[@]} sources, checked by $clang"
