#!/usr/bin/env bash
# Makes the images that critest names, from Debian packages and two small programs of the official suite, as OCI layouts.
#   images.sh DIR        a layout in a folder of its own for each
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
layouts=${1:?images.sh: it needs a folder}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/archives
# shellcheck source=../../tools/oci-images.sh
. "$here/../../tools/oci-images.sh"
fetch busybox nginx-light procps util-linux

(cd "$here/.." && CGO_ENABLED=0 go build -o "$work/nonewprivs" k8s.io/kubernetes/test/images/nonewprivs && CGO_ENABLED=0 go build -o "$work/pause" ./pause)

suite=registry.k8s.io/e2e-test-images
tools=gcr.io/k8s-staging-cri-tools

root=$work/busybox
base "$root" $'www-data:x:33:33:www-data:/var/www:/bin/false\ndefault-user:x:1000:1000::/home:/bin/sh\n' $'www-data:x:33:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n'
ln -sf ../../bin/busybox "$root/usr/bin/env"
add_program "$root" "$work/stage/bin/busybox"
# A spec hides /bin/ls, and nothing else: the applets are files, not links to one. (The shell of busybox-static would not look at the file.)
find "$root/bin" -type l -exec ln -f "$root/bin/busybox" {} ';'
for tool in ipcs pgrep; do add_program "$root" "$work/stage/usr/bin/$tool"; done
archive "$suite/busybox:1.29-2" "$root" '"Cmd":["sh"]'
for image in test-image-latest:latest test-image-tag:test test-image-tag:all test-image-digest:latest test-image-1:latest test-image-2:latest test-image-3:latest; do
  echo "$image" > "$root/image"
  archive "$tools/$image" "$root" '"Cmd":["sh"]'
done
rm "$root/image"
for tag in 1 2 3; do archive "$tools/test-image-tags:$tag" "$root" '"Cmd":["sh","-c","true"]'; done
archive "$tools/test-image-user-uid:latest" "$root" '"User":"1002"'
archive "$tools/test-image-user-uid-group:latest" "$root" '"User":"1003:users"'
archive "$tools/test-image-user-username:latest" "$root" '"User":"www-data"'
archive "$tools/test-image-user-username-group:latest" "$root" '"User":"www-data:100"'
archive "$tools/test-image-predefined-group:latest" "$root" '"User":"1000","Cmd":["sh"]'

root=$work/nonewprivs-root
cp -a "$work/busybox" "$root"
install -m 4755 "$work/nonewprivs" "$root/usr/local/bin/nnp"
archive "$suite/nonewprivs:1.3" "$root" '"Cmd":["nnp"]'

root=$work/pause-root
mkdir "$root"
install "$work/pause" "$root/"
archive registry.k8s.io/pause:3.9 "$root" '"Entrypoint":["/pause"]'

# web_server NAME PORT
web_server() {
  root=$work/web-$2
  cp -a "$work/busybox" "$root"
  add_program "$root" "$work/stage/usr/sbin/nginx"
  mkdir -p "$root"/var/{log,lib}/nginx "$root/var/run" "$root/usr/share/nginx/html" "$root/etc/nginx"
  echo '<h1>Welcome to nginx!</h1>' > "$root/usr/share/nginx/html/index.html"
  cat > "$root/etc/nginx/nginx.conf" << END
user root;
worker_processes 1;
daemon off;
pid /var/run/nginx.pid;
error_log /dev/stderr notice;
events {}
http {
  access_log /dev/stdout;
  server { listen $2; root /usr/share/nginx/html; }
}
END
  archive "$1" "$root" '"Cmd":["nginx"]'
}
web_server "$suite/nginx:1.14-2" 80
web_server "$tools/hostnet-nginx-$arch:latest" 12003
# Apache's place is taken by busybox's server: specs ask for a page, and for a log with its name in it.
echo '<h1>It works!</h1>' > "$work/busybox/index.html"
archive "$suite/httpd:2.4.39-4" "$work/busybox" '"Cmd":["sh","-c","echo httpd; exec httpd -f -v -p 80 -h /"]'

for file in "$out"/*.tar; do
  layout=$layouts/$(basename "$file" .tar)
  mkdir -p "$layout"
  tar -C "$layout" -xf "$file"
done
