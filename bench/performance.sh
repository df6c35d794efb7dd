#!/usr/bin/env bash
# Measures everything and writes docs/performance.md; what the measurements say meanwhile goes to standard error. Takes nearly two hours.
# With names of sections it measures these alone, and all others stay as they are: each tells when, where and of what it was measured.
#
# usage: bench/performance.sh [many_tunnels|ten_thousand|side_by_side|paths|netem|micro_benchmarks]...
# side_by_side, paths and netem need python3, and Debian's nginx-light wrk curl haproxy openssh-server openssh-client iproute2; paths and netem need root,
# and netem user-mode-linux. Everything must be built (./dev bench does that).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
java=(java -cp "$home/bench/target/classes:$home/bench/target/libs/*")
document=$home/docs/performance.md
sections=(many_tunnels ten_thousand side_by_side paths netem micro_benchmarks)

main() {
  local name
  for name in "$@"; do
    [[ " ${sections[*]} " == *" $name "* ]] || {
      echo "performance.sh: $name: no such section (expected: ${sections[*]}, or none for all)" >&2
      exit 2
    }
  done
  [ $# -gt 0 ] || set -- "${sections[@]}"
  # A measurement that fails leaves the former document as it is, and beside it what was measured so far.
  {
    head_of_document
    for name in "${sections[@]}"; do
      if [[ " $* " == *" $name "* ]]; then
        section "$name"
      else
        former "$name"
      fi
    done
  } > "$document.part"
  mv "$document.part" "$document"
  echo "$document is written" >&2
}

title() {
  case $1 in
    many_tunnels) echo "Many tunnels on one server" ;;
    ten_thousand) echo "Ten thousand tunnels" ;;
    side_by_side) echo "Side by side" ;;
    paths) echo "Paths as people have them" ;;
    netem) echo "The same by netem" ;;
    micro_benchmarks) echo "Parts by themselves" ;;
  esac
}

section() {
  local before
  # Measured beside a compiler, a figure is worth little: each section tells how busy the machine was.
  before=$(load)
  echo "== $1 (load $before)" >&2
  printf '\n## %s\n\n' "$(title "$1")"
  "$1"
  printf '\nMeasured %s, revision %s, on %s; load %s to %s.\n' "$(date -u +'%Y-%m-%d %H:%M UTC')" "$(revision)" "$(machine)" "$before" "$(load)"
}

