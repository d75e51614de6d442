#!/usr/bin/env bash
# Unpacks Debian's syslog-ng into a folder, for tests: its package cannot be installed beside rsyslog. The libraries that it
# needs are among those of packages.sh.
#
# usage: scripts/syslog-ng.sh FOLDER        then FOLDER/usr/sbin/syslog-ng, with LD_LIBRARY_PATH=FOLDER/usr/lib/TRIPLET
set -euo pipefail
folder=$(realpath -m "${1:?usage: scripts/syslog-ng.sh FOLDER}")
[ ! -x "$folder/usr/sbin/syslog-ng" ] || exit 0
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
# apt downloads as a user of its own, which must be able to write there.
chmod 777 "$download"
(cd "$download" && { apt-get download -qq syslog-ng-core || { apt-get update -qq && apt-get download -qq syslog-ng-core; }; })
mkdir -p "$folder"
dpkg-deb -x "$download"/syslog-ng-core_*.deb "$folder"
