#!/usr/bin/env python3
"""Paths as people have them: Culvert, ssh -R and raw TCP over a wire with delay and loss, in one run, round by round. Prints Markdown.

Two network namespaces, made for the run and gone with it: in one the server and the visitor, in the other the agent and the target; all traffic
stays inside them. The wire between them is the kernel's netem where the kernel has it, else bench/side-by-side/wire.py. Needs root.
Forty minutes as it stands, thirteen with --rounds 1, two with --rounds 1 --round-trips 100 --losses 1 --streams 1.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import processes
from processes import Culvert, Processes, Ssh, listens, within

SERVER, AGENT = "10.213.0.1", "10.213.0.2"
SINK = 5301
SYSTEMS = ("raw TCP", "ssh -R", "culvert")


class Space:
    """A network namespace that lives as long as the 'cat' in it, which reads from us: it ends with us, however we end."""

    def __init__(self, run, name):
        keeper = run.spawn(["unshare", "--net", "cat"], name, stdin=subprocess.PIPE)
        self.pid = keeper.pid
        # unshare becomes cat once it has its namespace.
        run.until("namespace", lambda: os.readlink(f"/proc/{self.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
        self.do("ip", "link", "set", "lo", "up")
        # A connection shall not begin with what the one before it has learnt.
        self.do("sysctl", "-qw", "net.ipv4.tcp_no_metrics_save=1")

    def do(self, *command):
        subprocess.run(within(self.pid, command), check=True)

    def link(self, name, mine, other):
        self.do("ip", "address", "add", mine, "peer", other, "dev", name)
        self.do("ip", "link", "set", name, "mtu", "1500", "up")


def has_netem():
    """Whether this kernel has it."""
    return subprocess.run(["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"], capture_output=True).returncode == 0


def processor_ticks():
    """Of all processors since the start: at work, and all in all."""
    with open("/proc/stat") as f:
        ticks = [int(word) for word in f.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


class Wire:
    """A wire of this round trip in ms and loss each way in percent between two spaces; each way 'rate' Mbit/s, behind a queue of one round trip."""

    def __init__(self, run, server, agent, by_netem, round_trip, loss, rate):
        self.run = run
        self.ends = ((server, "culvertb0", SERVER, AGENT), (agent, "culvertb1", AGENT, SERVER))
        self.process = None
        if by_netem:
            server.do("ip", "link", "add", "culvertb0", "type", "veth", "peer", "name", "culvertb1", "netns", str(agent.pid))
            under_way = int(rate * 1e6 / 8 * round_trip / 1e3 / 1500)
            for space, name, _, _ in self.ends:
                # Else the kernel hands over up to 64 KB as one packet, and netem loses and counts it as one.
                space.do("ip", "link", "set", name, "gso_max_segs", "1")
                space.do("tc", "qdisc", "add", "dev", name, "root", "netem", "limit", str(under_way * 3 // 2), "delay", f"{round_trip / 2}ms",
                         "loss", f"{loss}%", "rate", f"{rate}mbit")
        else:
            self.process = run.spawn(
                [sys.executable, os.path.join(processes.HERE, "wire.py"), "culvertb0", str(server.pid), "culvertb1", str(agent.pid),
                 str(round_trip / 2), str(loss / 100), str(rate), str(round_trip)], "wire", stdout=subprocess.PIPE, text=True)
            if self.process.stdout.readline() != "ready\n":
                raise RuntimeError("the wire did not start:\n" + run.log("wire"))
        for space, name, mine, other in self.ends:
            space.link(name, mine, other)

    def rest(self):
        """Waits until it carries next to nothing: what a system has buffered goes on behind its blast, 16 MB of it with ssh -R and 8 streams."""
        def carried():
            space, name, _, _ = self.ends[0]
            table = subprocess.run(within(space.pid, ["cat", "/proc/net/dev"]), stdout=subprocess.PIPE, text=True, check=True).stdout
            words = table.split(name + ":")[1].split()
            return int(words[0]) + int(words[8])

        before = carried()
        while True:
            time.sleep(0.5)
            now = carried()
            if now - before < 50_000:
                return
            before = now

    def stop(self):
        if self.process:
            self.run.stop([self.process])
            self.process.stdout.close()
        else:
            self.ends[0][0].do("ip", "link", "del", "culvertb0")


def blast(space, address, port, streams, way, warm, seconds):
    command = [*processes.LOAD, "blast", address, str(port), str(streams), way, str(warm), str(seconds)]
    result = subprocess.run(within(space.pid, command), stdout=subprocess.PIPE, text=True).stdout.split()
    return None if result in ([], ["-"]) else float(result[0])


def one_path(run, server, agent, by_netem, round_trip, loss, options, table):
    wire = Wire(run, server, agent, by_netem, round_trip, loss, options.rate)
    culvert = Culvert(run, {7401: SINK}, SERVER, server.pid, agent.pid, name=f"culvert-{round_trip}-{loss}")
    ssh = Ssh(run, {6201: SINK}, SERVER, server.pid, agent.pid)
    ports = {"raw TCP": (AGENT, SINK), "ssh -R": ("127.0.0.1", 6201), "culvert": ("127.0.0.1", 7401)}
    try:
        for system in SYSTEMS:
            # A port may be open before what it leads to is reached: only a first run tells, and it warms both ends.
            run.until(system, lambda: blast(server, *ports[system], 1, "down", 0, 1))
        for number in range(options.rounds):
            for streams in options.streams:
                for way in ("up", "down"):
                    row = table.setdefault((round_trip, loss, streams, way), {"busy": 0, **{system: [] for system in SYSTEMS}})
                    for system in SYSTEMS:
                        wire.rest()
                        before = processor_ticks()
                        rate = blast(server, *ports[system], streams, way, options.warm, options.seconds)
                        worked, all_in_all = (b - a for a, b in zip(before, processor_ticks()))
                        row["busy"] = max(row["busy"], worked / all_in_all)
                        # What broke has carried nothing.
                        row[system].append(rate or 0.0)
                        print(f"round {number + 1}: {round_trip} ms, {loss:g} %, {streams} {way}, {system}: {rate}", file=sys.stderr, flush=True)
    finally:
        culvert.stop()
        ssh.stop()
        wire.stop()


def ratio(row, other):
    """Of Culvert's median to another's; None where the other has carried nothing."""
    culvert, other = (statistics.median(row[system]) for system in ("culvert", other))
    return culvert / other if other else None


def text(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def print_table(table, options, by_netem, congestion, late):
    wire = f"netem of Linux {os.uname().release}" if by_netem else "`bench/side-by-side/wire.py` (this kernel has no netem)"
    print(f"Wire: {wire}, {options.rate:g} Mbit/s each way behind a queue of one round trip; loss each way. "
          f"Congestion control: {congestion}. Processors: {os.cpu_count()}. Medians of {options.rounds} rounds of {options.seconds:g} s after {options.warm:g} s, in Mbit/s. "
          "`busy`: how much of the processors was taken at most, in any of that row's figures.\n")
    print("| round trip | loss | streams | way | raw TCP | ssh -R | culvert | culvert / raw | culvert / ssh -R | busy |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for (round_trip, loss, streams, way), row in table.items():
        medians = " | ".join(f"{statistics.median(row[system]):.1f}" for system in SYSTEMS)
        print(f"| {round_trip} ms | {loss:g} % | {streams} | {way} | {medians} | {text(ratio(row, 'raw TCP'))} | {text(ratio(row, 'ssh -R'))} | {row['busy']:.0%} |")
    print_goals(table)
    if late:
        print(f"\nWhat the wire says of itself, path by path (late: more than 2 ms): {late}.")


def print_goals(table):
    """Of one stream: 0.9 of raw TCP where a round trip is 100 ms, and no less than ssh -R where each hundredth packet is lost as well."""
    rows = []
    for (round_trip, loss, streams, way), row in table.items():
        if (round_trip, streams) == (100, 1):
            for peer, bound in (("raw TCP", 0.9), *((("ssh -R", 1),) if loss == 1 else ())):
                measured = ratio(row, peer)
                reached = measured is not None and measured >= bound
                rows.append(f"| {round_trip} ms, {loss:g} %, {way} | at least {bound:g} of {peer} | {text(measured)} | {'yes' if reached else '**no**'} |")
    if rows:
        print("\nWhat was aimed at for one stream, before anything was measured:\n\n| path | aimed at | measured | reached |\n|---|---|---|---|")
        print("\n".join(rows))


def numbers(kind):
    return lambda text: [kind(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(prog="./dev bench Paths", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--round-trips", type=numbers(int), default=[50, 100], metavar="MS,...", help="50,100 unless said")
    parser.add_argument("--losses", type=numbers(float), default=[0, 0.1, 1], metavar="PERCENT,...", help="0,0.1,1 unless said")
    parser.add_argument("--streams", type=numbers(int), default=[1, 8], metavar="N,...", help="1,8 unless said")
    parser.add_argument("--rounds", type=int, default=3, help="3 unless said")
    parser.add_argument("--seconds", type=float, default=4, help="counted for each figure; 4 unless said")
    parser.add_argument("--warm", type=float, default=4, help="seconds of each transfer before those counted; 4 unless said")
    parser.add_argument("--rate", type=float, default=100, help="the wire's Mbit/s each way; 100 unless said")
    parser.add_argument("--congestion", help="congestion control of both namespaces; the kernel's default unless said")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("Paths: not root (expected: root, who may make network namespaces; on a machine of your own: sudo ./dev bench Paths)")
    processes.need("ip", "tc", "unshare", "nsenter", "sysctl", "sshd", "ssh", "ssh-keygen", "curl")
    by_netem = has_netem()
    table = {}
    with Processes() as run:
        server, agent = Space(run, "space-server"), Space(run, "space-agent")
        if options.congestion:
            for space in (server, agent):
                space.do("sysctl", "-qw", f"net.ipv4.tcp_congestion_control={options.congestion}")
        with open("/proc/sys/net/ipv4/tcp_congestion_control") as f:
            congestion = options.congestion or f.read().strip()
        run.spawn([*processes.LOAD, "sink", "0.0.0.0", str(SINK)], "sink", agent.pid)
        run.until("sink", lambda: listens("127.0.0.1", SINK, agent.pid))
        for round_trip in options.round_trips:
            for loss in options.losses:
                one_path(run, server, agent, by_netem, round_trip, loss, options, table)
        late = "" if by_netem else "; ".join(run.log("wire").split("\n")[:-1])
    print_table(table, options, by_netem, congestion, late)


main()
