#!/usr/bin/env python3
"""A long wire between two network namespaces: takes IP packets from one TUN device, drops some, keeps the others for a while, and puts them into
another. What netem does, for kernels without it; the TCP on both sides is the kernel's own.

usage: wire.py NAME_A PID_A NAME_B PID_B DELAY_MS LOSS RATE_MBIT QUEUE_MS

Makes TUN devices NAME_A and NAME_B, and moves them into the network namespaces of these processes; says 'ready'. Each way: DELAY_MS, each packet lost
with probability LOSS (0 to 1), RATE_MBIT at most, and a queue in front of it that drops what would wait longer than QUEUE_MS. Packets are 1,500 bytes
at most and keep their order. On SIGTERM it tells on standard error how many packets it carried, and how many of them more than 2 ms late, as
on a machine that is too busy for it.
"""
import collections
import fcntl
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
LATE = 0.002


def device(name, pid):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "txqueuelen", "10000", "netns", pid], check=True)
    return fd


class Way:
    """One direction. All times in seconds of the monotonic clock."""

    def __init__(self, source, drain, delay, loss, rate, queue, chance):
        self.source = source
        self.drain = drain
        self.delay = delay
        self.loss = loss
        self.seconds_per_byte = 8 / rate
        self.queue = queue
        self.chance = chance
        self.under_way = collections.deque()
        self.free_at = 0.0
        self.carried = 0
        self.late = 0

    def take(self):
        """All that lies ready, up to a bound: the other direction waits meanwhile."""
        for _ in range(64):
            try:
                packet = os.read(self.source, 2048)
            except BlockingIOError:
                return
            now = time.monotonic()
            start = max(now, self.free_at)
            if start - now > self.queue or self.chance.random() < self.loss:
                continue
            self.free_at = start + len(packet) * self.seconds_per_byte
            self.under_way.append((self.free_at + self.delay, packet))

    def give(self, now):
        under_way = self.under_way
        while under_way and under_way[0][0] <= now:
            due, packet = under_way.popleft()
            self.carried += 1
            self.late += now - due > LATE
            try:
                os.write(self.drain, packet)
            except OSError:
                # Its far end is not up yet, or its queue is full.
                pass


def main():
    name_a, pid_a, name_b, pid_b = sys.argv[1:5]
    delay, loss, rate, queue = float(sys.argv[5]) / 1e3, float(sys.argv[6]), float(sys.argv[7]) * 1e6, float(sys.argv[8]) / 1e3
    a = device(name_a, pid_a)
    b = device(name_b, pid_b)
    chance = random.Random(1)
    ways = [Way(a, b, delay, loss, rate, queue, chance), Way(b, a, delay, loss, rate, queue, chance)]
    by_source = {way.source: way for way in ways}

    def leave(*_):
        print(f"{sum(w.carried for w in ways)} packets, {sum(w.late for w in ways)} late", file=sys.stderr, flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    # Whatever else the machine does, a wire's delay is its delay. It takes a fifth of a processor at 100 Mbit/s.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        due = [way.under_way[0][0] for way in ways if way.under_way]
        ready, _, _ = select.select([a, b], [], [], max(0.0, min(due) - now) if due else None)
        for source in ready:
            by_source[source].take()
        now = time.monotonic()
        for way in ways:
            way.give(now)


main()
