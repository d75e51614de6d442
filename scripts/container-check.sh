#!/usr/bin/env bash
# Proves that the image builds and works, without a registry: makes a minimal Debian 12 with debootstrap from the mirror that
# this machine's apt uses, builds container/Containerfile on it with podman, runs the image as its users would (read-only,
# no capabilities, no network, uid 65532) over a shared folder of logs, and expects a diagnosis. Needs root; about ten minutes.
#
# usage: scripts/container-check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo "container-check.sh: needs root (debootstrap makes device nodes and owners)" >&2; exit 1; }

work=$(pwd)/build/container
base=localhost/debian:12-slim
image=localhost/triaged:check
say() { printf '[container] %s\n' "$*"; }
mkdir -p "$work"

say "installing podman and debootstrap …"
scripts/packages.sh container

# Some hosts allow no more than their own limits and no systemd control groups; these settings work there and elsewhere.
cat >"$work/containers.conf" <<'CONF'
[containers]
default_ulimits=["nofile=1024:4096","nproc=10000:10000"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
runtime="runc"
CONF
export CONTAINERS_CONF=$work/containers.conf
pod() { podman --root "$work/storage" --runroot "$work/run" --storage-driver overlay "$@"; }

if ! pod image exists "$base"; then
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "bookworm" {print $2; exit}')
  [ -n "$mirror" ] || { echo "container-check.sh: apt knows no mirror of Debian 12 (bookworm)" >&2; exit 1; }
  say "making a minimal Debian 12 …"
  rm -rf "$work/debian"
  debootstrap --variant=minbase bookworm "$work/debian" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 15 "$work/debootstrap.log" >&2; exit 1; }
  tar -C "$work/debian" -c . | pod import --quiet - "$base" >/dev/null
  rm -rf "$work/debian"
fi

say "building the image (its packages and triaged itself) …"
pod build --quiet --isolation chroot --network host --build-arg DEBIAN=$base -t $image -f container/Containerfile . \
  >"$work/build.log" 2>&1 || { tail -n 30 "$work/build.log" >&2; exit 1; }
say "image size: $(pod image inspect --format '{{.Size}}' $image | awk '{printf "%d MB", $1 / 1000000}')"

say "running it over a shared folder of logs …"
rm -rf "$work/logs" "$work/state"
mkdir -p "$work/logs" "$work/state"
chown 65532:65532 "$work/state"
name=triaged-check-$$
pod run --rm --name "$name" --network none --read-only --cap-drop=all --security-opt no-new-privileges --memory 256m \
  -v "$work/logs:/logs:ro" -v "$work/state:/var/lib/triaged" $image >"$work/output.txt" 2>"$work/errors.txt" &
runner=$!
trap 'pod kill "$name" >/dev/null 2>&1 || true; wait "$runner" 2>/dev/null || true' EXIT
scripts/play_samples.sh "$work/logs" stale-upstream

for _ in $(seq 60); do
  if grep -q '127.0.0.1:8003' "$work/output.txt"; then
    say "the container diagnosed the stale upstream:"
    head -n 12 "$work/output.txt"
    exit 0
  fi
  kill -0 "$runner" 2>/dev/null || break
  sleep 0.5
done
echo "container-check.sh: no diagnosis; what the container said:" >&2
tail -n 20 "$work/output.txt" "$work/errors.txt" >&2
exit 1
