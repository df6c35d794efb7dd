#!/usr/bin/env bash
# Runs a command as root in Debian's user-mode Linux, which has netem where this machine's kernel has not. It sees this machine's files and writes none of
# them; what it writes in /tmp is gone with it. One processor, and a system call takes 65 us there: for slow wires alone, as
# bench/side-by-side/other-kernel.sh bench/side-by-side/paths.py --rate 10
#
# usage: bench/side-by-side/other-kernel.sh COMMAND...     (all in: about 2 GB of memory; on Debian: apt-get install user-mode-linux)
set -euo pipefail

main() {
  [ $# -gt 0 ] || fail "no command (expected: one, as bench/side-by-side/paths.py)"
  [ "$(id -u)" -eq 0 ] || fail "not root (expected: root, as whom that kernel reads this machine's files)"
  command -v linux.uml > /dev/null || fail "linux.uml: missing (on Debian: apt-get install user-mode-linux)"
  # Not local: the trap outlives this function.
  files=$(mktemp -d)
  kernel=
  trap 'end' EXIT
  touch "$files/out" "$files/err"
  inside "$@" > "$files/inside"
  TMPDIR=$files linux.uml umid="culvert-$$" mem=2G root=/dev/root rootfstype=hostfs rootflags=/ ro quiet con=null con0=null \
    init=/bin/bash -- "$files/inside" < /dev/null > "$files/kernel" 2>&1 &
  kernel=$!
  tail --pid=$kernel -f "$files/err" >&2 &
  tail --pid=$kernel -f "$files/out"
  wait || true
  [ -s "$files/code" ] || fail "that kernel did not come to an end: $(tail -n 5 "$files/kernel")"
  exit "$(cat "$files/code")"
}

end() {
  # It has a process of its own for each of the command's.
  [ -z "$kernel" ] || ! kill -0 "$kernel" 2> /dev/null || pkill -KILL -f "umid=culvert-$$ "
  rm -rf "$files"
}

# The first program of that kernel: what a system's start would do, as far as a measurement needs it.
inside() {
  cat << TEXT
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
mount -t tmpfs none /dev
umask 0
mknod /dev/null c 1 3; mknod /dev/zero c 1 5; mknod /dev/random c 1 8; mknod /dev/urandom c 1 9
umask 022
ln -s /proc/self/fd /dev/fd
mount -t hostfs -o $(printf %q "$files") none /mnt
exec > /mnt/out 2> /mnt/err < /dev/null
mkdir -p /run/modules/lib/modules
ln -s "/usr/lib/uml/modules/\$(uname -r)" /run/modules/lib/modules/
modprobe -d /run/modules -a overlay sch_netem veth tcp_bbr || poweroff -f
mkdir /run/written /run/work
mount -t overlay -o lowerdir=/tmp,upperdir=/run/written,workdir=/run/work none /tmp
ip link set lo up
echo "Linux \$(uname -r), user-mode" >&2
cd $(printf %q "$PWD")
code=0
$(printf '%q ' "$@") || code=\$?
echo \$code > /mnt/code
poweroff -f > /dev/null 2>&1
TEXT
}

fail() {
  echo "other-kernel.sh: $1" >&2
  exit 1
}

main "$@"
