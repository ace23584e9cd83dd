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
