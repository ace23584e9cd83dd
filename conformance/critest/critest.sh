#!/usr/bin/env bash
# Runs critest, the suite that container runtimes are validated by, against the engine's CRI socket.
#   critest.sh [critest's options]      such as --ginkgo.focus='Security Context'
# It builds critest and crictl from their Go module, makes the images that specs name, and answers for the registries that specs pull from,
# all in a cache folder; then an engine of its own (critest, pods in 10.229.0.0/24) runs until the specs are done, and is cleaned away.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
coracle=$here/../../coracle
recipe=$(cat "$here/images.sh" "$here/../../tools/oci-images.sh" "$here/go.sum" | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/coracle/critest/$recipe
work=$(mktemp -d)
engine_name=critest
engine_options=(--pod-cidr 10.229.0.0/24 --root "$work/engine")
socket=/run/coracle/$engine_name/cri.sock
pids=()

cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
  "$coracle" --name "$engine_name" engine "${engine_options[@]}" --clean > "$work/clean.log" 2>&1 || cat "$work/clean.log" >&2
  rm -rf "$work" "/run/coracle/$engine_name"
}

mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9
build() {
  [ -x "$cache/$1" ] && return
  command -v go > /dev/null || { echo 'critest: Go is missing: install Go 1.26 or newer (https://go.dev/dl)' >&2; exit 1; }
  echo "Building $1 ..." >&2
  (cd "$here" && CGO_ENABLED=0 nice go "${@:2:$#-2}" -o "$cache/$1.part" "${!#}" >&2)
  mv "$cache/$1.part" "$cache/$1"
}
build critest test -c sigs.k8s.io/cri-tools/cmd/critest
build crictl build sigs.k8s.io/cri-tools/cmd/crictl
if [ ! -d "$cache/layouts" ]; then
  rm -rf "$cache/layouts.part" && mkdir "$cache/layouts.part"
  "$here/images.sh" "$cache/layouts.part" >&2
  mv "$cache/layouts.part" "$cache/layouts"
fi
# One spec pulls by the digest of an image on the internet: that of the image made here takes its place, of the same length.
digest=$(sed 's/.*"digest":"sha256:\([0-9a-f]*\)".*/\1/' "$cache/layouts/test-image-digest-latest/index.json")
sed "s/9700f9a2f5bf2c45f2f605a0bd3bce7cf37420ec9d3ed50ac2758413308766bf/$digest/g" "$cache/critest" > "$work/critest"
chmod +x "$work/critest"
flock -u 9

# first_line FILE PATTERN: waits until a line of the file matches.
first_line() { tail -n +1 -f "$1" 2> /dev/null | grep -m 1 "$2"; }

trap cleanup EXIT
touch "$work/registry.log" "$work/engine.log"
node "$here/registry.mjs" "$cache/layouts" > "$work/registry.log" &
pids+=($!)
registry=$(timeout 30 bash -c "$(declare -f first_line); first_line '$work/registry.log' '^http'")
"$coracle" engine --help > "$work/build.log" 2>&1
"$coracle" --name "$engine_name" engine "${engine_options[@]}" --registry-mirror "*=$registry" > "$work/engine.log" 2>&1 &
pids+=($!)
timeout 60 bash -c "$(declare -f first_line); first_line '$work/engine.log' 'is ready'" || { cat "$work/engine.log" >&2; exit 1; }
"$work/critest" --runtime-endpoint "unix://$socket" --ginkgo.no-color "$@"
