#!/usr/bin/env bash
# Makes the images that the guestbook names, from Debian packages and this machine's Node.js, as OCI archives, and loads them into the
# running cluster. Needed only where no registry can be reached: elsewhere the cluster pulls the same names.
#   images.sh            make and load
#   images.sh --to DIR   only make, into DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
load=yes
if [ "${1:-}" = --to ]; then
  out=${2:?images.sh: --to needs a folder}
  load=no
fi
mkdir -p "$out" "$work/debs" "$work/stage"
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) echo "images.sh: no images for $(uname -m)" >&2; exit 1 ;; esac

# Packages with all they depend on, unpacked side by side: the libraries are taken from here.
fetch() {
  local names
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" | grep '^[a-z0-9]' | sort -u)
  # Names that only other packages provide have no candidate of their own; what they stand for is in the list too.
  # shellcheck disable=SC2086
  names=$(apt-cache policy $names | awk '/^[a-z0-9]/ { sub(":$", "", $1); name = $1 } /Candidate: [0-9]/ { print name }')
  # shellcheck disable=SC2086
  (cd "$work/debs" && apt-get download -qq $names)
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/stage"; done
}

loader() { find "$work/stage" -name 'ld-linux-*.so.*' -path '*linux-gnu*' | head -n 1; }
library_path() { find "$work/stage" -type d -path '*linux-gnu*' | paste -sd:; }

# add_program ROOT FILE [TARGET]: a program and every library it is linked with.
add_program() {
  local root=$1 file=$2 target=${3:-${2#"$work/stage"}}
  install -D "$file" "$root$target"
  "$(loader)" --library-path "$(library_path)" --list "$file" 2> /dev/null | grep -o '/[^ ]*' | sort -u | while read -r library; do
    install -D "$library" "$root/lib/$(basename "$library")"
  done
  local interpreter
  interpreter=$(basename "$(loader)")
  mkdir -p "$root/lib64"
  install -D "$(loader)" "$root/lib64/$interpreter"
  [ "$arch" = amd64 ] || install -D "$(loader)" "$root/lib/$interpreter"
}

# A root file system as programs expect it, with busybox for a shell.
base() {
  local root=$1
  mkdir -p "$root"/{bin,etc,proc,sys,dev,run,tmp,var/log,var/lib,usr/bin,usr/sbin,usr/local/bin,root}
  chmod 1777 "$root/tmp"
  install "$work/stage/bin/busybox" "$root/bin/busybox"
  "$root/bin/busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n%s' "${2:-}" > "$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n%s' "${3:-}" > "$root/etc/group"
}

digest() { sha256sum "$1" | cut -d' ' -f1; }

# blob LAYOUT FILE: moves the file to where its digest says, and prints the digest.
blob() {
  local sum
  sum=$(digest "$2")
  mv "$2" "$1/blobs/sha256/$sum"
  echo "$sum"
}

# archive NAME:TAG ROOT CMD: an OCI layout with one layer, as a tar. Equal input gives equal bytes.
archive() {
  local reference=$1 root=$2 cmd=$3 layout=$work/layout layer config manifest diff size
  rm -rf "$layout" && mkdir -p "$layout/blobs/sha256"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$work/layer.tar" .
  diff=$(digest "$work/layer.tar")
  gzip -n -1 < "$work/layer.tar" > "$work/layer.gz"
  size=$(stat -c %s "$work/layer.gz")
  layer=$(blob "$layout" "$work/layer.gz")
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$arch" "$cmd" "$diff" > "$work/config.json"
  local config_size
  config_size=$(stat -c %s "$work/config.json")
  config=$(blob "$layout" "$work/config.json")
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%s}]}' \
    "$config" "$config_size" "$layer" "$size" > "$work/manifest.json"
  local manifest_size
  manifest_size=$(stat -c %s "$work/manifest.json")
  manifest=$(blob "$layout" "$work/manifest.json")
  printf '{"imageLayoutVersion":"1.0.0"}' > "$layout/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"docker.io/library/%s","org.opencontainers.image.ref.name":"%s"}}]}' \
    "$manifest" "$manifest_size" "$reference" "${reference##*:}" > "$layout/index.json"
  local file
  file=$out/$(echo "$reference" | tr ':/' '--').tar
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$layout" -cf "$file" oci-layout index.json blobs
  echo "made $reference ($(du -h "$file" | cut -f1))"
}

node=$(readlink -f "$(command -v node)") || { echo 'images.sh: node is missing' >&2; exit 1; }
fetch busybox-static redis-server redis-tools nginx libstdc++6

base "$work/busybox"
archive busybox:1.36 "$work/busybox" '["sh"]'

base "$work/redis"
add_program "$work/redis" "$work/stage/usr/bin/redis-server"
[ -e "$work/redis/usr/bin/redis-server" ] || add_program "$work/redis" "$work/stage/usr/bin/redis-check-rdb" /usr/bin/redis-server
add_program "$work/redis" "$work/stage/usr/bin/redis-cli"
mkdir -p "$work/redis/data"
archive redis:7.0 "$work/redis" '["redis-server"]'

base "$work/nginx" $'www-data:x:33:33:www-data:/var/www:/bin/false\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n' $'www-data:x:33:\nnginx:x:101:\n'
add_program "$work/nginx" "$work/stage/usr/sbin/nginx"
mkdir -p "$work/nginx"/var/{log,lib,cache}/nginx "$work/nginx/etc/nginx"
cp "$work/stage/etc/nginx/mime.types" "$work/nginx/etc/nginx/"
archive nginx:1.22 "$work/nginx" '["nginx","-g","daemon off;"]'

base "$work/node"
add_program "$work/node" "$node" /usr/local/bin/node
archive node:20 "$work/node" '["node"]'

if [ "$load" = yes ]; then
  for file in "$out"/*.tar; do "$here/../../coracle" image load "$file"; done
fi
