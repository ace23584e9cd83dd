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
# shellcheck source=../../tools/oci-images.sh
. "$here/../../tools/oci-images.sh"

node=$(readlink -f "$(command -v node)") || { echo 'images.sh: node is missing' >&2; exit 1; }
fetch busybox-static redis-server redis-tools nginx libstdc++6

base "$work/busybox"
archive docker.io/library/busybox:1.36 "$work/busybox" '"Cmd":["sh"]'

base "$work/redis"
add_program "$work/redis" "$work/stage/usr/bin/redis-server"
[ -e "$work/redis/usr/bin/redis-server" ] || add_program "$work/redis" "$work/stage/usr/bin/redis-check-rdb" /usr/bin/redis-server
add_program "$work/redis" "$work/stage/usr/bin/redis-cli"
mkdir -p "$work/redis/data"
archive docker.io/library/redis:7.0 "$work/redis" '"Cmd":["redis-server"]'

base "$work/nginx" $'www-data:x:33:33:www-data:/var/www:/bin/false\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n' $'www-data:x:33:\nnginx:x:101:\n'
add_program "$work/nginx" "$work/stage/usr/sbin/nginx"
mkdir -p "$work/nginx"/var/{log,lib,cache}/nginx "$work/nginx/etc/nginx"
cp "$work/stage/etc/nginx/mime.types" "$work/nginx/etc/nginx/"
archive docker.io/library/nginx:1.22 "$work/nginx" '"Cmd":["nginx","-g","daemon off;"]'

base "$work/node"
add_program "$work/node" "$node" /usr/local/bin/node
archive docker.io/library/node:20 "$work/node" '"Cmd":["node"]'

if [ "$load" = yes ]; then
  for file in "$out"/*.tar; do "$here/../../coracle" image load "$file"; done
fi
