#!/usr/bin/env bash
# Feeds each fuzz target (tests/fuzz/ROOM/NAME.cpp) inputs of libFuzzer's making, under ASan and UBSan. A target names the files of
# the product that it needs in lines `// sources: …`, and libraries in one `// libraries: …`. What ever failed becomes a plain test.
#
# usage: tests/fuzz/run.sh SECONDS [NAME]...        SECONDS for each; without a name, all of them
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [NAME]...}
shift
[ $# -gt 0 ] || set -- $(basename -s .cpp tests/fuzz/*/*.cpp)

folder=build/fuzz
for name in "$@"; do
  target=$(echo tests/fuzz/*/"$name.cpp")
  read -r -a sources <<<"$(sed -n 's#^// sources: ##p' "$target" | paste -sd ' ')"
  read -r -a libraries <<<"$(sed -n 's#^// libraries: ##p' "$target")"
  mkdir -p "$folder/$name.inputs"
  clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I. \
    "$target" "${sources[@]}" "${libraries[@]/#/-l}" -o "$folder/$name"
  dictionary=()
  [ ! -f "${target%.cpp}.dict" ] || dictionary=("-dict=${target%.cpp}.dict")
  "$folder/$name" -max_total_time="$seconds" -max_len=1024 -print_final_stats=1 -artifact_prefix="$folder/$name." \
    "${dictionary[@]}" "$folder/$name.inputs" 2>&1 | tail -n 12
done
