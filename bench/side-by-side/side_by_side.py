#!/usr/bin/env python3
"""Culvert beside whatever other tunnels are on this machine, over loopback, in one run and round by round. Prints Markdown.

Every system carries the same three backends: a bulk sink (load.py), nginx, and an echo of datagrams. Debian has the peers haproxy (a plain proxy,
one hop, no tunnel) and ssh -R; frp (frps, frpc), rathole and bore are measured where they are on PATH, and a stock goproxy client on a bridge of
Culvert's, played by the double of agent's tests, where that is built. Needs nginx, wrk, curl.
About a minute for each system and round.
"""
import argparse
import getpass
import math
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time

import processes
from processes import Culvert, CulvertServer, Processes, Ssh, listens

BULK, HTTP, ECHO = 5311, 5380, 5353
# The double lies among agent's tests; what it leans on, bench brings together for its own measurements.
DOUBLES = os.path.join(processes.HERE, "..", "..", "agent", "target", "test-classes")
LIBRARIES = os.path.join(processes.HERE, "..", "target", "libs")
GOPROXY_CLIENT = "io.culvert.agent.goproxy.GoproxyClient"
# Seconds from the start of a system until it counts as idle.
IDLE = 10
COLUMNS = (
    ("cold_up_1", "Gbit/s"), ("up_1", "Gbit/s"), ("down_1", "Gbit/s"), ("up_8", "Gbit/s"), ("silence", "ms"), ("cpu_per_gb", "s"),
    ("requests", "1/s"), ("requests_p99", "ms"), ("connections", "1/s"), ("connections_p99", "ms"), ("latency_p50", "us"), ("latency_p99", "us"), ("udp", "Mbit/s"), ("udp_loss_70", "%"),
    ("idle_server_mb", "MB"), ("idle_agent_mb", "MB"), ("idle_visitor_kb", "KB"), ("start", "s"))
RATIOS = ("cold_up_1", "up_1", "down_1", "up_8", "cpu_per_gb", "requests", "connections", "udp")
# What was set as a goal before anything was measured: whose figure, of what, the bound, and how it is taken: as a ratio to a peer's (of), as the
# difference to one's (beyond), or by itself (is).
AT_LEAST, AT_MOST = "at least", "at most"
GOALS = (
    ("culvert", "up_1", AT_LEAST, 0.58, "of", "haproxy"), ("culvert", "up_1", AT_LEAST, 1.4, "of", "ssh -R"),
    ("culvert", "down_1", AT_LEAST, 0.65, "of", "haproxy"), ("culvert", "down_1", AT_LEAST, 1.6, "of", "ssh -R"),
    ("culvert", "up_8", AT_LEAST, 0.68, "of", "haproxy"), ("culvert", "up_8", AT_LEAST, 2, "of", "ssh -R"),
    ("culvert", "cpu_per_gb", AT_MOST, 3, "of", "haproxy"), ("culvert", "cpu_per_gb", AT_MOST, 0.67, "of", "ssh -R"),
    ("culvert", "requests", AT_LEAST, 0.67, "of", "haproxy"), ("culvert", "requests", AT_LEAST, 3.2, "of", "ssh -R"),
    ("culvert", "connections", AT_LEAST, 0.62, "of", "haproxy"), ("culvert", "connections", AT_LEAST, 1.7, "of", "ssh -R"),
    ("goproxy client", "up_1", AT_LEAST, 0.25, "of", "haproxy"), ("goproxy client", "down_1", AT_LEAST, 0.25, "of", "haproxy"),
    ("goproxy client", "up_8", AT_LEAST, 0.25, "of", "haproxy"),
    # Never a stall: what a person would not notice is none.
    ("culvert", "silence", AT_MOST, 500, "is", None), ("goproxy client", "silence", AT_MOST, 500, "is", None),
    ("culvert", "udp", AT_LEAST, 0.5, "of", "bare UDP relay"), ("culvert", "udp_loss_70", AT_MOST, 0.1, "is", None),
    ("culvert", "latency_p50", AT_MOST, 60, "beyond", "direct"), ("culvert", "latency_p99", AT_MOST, 250, "beyond", "direct"),
    ("culvert", "idle_server_mb", AT_MOST, 110, "is", None), ("culvert", "idle_agent_mb", AT_MOST, 70, "is", None),
    ("culvert", "idle_visitor_kb", AT_MOST, 12, "is", None), ("culvert", "start", AT_MOST, 0.9, "is", None))


class Direct:
    processes = ()
    bulk, http, udp = BULK, HTTP, ECHO

    def stop(self):
        pass


