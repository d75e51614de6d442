#!/usr/bin/env bash
# Lists source files that have grown: over 350 lines worth a look, over 500 an error (split them by purpose).
#
# usage: scripts/sizes.sh
set -euo pipefail
cd "$(dirname "$0")/.."

files() { git ls-files "$@" 2>/dev/null || find . -path ./build -prune -o \( -name '*.?pp' -o -name '*.py' -o -name '*.sh' \) -print; }

files '*.cpp' '*.hpp' '*.py' '*.sh' | while read -r file; do
  [ -f "$file" ] && printf '%d %s\n' "$(wc -l <"$file")" "$file"
done | sort -rn | awk '
  $1 > 500 { print "error: " $2 " has " $1 " lines, at most 500"; too_long = 1; next }
  $1 > 350 { print "large: " $2 " has " $1 " lines" }
  END { exit too_long }'