# As the document has it.
former() {
  [ -f "$document" ] || return 0
  awk -v title="## $(title "$1")" '/^## / { inside = $0 == title; if (inside) print "" } inside' "$document" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

load() {
  cut -d ' ' -f 1 /proc/loadavg
}

of_first_processor() {
  sed -n "/^$1[[:space:]]*: */{s///p;q}" /proc/cpuinfo
}

revision() {
  git -C "$home" describe --always --dirty 2> /dev/null || echo "unknown"
}

machine() {
  local model family number
  model=$(of_first_processor 'model name')
  # Clouds give many generations one name; ARM has neither number.
  family=$(of_first_processor 'cpu family')
  number=$(of_first_processor 'model')
  echo "${model:-$(uname -m)}${family:+ (family $family, model $number)}, $(nproc) processors, $(awk '/^MemTotal:/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GiB, Linux $(uname -r)," \
    "Java $(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.runtime\.version = //p')"
}

head_of_document() {
  cat << 'TEXT'
# What Culvert costs

Written by `./dev bench`, nothing of it by hand. Absolute figures hold for one machine and one hour, ratios travel. The same on other machines, and why what is
lost is lost: [performance-notes.md](performance-notes.md).

Each section tells when, where and of what it was measured, Java without flags unless told otherwise. Load is the one-minute load average when it began and when it ended; the
measurement itself is part of the second. Client, server, agent and backends share the machine.

Everything again: `./dev bench`, as root; sections alone: `bench/performance.sh` and their names, behind it.
TEXT
}

many_tunnels() {
  cat << 'TEXT'
`./dev bench ManyTunnels`: the real server, started by `culvert`, with `-Xmx256m` and SQLite on the local disk, 2,000 tunnels through the API from 8 threads, killed by SIGKILL
and started again, then twice 2,000 leases that end together.

* Memory is VmRSS of the server, beforehand of one that has rested for ten seconds. The heap of a tunnel is what a full collection leaves; resident memory grows by more, since
  the heap takes what `-Xmx` lets it: each of few tunnels has a larger part of that than each of many.
* Leases end together: each tunnel is created with what is left to one common deadline as its time to live; `last_check_time` and `expire_time` of
  the answer add up to its real deadline. Once with the API in peace, once while 8 threads create, renew, query, list and remove others.
* When a port was closed is read from the kernel's table of listening sockets, again and again: as often as each millisecond where the processors have nothing else
  to do. The figure is the end of the first look that missed the port: an upper bound. By how much it may be too high is a line of its own.

TEXT
  "${java[@]}" io.culvert.bench.ManyTunnels --jar "$home/app/target/culvert.jar" | tee -a /dev/stderr
}

ten_thousand() {
  cat << 'TEXT'
`./dev bench TenThousand`: the real server, started by `culvert`, with `-Xmx512m` and SQLite, 10,000 tunnels with one port each through `/api/v1`, from 8 threads; killed by SIGKILL and
started again; then twice 10,000 leases with an absolute end, spread evenly over ten seconds and all at one instant. Of those spread, each twentieth port is
knocked at every two milliseconds from its deadline on, until a visitor is refused: what is told is the end of that knock; and a tenth of a second behind the
last deadline no port of the 10,000 may be open. Of those at one instant the kernel's table tells as above, which takes 30 ms to read: an upper bound, and the last look that still saw a port open as a lower one.

TEXT
  "${java[@]}" io.culvert.bench.TenThousand --jar "$home/app/target/culvert.jar" | tee -a /dev/stderr
}

side_by_side() {
  cat << 'TEXT'
`./dev bench SideBySide`: every system carries the same backends (a bulk sink, nginx, an echo of datagrams) over loopback in one run, round by round, another one first in
each. `haproxy` is a plain TCP proxy, one hop and no tunnel. `ssh -R`, with OpenSSH's own choice of a cipher, chacha20-poly1305, and `culvert` hop twice and encrypt.
Culvert runs as its starter starts it, with bridge and ports on loopback. Its sockets there take Reno for their congestion control, as they do for whoever has it on
loopback, all others the machine's, which is told above the table: where that is BBR it paces what goes over loopback, too (link/RATIONALE.md).
`goproxy client` is the same server, and in the agent's place a double of ours of a stock goproxy client: ten connections by TLS 1.2, with a bundle.
A real client may be faster or slower: what the double needs of processor and memory is left out, and in `cold_up_1` it is as cold as the server.

* Every round starts every system anew. `cold_up_1` is the first thing it is asked for: Java is still compiling. All others come after twenty seconds of use,
  five of each kind, beside what is measured before them, and datagrams after five of their own.
* `up`, `down`: as the receiving end counts, 1 and 8 connections · `silence`: the longest time in which one of those connections, warm, got nothing, from before it
  connected, in all rounds; `inf` where one broke · `cpu_per_gb`: processor seconds of all processes of the system for a gigabyte
  (`up_1`) · `requests`: wrk, 32 kept connections, 128 bytes, counted only where all were answered with them · `connections`: the same with a new connection for each request · `latency`: one request
  after the other on a kept connection; what is added is the difference to `direct` · `udp`: echoes of 1,200 bytes, as many as 256 under way allow, and how
  many are lost at 70 % of that · `idle_server_mb`, `idle_agent_mb`: resident, ready and unused · `idle_visitor_kb`: what 10,000 resting
  connections, or as many as are told below, cost the server, each; these three of a start of their own, without load · `start`: of the server on an empty directory, to its first
  answer, which is a tunnel created.

TEXT
  "$home/bench/side-by-side/side_by_side.py" --visitors 3000 | tee -a /dev/stderr
  printf '\nTaken with `--visitors 3000`: more of them take `ssh -R` minutes to open.\n'
}

paths() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "Left out: needs root, who may make network namespaces."
    return
  fi
  cat << 'TEXT'
`./dev bench Paths`: server and visitor in one network namespace, agent and target in another, a long wire between the two. `up` goes from the visitor
to the target. Raw TCP goes straight from visitor to target, over the same wire. Round by round, so that the machine's drift hits all alike. What is counted arrives in the
same seconds on all streams; bytes that wait behind a lost packet arrive with it, so that a figure can lie above the wire's. Connections of raw TCP are new each time, the
session that carries those of the other two is not: where loss keeps BBR from the path's width for seconds, they are ahead.

TEXT
  "$home/bench/side-by-side/paths.py" | tee -a /dev/stderr
}

netem() {
  if [ "$(id -u)" -ne 0 ] || ! command -v linux.uml > /dev/null; then
    echo "Left out: needs root and Debian's user-mode-linux."
    return
  fi
  cat << 'TEXT'
`bench/side-by-side/other-kernel.sh bench/side-by-side/paths.py --rate 10 --losses 0.1,1 --congestion bbr`: the same in another kernel, Debian's user-mode Linux, whose netem delays and loses
packet by packet. A system call takes some 65 us there, so the wire is a slower one, and no more than one of 10 Mbit/s.

TEXT
  "$home/bench/side-by-side/other-kernel.sh" "$home/bench/side-by-side/paths.py" --rate 10 --losses 0.1,1 --congestion bbr | tee -a /dev/stderr
}

micro_benchmarks() {
  cat << 'TEXT'
`./dev bench MicroBenchmarks`: JMH, one fork, 3 s of warm-up and 5 s of measurement each. `YamuxBench` carries mebibytes between two sessions back to
back without socket and TLS, and hands them over without a look at their bytes: it tells what framing costs, in MiB/s; `LeaseBookBench` works on 10,000 running leases. `RelayBench` carries mebibytes from a socket by way of two legs to a socket, over loopback and in one process, so its score
is MiB/s too; `CodecBench` writes and reads a message. The error is half of the 99.9 % interval.

TEXT
  "${java[@]}" io.culvert.bench.MicroBenchmarks | tee -a /dev/stderr | grep '^|'
}

main "$@"