class Haproxy:
    bulk, http, udp = 6101, 6180, None

    def __init__(self, run):
        fronts = "".join(f"frontend f{p}\n bind 127.0.0.1:{p}\n default_backend b{p}\nbackend b{p}\n server s 127.0.0.1:{t}\n" for p, t in ((6101, BULK), (6180, HTTP)))
        config = run.file("haproxy.cfg", f"global\n maxconn {resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 50}\n nbthread 2\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 600s\n timeout server 600s\n" + fronts)
        self.run, self.processes = run, [run.spawn(["haproxy", "-f", config], "haproxy")]

    def stop(self):
        self.run.stop(self.processes)


class OverSsh(Ssh):
    bulk, http, udp = 6201, 6280, None

    def __init__(self, run):
        super().__init__(run, {6201: BULK, 6280: HTTP})


class Frp:
    bulk, http, udp = 6701, 6780, 6753

    def __init__(self, run):
        server = run.file("frps.ini", "[common]\nbind_addr=127.0.0.1\nbind_port=6700\ntoken=x\nlog_level=warn\n")
        parts = "".join(f"[{name}]\ntype={kind}\nlocal_ip=127.0.0.1\nlocal_port={target}\nremote_port={port}\n"
                        for name, kind, port, target in (("a", "tcp", 6701, BULK), ("b", "tcp", 6780, HTTP), ("c", "udp", 6753, ECHO)))
        client = run.file("frpc.ini", "[common]\nserver_addr=127.0.0.1\nserver_port=6700\ntoken=x\ntls_enable=true\nlog_level=warn\n" + parts)
        self.run, self.processes = run, [run.spawn(["frps", "-c", server], "frps")]
        run.until("frps", lambda: listens("127.0.0.1", 6700))
        self.processes.append(run.spawn(["frpc", "-c", client], "frpc"))

    def stop(self):
        self.run.stop(self.processes)


class Rathole:
    bulk, http, udp = 7301, 7380, 7353
    services = (("a", "tcp", 7301, BULK), ("b", "tcp", 7380, HTTP), ("c", "udp", 7353, ECHO))

    def __init__(self, run):
        server = run.file("rathole-s.toml", '[server]\nbind_addr="127.0.0.1:7300"\ndefault_token="x"\n' + "".join(
            f'[server.services.{n}]\ntype="{k}"\nbind_addr="127.0.0.1:{p}"\n' for n, k, p, _ in self.services))
        client = run.file("rathole-c.toml", '[client]\nremote_addr="127.0.0.1:7300"\ndefault_token="x"\n' + "".join(
            f'[client.services.{n}]\ntype="{k}"\nlocal_addr="127.0.0.1:{t}"\n' for n, k, _, t in self.services))
        self.run, self.processes = run, [run.spawn(["rathole", "-s", server], "rathole-s")]
        run.until("rathole", lambda: listens("127.0.0.1", 7300))
        self.processes.append(run.spawn(["rathole", "-c", client], "rathole-c"))

    def stop(self):
        self.run.stop(self.processes)


class Bore:
    bulk, http, udp = 7501, 7580, None

    def __init__(self, run):
        self.run, self.processes = run, [run.spawn(["bore", "server", "--min-port", "7500", "--max-port", "7599"], "bore-s")]
        run.until("bore", lambda: listens("127.0.0.1", 7835))
        self.processes += [run.spawn(["bore", "local", str(t), "--to", "127.0.0.1", "--port", str(p)], "bore-c") for p, t in ((7501, BULK), (7580, HTTP))]

    def stop(self):
        self.run.stop(self.processes)


class Udp:
    """A bare relay of datagrams, one process: what a relay of Python's can do at most; only for the datagram columns."""
    bulk = http = None
    udp = 6353

    def __init__(self, run):
        self.run, self.processes = run, [run.spawn([*processes.LOAD, "relay", str(self.udp), str(ECHO)], "udp-relay")]

    def stop(self):
        self.run.stop(self.processes)


class OverCulvert(Culvert):
    bulk, http, udp = 7401, 7480, 7453

    def __init__(self, run):
        super().__init__(run, {7401: BULK, 7480: HTTP, 7453: ECHO}, datagrams={7453})


