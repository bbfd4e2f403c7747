#!/bin/sh
# Runs a command, as root, where programs for aarch64 run by qemu, also when it is another program that starts them:
#
#   sh tools/cross/qemu.sh QEMU COMMAND...      QEMU: a qemu-aarch64-static
#
# The kernel knows interpreters by a table, and since Linux 6.7 a user namespace has one of its own. So nothing of this
# machine changes. In the namespace every user is who he is outside, and the processor is said to be a Cortex-A72, as a
# Raspberry Pi 4 has it: qemu 7.2 hands this machine's on, from which nothing follows for aarch64, not even how wide its
# vectors are.
set -eu
qemu=$(realpath "$1")
shift

# Only one who is outside may fill the namespace's lists of users; $$ becomes unshare, and at last the command.
(
    tries=0
    until echo '0 0 65536' >/proc/$$/gid_map && echo '0 0 65536' >/proc/$$/uid_map; do
        tries=$((tries + 1))
        [ $tries -lt 40 ] || exit 1
        sleep 0.05
    done
) 2>/dev/null &

exec unshare --user --mount sh -euc '
    tries=0
    until [ "$(id -u)" = 0 ]; do
        tries=$((tries + 1))
        [ $tries -lt 80 ] || { echo "A user namespace for qemu got no users." >&2; exit 1; }
        sleep 0.05
    done
    exec "$@" # what starts as root has its rights, which this one lost
' sh sh -euc '
    qemu=$1 cpuinfo=$2
    shift 2
    magic="\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00"
    mask="\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff"
    table=/proc/sys/fs/binfmt_misc
    if mount -t binfmt_misc binfmt_misc $table 2>/dev/null; then
        printf %s ":qemu-aarch64:M::$magic:$mask:$qemu:PF" >$table/register
    elif [ ! -e $table/qemu-aarch64 ]; then
        echo "No user namespace can mount binfmt_misc here (Linux before 6.7?). Register qemu for the machine:" \
            "apt-get install qemu-user-static binfmt-support" >&2
        exit 1
    fi
    mount --bind "$cpuinfo" /proc/cpuinfo
    exec "$@"
' sh "$qemu" "$(dirname "$0")/cortex-a72.cpuinfo" "$@"
