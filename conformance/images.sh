#!/usr/bin/env bash
# Makes the images that conformance specs run, under the names that `e2e.test --list-images` prints, from the suite's own programs and
# Debian packages, as OCI archives, and loads them into a running cluster.
#   images.sh [NAME]     make them, or take those made before, and load them into the cluster (default: coracle)
#   images.sh --to DIR   only make, into DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
programs=$("$here/build.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Other recipes make other images.
recipe=$(cat "$here/images.sh" "$here/../tools/oci-images.sh" "$here/extension/go.sum" | sha256sum | cut -c1-16)
kept=$programs/images-$recipe
out=$kept.part
name=${1:-coracle}
if [ "$name" = --to ]; then
  out=${2:?images.sh: --to needs a folder}
  kept=$out
fi

load() {
  [ "$name" = --to ] || for file in "$kept"/*.tar; do "$here/../coracle" --name "$name" image load "$file"; done
}
if [ "$name" != --to ] && [ -d "$kept" ]; then load; exit; fi
[ "$name" = --to ] || rm -rf "$out"

# shellcheck source=../tools/oci-images.sh
. "$here/../tools/oci-images.sh"
fetch bash libc-bin curl bind9-dnsutils netcat-openbsd iproute2 iperf nginx util-linux
stage=$work/stage
suite=registry.k8s.io/e2e-test-images

install "$programs/busybox" "$stage/bin/busybox"

# shell_base ROOT: with busybox' own shell, as the suite's images have it, and the users that specs name.
shell_base() {
  base "$1" $'user-defined-in-image:x:1000:1000::/home:/bin/sh\n' $'user-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n'
  mkdir -p "$1/home"
  # Specs name these by their full path.
  for applet in env printf id test dirname basename; do ln -sf ../../bin/busybox "$1/usr/bin/$applet"; done
  echo 'hosts: files dns' > "$1/etc/nsswitch.conf"
}

root=$work/busybox
shell_base "$root"
for tag in 1.37.0-1 1.36.1-1; do archive "$suite/busybox:$tag" "$root" '"Cmd":["sh"]'; done
archive "$suite/nonroot:1.5" "$root" '"User":"1234","Cmd":["sh","-c","id -u; sleep 3600"]'

cp -a "$work/busybox" "$work/nonewprivs"
root=$work/nonewprivs
install -m 4755 "$programs/nonewprivs" "$root/usr/local/bin/nnp"
archive "$suite/nonewprivs:1.4" "$root" '"Cmd":["nnp"]'

cp -a "$work/busybox" "$work/ipc-utils"
root=$work/ipc-utils
rm -f "$root/bin/ipcs" "$root/bin/ipcrm"
for tool in ipcs ipcmk ipcrm lsns; do add_program "$root" "$stage/usr/bin/$tool"; done
archive "$suite/ipc-utils:1.4" "$root" '"Cmd":["sh"]'

cp -a "$work/busybox" "$work/dns"
root=$work/dns
rm -f "$root/bin/nslookup"
add_program "$root" "$stage/bin/bash"
for tool in dig nslookup host getent; do add_program "$root" "$stage/usr/bin/$tool"; done
archive "$suite/glibc-dns-testing:2.0.0" "$root" '"Cmd":["bash"]'

# agnhost's shell tools are used by specs with options that busybox's lack.
cp -a "$root" "$work/agnhost"
root=$work/agnhost
rm -f "$root/bin/ip" "$root/bin/nc"
for tool in /usr/bin/curl /usr/bin/iperf /bin/ip /bin/ss; do add_program "$root" "$stage$tool"; done
add_program "$root" "$stage/bin/nc.openbsd" /bin/nc
install "$programs/agnhost" "$root/agnhost"
ln -s agnhost "$root/agnhost-2"
ln -s /usr/bin/iperf "$root/usr/local/bin/iperf"
mkdir "$root/uploads"
cp "$programs"/files/localhost.{crt,key} "$root/"
agnhost='"Entrypoint":["/agnhost"],"ExposedPorts":{"80/tcp":{},"5000/tcp":{},"8080/tcp":{},"8081/tcp":{},"9376/tcp":{}},"Cmd":["pause"]'
for tag in 2.63.0 2.55; do archive "$suite/agnhost:$tag" "$root" "$agnhost"; done
for pet in kitten nautilus; do
  cp "$programs/files/$pet"/* "$root/"
  archive "$suite/$pet:1.8" "$root" '"Entrypoint":["/agnhost"],"Cmd":["test-webserver"],"ExposedPorts":{"80/tcp":{}}'
  rm "$root/$pet.jpg"
done

root=$work/regression
mkdir "$root"
install "$programs/regression-issue-74839" "$root/"
archive "$suite/regression-issue-74839:1.4" "$root" '"Entrypoint":["/regression-issue-74839"]'

root=$work/pause
mkdir "$root"
install "$programs/pause" "$root/"
archive registry.k8s.io/pause:3.10.2 "$root" '"Entrypoint":["/pause"]'

# image_of NAME: the reference that specs have for it.
image_of() { "$programs/e2e.test" --list-images | grep "/$1:"; }

root=$work/sample-apiserver
mkdir -p "$root/tmp"
install "$programs/extension/sample-apiserver" "$root/"
archive "$(image_of sample-apiserver)" "$root" '"Entrypoint":["/sample-apiserver"]'

root=$work/etcd
install -D "$programs/extension/etcd" "$root/usr/local/bin/etcd"
archive "$(image_of etcd)" "$root" '"Cmd":["etcd"]'

cp -a "$work/busybox" "$work/nginx"
root=$work/nginx
add_program "$root" "$stage/usr/sbin/nginx"
mkdir -p "$root"/var/{log,lib}/nginx "$root/usr/share/nginx/html" "$root/etc/nginx"
echo '<h1>Welcome to nginx!</h1>' > "$root/usr/share/nginx/html/index.html"
cat > "$root/etc/nginx/nginx.conf" << 'END'
user root;
worker_processes 1;
daemon off;
pid /run/nginx.pid;
error_log /dev/stderr;
events {}
http {
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
  }
}
END
# Rollouts want two images that differ.
for tag in 1.15-4 1.27-0; do
  echo "$tag" > "$root/etc/image-version"
  archive "$suite/nginx:$tag" "$root" '"ExposedPorts":{"80/tcp":{}},"Cmd":["nginx"]'
done

[ "$name" = --to ] || mv "$out" "$kept"
load
