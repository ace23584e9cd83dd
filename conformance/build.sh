#!/usr/bin/env bash
# Builds the official suite and the programs its images hold, as Go module dependencies. The results stay in a cache folder that go.sum's
# digest names, so a second call only prints it. The folder is the one line on standard output.
#   build.sh            about 10 minutes on two cores the first time
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=1.36.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/coracle/conformance/$(sha256sum "$here/go.sum" | cut -c1-16)
mkdir -p "$cache"
# One build at a time: a second one waits, and finds the first one's programs.
exec 9> "$cache/lock"
flock 9

# Specs parse the version that the programs tell.
stamp=k8s.io/component-base/version
ldflags="-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=36 -X $stamp.gitTreeState=clean"

# build NAME COMMAND...: runs `go COMMAND... -o FILE`, unless the file is there; what was broken off leaves none.
build() { build_in "$here" "$cache" "$@"; }

# build_in MODULE FOLDER NAME COMMAND...: the same for a program of another module, into another folder.
build_in() {
  local module=$1 folder=$2 name=$3 package=${!#} started=$SECONDS
  [ -x "$folder/$name" ] && return
  command -v go > /dev/null || { echo 'conformance: Go is missing: install Go 1.26 or newer (https://go.dev/dl); it builds the official suite' >&2; exit 1; }
  echo "Building $name ..." >&2
  (cd "$module" && CGO_ENABLED=0 go "${@:4:$#-4}" -ldflags "$ldflags" -o "$folder/$name.part" "$package" >&2) || { echo "conformance: $name could not be built: see the message above" >&2; exit 1; }
  mv "$folder/$name.part" "$folder/$name"
  echo "Built $name in $((SECONDS - started)) s" >&2
}

build e2e.test test -c k8s.io/kubernetes/test/e2e
build ginkgo build github.com/onsi/ginkgo/v2/ginkgo
build kubectl build k8s.io/kubernetes/cmd/kubectl
build agnhost build k8s.io/kubernetes/test/images/agnhost
build nonewprivs build k8s.io/kubernetes/test/images/nonewprivs
build regression-issue-74839 build k8s.io/kubernetes/test/images/regression-issue-74839
build pause build ./pause

# The servers of the API aggregation spec come from a module of their own: another version of etcd builds these two anew, and nothing else.
extension=$cache/extension-$(sha256sum "$here/extension/go.sum" | cut -c1-16)
mkdir -p "$extension"
build_in "$here/extension" "$extension" sample-apiserver build k8s.io/sample-apiserver
build_in "$here/extension" "$extension" etcd build go.etcd.io/etcd/server/v3
ln -sfn "$(basename "$extension")" "$cache/extension"

# busybox as its project makes it: Debian's has a patch by which its shell forgets variables named like data-1, which specs set, and bash has
# other words for what goes wrong. Debian keeps the sources without that patch too.
build_busybox() (
  for program in gcc make apt-get; do
    command -v "$program" > /dev/null || { echo "conformance: $program is missing: busybox is built with it (apt-get install build-essential)" >&2; exit 1; }
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/lists/partial" "$work/source"
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Origin: Debian' > "$work/sources.list"
  apt=(apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root)
  "${apt[@]}" update >&2
  (cd "$work" && "${apt[@]}" source --download-only busybox >&2)
  tar -xf "$work"/busybox_*.orig.tar.* -C "$work/source" --strip-components=1
  make -s -C "$work/source" defconfig > /dev/null
  # Traffic control does not compile with the headers of today's kernels.
  sed -i -e 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/' -e 's/^CONFIG_TC=y/# CONFIG_TC is not set/' "$work/source/.config"
  make -s -C "$work/source" oldconfig < <(yes '') > /dev/null 2>&1
  make -s -C "$work/source" "-j$(nproc)" busybox > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; echo 'conformance: busybox could not be built: see the message above' >&2; exit 1; }
  mv "$work/source/busybox" "$cache/busybox.part"
  mv "$cache/busybox.part" "$cache/busybox"
)

if [ ! -x "$cache/busybox" ]; then
  echo 'Building busybox ...' >&2
  started=$SECONDS
  build_busybox
  echo "Built busybox in $((SECONDS - started)) s" >&2
fi

# What the images hold besides programs.
if [ ! -e "$cache/files" ]; then
  images=$(cd "$here" && go list -m -f '{{.Dir}}' k8s.io/kubernetes)/test/images
  rm -rf "$cache/files.part" && mkdir -p "$cache/files.part"
  cp "$images"/agnhost/porter/localhost.{crt,key} "$cache/files.part/"
  for pet in kitten nautilus; do mkdir "$cache/files.part/$pet" && cp "$images/$pet/html"/* "$cache/files.part/$pet/"; done
  chmod -R u+w "$cache/files.part"
  mv "$cache/files.part" "$cache/files"
fi
echo "$cache"
