# Makes images from Debian packages and programs at hand, as OCI archives; for scripts to source. Nothing is built twice differently:
# equal input gives equal bytes.
#
# The script that sources this sets `work` (a folder of its own, removed by it) and `out` (where archives go).
# shellcheck shell=bash disable=SC2154
mkdir -p "$out" "$work/debs" "$work/stage"
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) echo "$(basename "$0"): no images for $(uname -m)" >&2; exit 1 ;;
esac

# fetch PACKAGE...: packages with all they depend on, unpacked side by side: programs and libraries are taken from here.
fetch() {
  command -v apt-get > /dev/null || { echo "$(basename "$0"): apt-get is missing: the images are made from Debian packages" >&2; exit 1; }
  local names
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" | grep '^[a-z0-9]' | sort -u)
  # Names that only other packages provide have no candidate of their own; what they stand for is in the list too.
  # shellcheck disable=SC2086
  names=$(apt-cache policy $names | awk '/^[a-z0-9]/ { sub(":$", "", $1); name = $1 } /Candidate: [0-9]/ { print name }')
  # shellcheck disable=SC2086
  (cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root $names)
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

# base ROOT [PASSWD [GROUP]]: a root file system as programs expect it, with busybox for a shell, and further lines of /etc/passwd, /etc/group.
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

# archive REFERENCE ROOT CONFIG: an OCI layout with one layer, as a tar. CONFIG: members of the image's config, such as "Cmd":["sh"].
archive() {
  local reference=$1 root=$2 config_members=$3 layout=$work/layout layer config manifest diff size
  rm -rf "$layout" && mkdir -p "$layout/blobs/sha256"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$work/layer.tar" .
  diff=$(digest "$work/layer.tar")
  gzip -n -1 < "$work/layer.tar" > "$work/layer.gz"
  rm "$work/layer.tar"
  size=$(stat -c %s "$work/layer.gz")
  layer=$(blob "$layout" "$work/layer.gz")
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$arch" "$config_members" "$diff" > "$work/config.json"
  local config_size
  config_size=$(stat -c %s "$work/config.json")
  config=$(blob "$layout" "$work/config.json")
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%s}]}' \
    "$config" "$config_size" "$layer" "$size" > "$work/manifest.json"
  local manifest_size
  manifest_size=$(stat -c %s "$work/manifest.json")
  manifest=$(blob "$layout" "$work/manifest.json")
  printf '{"imageLayoutVersion":"1.0.0"}' > "$layout/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"}}]}' \
    "$manifest" "$manifest_size" "$reference" "${reference##*:}" > "$layout/index.json"
  local file
  file=$out/$(echo "${reference##*/}" | tr ':' '-').tar
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$layout" -cf "$file" oci-layout index.json blobs
  rm -rf "$layout"
  echo "made $reference ($(du -h "$file" | cut -f1))"
}