class Goproxy(CulvertServer):
    """A double of a stock goproxy client, at the port of a tunnel's own, with that tunnel's bundle. TCP alone: which datagrams it loses is a matter
    of its luck, as with the stock client."""
    bulk, http, udp = 7401, 7480, None
    # What it costs itself, in processor time and memory, tells nothing of the stock client.
    double = True

    def __init__(self, run):
        super().__init__(run)
        tunnel = self.call("create", exposes=f"127.0.0.1:{BULK}-{self.bulk},127.0.0.1:{HTTP}-{self.http}", expire=-1)
        bundle = self.call("bundle", "--get", id=tunnel["id"])
        files = [run.file("goproxy." + kind, bundle[kind]) for kind in ("cert", "key")]
        self.processes.append(run.spawn(
            ["java", "-cp", f"{DOUBLES}:{LIBRARIES}/*", GOPROXY_CLIENT, *files, f"127.0.0.1:{tunnel['tunnel']['bridge_port']}"], "goproxy-client"))
        run.until("goproxy client's ten connections", lambda: self.call("query", "--get", id=tunnel["id"])["tunnel"]["sessions"] == 10)


SYSTEMS = {
    "direct": ((), lambda run: Direct()), "bare UDP relay": ((), Udp), "haproxy": (("haproxy",), Haproxy), "ssh -R": (("sshd", "ssh"), OverSsh),
    "frp": (("frps", "frpc"), Frp), "rathole": (("rathole",), Rathole), "bore": (("bore",), Bore), "culvert": ((), OverCulvert),
    "goproxy client": (("java", os.path.join(DOUBLES, *GOPROXY_CLIENT.split(".")) + ".class", LIBRARIES), Goproxy)}


def missing(name):
    """What a system needs, commands or files, and is not there."""
    return [need for need in SYSTEMS[name][0] if not (os.path.exists(need) if os.path.isabs(need) else shutil.which(need))]


def tree(pids):
    """These processes and all that came from them."""
    found = []
    for pid in pids:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as f:
                    found += tree([int(child) for child in f.read().split()])
            found.append(pid)
        except OSError:
            pass
    return found


def processor_seconds(pids):
    ticks = 0
    for pid in tree(pids):
        with open(f"/proc/{pid}/stat") as f:
            words = f.read().rsplit(")", 1)[1].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mb(pids):
    kilobytes = 0
    for pid in tree(pids):
        with open(f"/proc/{pid}/status") as f:
            kilobytes += int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
    return kilobytes / 1024


def load(*words, seconds):
    """One figure or several from load.py; None where it could not be measured."""
    try:
        out = subprocess.run([*processes.LOAD, *map(str, words)], stdout=subprocess.PIPE, text=True, timeout=seconds + 60).stdout.split()
    except subprocess.TimeoutExpired:
        return None
    return None if not out or "-" in out else [float(word) for word in out]


def blast(port, streams, way, warm, seconds):
    """Gbit/s and the longest silence in ms; None and infinite where a stream broke or nothing came any more."""
    result = load("blast", "127.0.0.1", port, streams, way, warm, seconds, seconds=warm + seconds)
    return (result[0] / 1000, result[1]) if result else (None, math.inf)


