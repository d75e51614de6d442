#!/usr/bin/env bash
# Every Debian 12 package that triaged needs, in one place, and their installation.
#
# usage: scripts/packages.sh [--list] GROUP...        groups: build, runtime, test, container, systemd, picture
#
# Installs what is missing with apt, as root or through sudo, and says nothing when nothing is missing.
set -euo pipefail

packages_of() {
  case $1 in
    build)
      echo build-essential cmake ninja-build ccache pkg-config \
           libboost1.81-dev libboost-json1.81-dev libboost-system1.81-dev libfmt-dev libspdlog-dev libcli11-dev \
           libyaml-cpp-dev libsimdjson-dev libre2-dev libsqlite3-dev libcurl4-openssl-dev libssl-dev libsystemd-dev zlib1g-dev \
           libzstd-dev liblzma-dev libbz2-dev libjq-dev
      # Hyperscan runs on amd64 only; Vectorscan is the same interface for the others.
      if [ "$(dpkg --print-architecture)" = amd64 ]; then echo libhyperscan-dev; else echo libvectorscan-dev; fi ;;
    runtime)  # the libraries of a finished triaged, for an image that compiles nothing
      echo ca-certificates tzdata libboost-json1.81.0 libfmt9 libspdlog1.10 libyaml-cpp0.7 libsimdjson14 libre2-9 \
           libsqlite3-0 libcurl4 libssl3 libsystemd0 zlib1g libzstd1 liblzma5 libbz2-1.0 libjq1
      if [ "$(dpkg --print-architecture)" = amd64 ]; then echo libhyperscan5; else echo libvectorscan5; fi ;;
    test)
      echo libgtest-dev libgmock-dev libbenchmark-dev clang clang-format clang-tidy zstd xz-utils bzip2 openssl ca-certificates logrotate runit \
           nginx-light haproxy gunicorn uwsgi-core uwsgi-plugin-python3 php-fpm openssh-server python3-paramiko \
           rsyslog rsyslog-openssl libglib2.0-0 libivykis0 libnet1 libwrap0 libjson-c5 bsdutils libclang-rt-14-dev \
           systemd systemd-journal-remote python3-yaml python3-pytest python3-pytest-xdist ;;
    container) echo podman runc catatonit debootstrap busybox-static ;;
    systemd) echo systemd-container debootstrap ;;
    picture) echo chromium ;;
    *) echo "packages.sh: no group '$1' (build, runtime, test, container, systemd, picture)" >&2; return 2 ;;
  esac
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

refuse() {
  printf 'packages.sh: %s\n  missing: %s\n' "$1" "${missing[*]}" >&2
  exit 1
}

list_only=no
if [ "${1:-}" = --list ]; then list_only=yes; shift; fi
[ $# -gt 0 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }

command -v dpkg-query >/dev/null || { echo "packages.sh: needs Debian 12 (or a system with its packages): there is no dpkg here" >&2; exit 1; }

wanted=()
for group in "$@"; do
  names=$(packages_of "$group")
  read -r -d '' -a of_group <<<"$names" || true
  wanted+=("${of_group[@]}")
done
if [ "$list_only" = yes ]; then printf '%s\n' "${wanted[@]}"; exit 0; fi

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then refuse "must install packages: run it as root, or install sudo"; fi

# Debian starts a service as soon as it is installed. The tests start their own on free ports, so nothing else shall listen.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'as_root rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
fi

log=$(mktemp)
if ! apt_install "${missing[@]}" >"$log" 2>&1; then
  # Package lists that are absent or old are the usual reason, and cost half a minute only when they are.
  as_root apt-get update -qq >>"$log" 2>&1 || true
  if ! apt_install "${missing[@]}" >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    if grep -qE 'Unable to locate package|has no installation candidate' "$log"; then
      refuse "apt does not know some of these packages; triaged is built on Debian 12 (bookworm), here is $(. /etc/os-release; echo "${PRETTY_NAME:-another system}")"
    fi
    refuse "apt could not install these packages; is this machine online? (the whole answer is in $log)"
  fi
fi
rm -f "$log"
