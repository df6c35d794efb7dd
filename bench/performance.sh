#!/usr/bin/env bash
# Measures everything and writes docs/performance.md; what the measurements say meanwhile goes to standard error. Takes an hour and a quarter.
#
# usage: bench/performance.sh
# SideBySide and Paths need python3, and Debian's nginx-light wrk curl haproxy openssh-server openssh-client iproute2; Paths needs root.
# Everything must be built (./dev bench does that).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
java=(java -cp "$home/bench/target/classes:$home/bench/target/libs/*")

main() {
  local document=$home/docs/performance.md
  # A measurement that fails leaves the former document as it is, and beside it what was measured so far.
  {
    head_of_document
    many_tunnels
    ten_thousand
    side_by_side
    paths
    micro_benchmarks
  } > "$document.part"
  mv "$document.part" "$document"
  echo "$document is written" >&2
}

# Measured beside a compiler, a figure is worth little: each section tells how busy the machine was.
load() {
  cut -d ' ' -f 1 /proc/loadavg
}

of_first_processor() {
  sed -n "/^$1[[:space:]]*: */{s///p;q}" /proc/cpuinfo
}

section() {
  echo "== $1 (load $(load))" >&2
}

head_of_document() {
  local model family number memory revision
  model=$(of_first_processor 'model name')
  # Clouds give many generations one name; ARM has neither number.
  family=$(of_first_processor 'cpu family')
  number=$(of_first_processor 'model')
  memory=$(awk '/^MemTotal:/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
  revision=$(git -C "$home" describe --always --dirty 2> /dev/null || echo "unknown")
  cat << TEXT
# What Culvert costs

Written by \`./dev bench\`, nothing of it by hand. Absolute figures hold for one machine and one hour, ratios travel. The same on other machines, and why what is
lost is lost: [performance-notes.md](performance-notes.md).

| | |
|---|---|
| measured | $(date -u +'%Y-%m-%d %H:%M UTC'), revision $revision |
| machine | ${model:-$(uname -m)}${family:+ (family $family, model $number)}, $(nproc) processors, $memory GiB, Linux $(uname -r) |
| Java | $(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.runtime\.version = //p'), no flags unless told below |

Load is the one-minute load average when a section began and when it ended; the measurement itself is part of the second. Client, server, agent
and backends share the machine.

Everything again: \`./dev bench\`, as root.
TEXT
}

many_tunnels() {
  section "many tunnels"
  local before
  before=$(load)
  cat << 'TEXT'

## Many tunnels on one server

`./dev bench ManyTunnels`: the real server, started by `culvert`, with `-Xmx256m` and SQLite on the local disk, 2,000 tunnels through the API from 8 threads, killed by SIGKILL
and started again, then twice 2,000 leases that end together.

* Memory is VmRSS of the server, beforehand of one that has rested for ten seconds. The heap of a tunnel is what a full collection leaves; resident memory grows by more, since
  the heap takes what `-Xmx` lets it: each of few tunnels has a larger part of that than each of many.
* Leases end together: each tunnel is created with what is left to one common deadline as its time to live; `last_check_time` and `expire_time` of
  the answer add up to its real deadline. Once with the API in peace, once while 8 threads create, renew, query, list and remove others.
* When a port was closed is read from the kernel's table of listening sockets, again and again: as often as each millisecond where the processors have nothing else
  to do. The figure is the end of the first look that missed the port: an upper bound. By how much it may be too high is a line of its own.

TEXT
  "${java[@]}" io.culvert.bench.ManyTunnels --jar "$home/app/target/culvert.jar" | tee /dev/stderr
  printf '\nLoad %s to %s.\n' "$before" "$(load)"
}

ten_thousand() {
  section "ten thousand"
  local before
  before=$(load)
  cat << 'TEXT'

## Ten thousand tunnels

`./dev bench TenThousand`: the real server, started by `culvert`, with `-Xmx512m` and SQLite, 10,000 tunnels with one port each through `/api/v1`, from 8 threads; killed by SIGKILL and
started again; then twice 10,000 leases with an absolute end, spread evenly over ten seconds and all at one instant. Of those spread, each twentieth port is
knocked at every two milliseconds from its deadline on, until a visitor is refused: what is told is the end of that knock; and a tenth of a second behind the
last deadline no port of the 10,000 may be open. Of those at one instant the kernel's table tells as above, which takes 30 ms to read: an upper bound, and the last look that still saw a port open as a lower one.

TEXT
  "${java[@]}" io.culvert.bench.TenThousand --jar "$home/app/target/culvert.jar" | tee /dev/stderr
  printf '\nLoad %s to %s.\n' "$before" "$(load)"
}

side_by_side() {
  section "side by side"
  local before
  before=$(load)
  cat << 'TEXT'

## Side by side

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
  "$home/bench/side-by-side/side_by_side.py" --visitors 3000 | tee /dev/stderr
  printf '\nTaken with `--visitors 3000`: more of them take `ssh -R` minutes to open.\n'
  printf '\nLoad %s to %s.\n' "$before" "$(load)"
}

paths() {
  printf '\n## Paths as people have them\n\n'
  if [ "$(id -u)" -ne 0 ]; then
    echo "Left out: needs root, who may make network namespaces."
    return
  fi
  section "paths"
  local before
  before=$(load)
  cat << 'TEXT'
`./dev bench Paths`: server and visitor in one network namespace, agent and target in another, a long wire between the two. `up` goes from the visitor
to the target. Raw TCP goes straight from visitor to target, over the same wire. Round by round, so that the machine's drift hits all alike. What is counted arrives in the
same seconds on all streams; bytes that wait behind a lost packet arrive with it, so that a figure can lie above the wire's. Connections of raw TCP are new each time, the
session that carries those of the other two is not: where loss keeps BBR from the path's width for seconds, they are ahead.

TEXT
  "$home/bench/side-by-side/paths.py" | tee /dev/stderr
  printf '\nLoad %s to %s.\n' "$before" "$(load)"
}

micro_benchmarks() {
  section "micro benchmarks"
  local before
  before=$(load)
  cat << 'TEXT'

## Parts by themselves

`./dev bench MicroBenchmarks`: JMH, one fork, 3 s of warm-up and 5 s of measurement each. `YamuxBench` carries mebibytes between two sessions back to
back without socket and TLS, and hands them over without a look at their bytes: it tells what framing costs, in MiB/s; `LeaseBookBench` works on 10,000 running leases. `RelayBench` carries mebibytes from a socket by way of two legs to a socket, over loopback and in one process, so its score
is MiB/s too; `CodecBench` writes and reads a message. The error is half of the 99.9 % interval.

TEXT
  "${java[@]}" io.culvert.bench.MicroBenchmarks | tee /dev/stderr | grep '^|'
  printf '\nLoad %s to %s.\n' "$before" "$(load)"
}

main