def wrk(port, seconds, close):
    """Requests a second and the 99th percentile in ms; None twice where one was not answered well."""
    extra = ["-H", "Connection: close"] if close else []
    try:
        out = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", *extra, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=seconds + 60).stdout
    except subprocess.TimeoutExpired:
        return None, None
    bad = re.search(r"Non-2xx.*|Socket errors.*", out)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    if bad or not rate or not late:
        print(f"wrk at {port}: {bad.group() if bad else out}", file=sys.stderr, flush=True)
        return None, None
    return float(rate.group(1)), float(late.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[late.group(2)]


def idle_visitor(port, count, server):
    """KB of the server for each of so many connections that have been answered once and rest."""
    before = resident_mb(server)
    visitors = []
    try:
        for _ in range(count):
            visitor = socket.create_connection(("127.0.0.1", port), 20)
            visitors.append(visitor)
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
            if not visitor.recv(4096).startswith(b"HTTP/1.1 200 "):
                raise ConnectionError("not answered well")
        return (resident_mb(server) - before) * 1024 / count
    except OSError as e:
        print(f"idle visitors: {len(visitors)}: {e}", file=sys.stderr)
        return None
    finally:
        for visitor in visitors:
            visitor.close()


def measure(system, options, put):
    pids = [p.pid for p in system.processes]
    seconds = options.seconds
    # What Java compiles in the first seconds of each way to be used, which a server that has run for a minute does not.
    part = options.warm / 4
    if system.bulk:
        put("cold_up_1", blast(system.bulk, 1, "up", 0, seconds)[0])
        for way in ("up", "down"):
            blast(system.bulk, 1, way, 0, part)
        for close in (False, True):
            wrk(system.http, max(1, int(part)), close)
        before = processor_seconds(pids)
        begin = time.monotonic()
        rate, silence = blast(system.bulk, 1, "up", 0, seconds)
        put("up_1", rate)
        if pids and not hasattr(system, "double"):
            put("cpu_per_gb", rate and (processor_seconds(pids) - before) / (rate / 8 * seconds))
        for name, streams, way in (("down_1", 1, "down"), ("up_8", 8, "up")):
            rate, silent = blast(system.bulk, streams, way, 0, seconds)
            put(name, rate)
            silence = max(silence, silent)
        put("silence", silence)
        for name, close in (("requests", False), ("connections", True)):
            rate, late = wrk(system.http, seconds, close)
            put(name, rate)
            put(name + "_p99", late)
        for name, value in zip(("latency_p50", "latency_p99"), load("latency", system.http, seconds, seconds=seconds) or (None, None)):
            put(name, value)
    if system.udp:
        for name, value in zip(("udp", "udp_loss_70"), load("datagrams", system.udp, part, seconds, seconds=part + 2 * seconds) or (None, None)):
            put(name, value)
    if hasattr(system, "start_seconds"):
        put("start", system.start_seconds)


def measure_memory(system, options, put):
    """Of a system that has carried nothing yet: what a load has left would hide what the visitors cost."""
    pids = [p.pid for p in system.processes]
    if system.bulk and pids:
        # What only the start needed is given back within five seconds of it, and would hide what the visitors cost.
        time.sleep(IDLE)
        put("idle_server_mb", resident_mb(pids[:1]))
        if hasattr(system, "double"):
            return
        if pids[1:]:
            put("idle_agent_mb", resident_mb(pids[1:]))
        put("idle_visitor_kb", idle_visitor(system.http, options.visitors, pids[:1]))


def one_start(run, name, use):
    """Starts a system, uses it, and stops it; a system that fails is told of, and the others go on."""
    system = None
    before = len(run.started)
    try:
        system = SYSTEMS[name][1](run)
        ready = ("latency", system.http) if system.http else ("datagrams", system.udp, 0.1)
        run.until(name, lambda: load(*ready, 0.1, seconds=1))
        use(system)
    except (OSError, RuntimeError, LookupError, ValueError, subprocess.SubprocessError) as e:
        print(f"{name}: {e}", file=sys.stderr, flush=True)
    finally:
        if system:
            system.stop()
        # What one that failed halfway has started would hold the ports of the next.
        run.stop(run.started[before:])
        shutil.rmtree(run.file("culvert-data"), ignore_errors=True)


class Figure:
    """Of one system, what was measured in which rounds."""

    def __init__(self):
        self.rounds = {}

    def ratio(self, peer):
        """Of each round to the same round of a peer's; rounds that one of the two misses are left out."""
        figure = Figure()
        figure.rounds = {number: value / peer.rounds[number] for number, value in self.rounds.items() if peer.rounds.get(number)}
        return figure

    def summary(self, column):
        """A median would hide a stall."""
        return (max if column == "silence" else statistics.median)(self.rounds.values())

    def text(self, column, rounds):
        if not self.rounds:
            return "-"
        some = f" ({len(self.rounds)} of {rounds})" if len(self.rounds) < rounds else ""
        return f"{self.summary(column):,.2f}{some}"


def expected(column, rounds):
    return 1 if column.startswith("idle") else rounds


def goal(figures, name, column, way, peer):
    """What a goal is about, and how it is written."""
    own = figures[name][column]
    if way == "of":
        return own.ratio(figures[peer][column])
    if way == "beyond":
        figure = Figure()
        # The medians' difference, not the median of differences: what is added is asked for, not how the two move together.
        if own.rounds and figures[peer][column].rounds:
            theirs = figures[peer][column].summary(column)
            figure.rounds = {number: value - theirs for number, value in own.rounds.items()}
        return figure
    return own


def print_goals(figures, rounds):
    """Of all systems that took part; one that misses a round has reached nothing."""
    units = dict(COLUMNS)
    rows = []
    for name, column, sense, bound, way, peer in GOALS:
        if name not in figures or peer and peer not in figures:
            continue
        figure = goal(figures, name, column, way, peer)
        amount = f"{bound:g} of {peer}" if way == "of" else f"{bound:g} {units[column]}" + (f" beyond {peer}" if peer else "")
        reached = len(figure.rounds) == expected(column, rounds) and (
            figure.summary(column) >= bound if sense is AT_LEAST else figure.summary(column) <= bound)
        rows.append(f"| {name} | {column} | {sense} {amount} | {figure.text(column, expected(column, rounds))} | {'yes' if reached else '**no**'} |")
    if rows:
        print("\nWhat was aimed at, before anything was measured:\n\n| whose | of what | aimed at | measured | reached |\n|---|---|---|---|---|")
        print("\n".join(rows))


def print_ratios(figures, rounds):
    ours = ("culvert", "goproxy client")
    pairs = [(n, p, {column: figures[n][column].ratio(figures[p][column]) for column in RATIOS})
             for n in ours if n in figures for p in figures if p != "direct" and p not in ours]
    pairs = [(n, p, found) for n, p, found in pairs if any(figure.rounds for figure in found.values())]
    if pairs:
        print("\nAs ratios, the median of the rounds' own:\n")
        print("| measured | " + " | ".join(f"{n} / {p}" for n, p, _ in pairs) + " |\n|" + "---|" * (len(pairs) + 1))
        for column in RATIOS:
            print(f"| {column} | " + " | ".join(found[column].text(column, rounds) for _, _, found in pairs) + " |")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench SideBySide", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="5 unless said")
    parser.add_argument("--seconds", type=int, default=2, help="of each figure; 2 unless said")
    parser.add_argument("--warm", type=float, default=20, help="seconds of use ahead of the warm figures, and a fourth of that ahead of datagrams; 20 unless said")
    parser.add_argument("--visitors", type=int, default=10000, help="idle connections at once, in the first round alone; 10000 unless said")
    parser.add_argument("--only", help="names, with commas: " + ", ".join(SYSTEMS))
    options = parser.parse_args()
    processes.need("nginx", "wrk", "curl")
    names = []
    for name in options.only.split(",") if options.only else SYSTEMS:
        if missing(name):
            print(f"{name}: left out, missing: {' '.join(map(os.path.relpath, missing(name)))}", file=sys.stderr)
        else:
            names.append(name)
    figures = {name: {column: Figure() for column, _ in COLUMNS} for name in names}
    # Descriptors for all visitors, here and in what is started.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Processes() as run:
        # As this user, whom nginx ignores where it is not root: its own would not get into this directory.
        www = run.file("www")
        os.makedirs(www)
        with open(os.path.join(www, "index.html"), "w") as f:
            f.write("ok" * 64)
        config = run.file("nginx.conf", f"daemon off;user {getpass.getuser()};worker_processes 1;worker_rlimit_nofile 65536;error_log /dev/null;pid {run.file('nginx.pid')};events{{worker_connections 32768;}}"
                          f"http{{access_log off;keepalive_requests 1000000000;keepalive_timeout 600;client_header_timeout 600;"
                          f"server{{listen 127.0.0.1:{HTTP} backlog=4096;root {www};}}}}")
        run.spawn(["nginx", "-c", config], "nginx")
        run.spawn([*processes.LOAD, "sink", "127.0.0.1", str(BULK)], "sink")
        run.spawn([*processes.LOAD, "echo", str(ECHO)], "echo")
        run.until("backends", lambda: listens("127.0.0.1", HTTP) and listens("127.0.0.1", BULK))
        for number in range(options.rounds):
            # Another begins each time: who comes late in a round shall not always be the same.
            first = number % len(names)
            for name in names[first:] + names[:first]:
                def put(column, value, name=name):
                    if value is not None:
                        figures[name][column].rounds[number] = value
                    print(f"round {number + 1}: {name} {column} {value}", file=sys.stderr, flush=True)

                # What memory is needed varies little, and ten thousand visitors take their time to come.
                for part in (measure, measure_memory) if number == 0 else (measure,):
                    one_start(run, name, lambda system: part(system, options, put))
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as f:
        congestion = f.read().strip()
    print(f"Medians of {options.rounds} rounds of {options.seconds} s, of `silence` the longest, idle memory of the first round; "
          f"`-` where a system cannot, or did not in any round. Congestion control: {congestion}.\n")
    left_out = [name for name in SYSTEMS if name not in names]
    if left_out:
        print(f"Not on this machine, or not asked for: {', '.join(left_out)}.\n")
    print("| measured | unit | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 2))
    for column, unit in COLUMNS:
        print(f"| {column} | {unit} | " + " | ".join(figures[n][column].text(column, expected(column, options.rounds)) for n in names) + " |")
    print_ratios(figures, options.rounds)
    print_goals(figures, options.rounds)
    nothing = [name for name in names if not any(figure.rounds for figure in figures[name].values())]
    if nothing:
        sys.exit("nothing was measured of " + ", ".join(nothing))


main()
