#!/usr/bin/env python3
"""Loads, counted where they arrive; what Paths and SideBySide send through each system.

usage: load.py sink ADDRESS PORT                                serve both ways until killed
       load.py blast ADDRESS PORT STREAMS WAY WARM SECONDS      print Mbit/s and the longest silence in ms, or '-' where a stream broke
       load.py latency PORT SECONDS                             ask a web server on one kept connection; print p50 and p99 in us
       load.py echo PORT                                        send each datagram back until killed
       load.py relay PORT TARGET                                a bare relay of datagrams, for one visitor, until killed
       load.py datagrams PORT WARM SECONDS                      print Mbit/s each way at most, and percent lost at 70 % of that

WAY is up (visitor to target) or down. A blast counts what arrives in the SECONDS behind the first WARM ones, on all streams in the same ones: its visitor's
first 17 bytes tell the sink the way, and both instants by this machine's clock. Going up, the sink then answers the count. A silence is a time in which nothing
arrived on one of the streams, from the first instant on, which without WARM is the one before it connects, to the last.
"""
import select
import socket
import struct
import sys
import threading
import time

HEAD = struct.Struct("!cdd")
COUNT = struct.Struct("!Qd")
PIECE = 256 * 1024
DATAGRAM = 1200


def count(connection, begin, end):
    """Bytes that arrive between two instants, and the longest silence in seconds; raises where the connection ends before."""
    buffer = bytearray(PIECE)
    counted = 0
    silence = 0.0
    last = begin
    while True:
        left = end - time.monotonic()
        if left <= 0:
            return counted, max(silence, end - last)
        connection.settimeout(left)
        try:
            n = connection.recv_into(buffer)
        except TimeoutError:
            continue
        now = time.monotonic()
        if n == 0:
            raise ConnectionError("ended early")
        if begin <= now < end:
            counted += n
            silence = max(silence, now - last)
            last = now


def serve(connection):
    try:
        head = receive_all(connection, HEAD.size)
        way, begin, end = HEAD.unpack(head)
        if way == b"u":
            counted = count(connection, begin, end)
            connection.settimeout(20)
            connection.sendall(COUNT.pack(*counted))
            connection.shutdown(socket.SHUT_WR)
            # What is under way is read away: a reset could overtake the answer.
            while connection.recv(PIECE):
                pass
        else:
            piece = bytes(PIECE)
            while True:
                connection.sendall(piece)
    except OSError:
        pass
    finally:
        connection.close()


def receive_all(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("ended early")
        data += piece
    return data


def sink(address, port):
    with socket.create_server((address, port), backlog=1024) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()


def visit(address, port, way, begin, end, results):
    with socket.create_connection((address, port), 20) as connection:
        connection.sendall(HEAD.pack(way[:1].encode(), begin, end))
        if way == "down":
            results.append(count(connection, begin, end))
            return
        connection.settimeout(end - time.monotonic() + 30)
        answered = threading.Event()
        sender = threading.Thread(target=send_until, args=(connection, answered), daemon=True)
        sender.start()
        try:
            results.append(COUNT.unpack(receive_all(connection, COUNT.size)))
        finally:
            answered.set()
            connection.shutdown(socket.SHUT_RDWR)
            sender.join(10)


def send_until(connection, answered):
    piece = bytes(PIECE)
    try:
        while not answered.is_set():
            connection.sendall(piece)
    except OSError:
        pass


def blast(address, port, streams, way, warm, seconds):
    """Mbit/s of all streams together, and the longest silence in ms; None where one broke."""
    results = []
    begin = time.monotonic() + warm
    end = begin + seconds

    def one():
        try:
            visit(address, port, way, begin, end, results)
        except OSError as e:
            print(f"{address}:{port} {way}: {e}", file=sys.stderr)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, end + 40 - time.monotonic()))
    if len(results) < streams:
        return None
    return sum(counted for counted, _ in results) * 8 / seconds / 1e6, max(silence for _, silence in results) * 1e3


def latency(port, seconds):
    times = []
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or not times:
            begin = time.perf_counter()
            connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
            answer = connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise ConnectionError(f"answered {answer[:40]!r}")
            times.append((time.perf_counter() - begin) * 1e6)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def datagram_socket():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        s.setsockopt(socket.SOL_SOCKET, option, 4 << 20)
    return s


def echo(port):
    s = datagram_socket()
    s.bind(("127.0.0.1", port))
    while True:
        s.sendto(*s.recvfrom(65536))


def relay(port, target):
    outside, inside = datagram_socket(), datagram_socket()
    outside.bind(("127.0.0.1", port))
    inside.connect(("127.0.0.1", target))
    visitor = None
    while True:
        for ready in select.select([outside, inside], [], [])[0]:
            if ready is outside:
                data, visitor = outside.recvfrom(65536)
                inside.send(data)
            elif visitor:
                outside.sendto(inside.recv(65536), visitor)


def exchange(s, seconds, rate):
    """Sent and come back; 'rate' in datagrams a second, or None for as many as 256 under way allow."""
    piece = bytes(DATAGRAM)
    sent = back = 0
    heard = begin = time.perf_counter()
    s.setblocking(False)
    while True:
        now = time.perf_counter()
        over = now - begin >= seconds
        if over and (back == sent or now - heard > 0.5):
            return sent, back
        due = 0 if over else (min(64, int((now - begin) * rate) - sent) if rate else 256 - (sent - back))
        if not rate and not over and due <= 0 and now - heard > 0.05:
            # What is missing is lost: as many again.
            due = 256
            heard = now
        for _ in range(due):
            try:
                s.send(piece)
                sent += 1
            except (BlockingIOError, ConnectionRefusedError):
                break
        select.select([s], [], [], 0.0005)
        try:
            while True:
                s.recv(65536)
                back += 1
                heard = time.perf_counter()
        except (BlockingIOError, ConnectionRefusedError):
            pass


def datagrams(port, warm, seconds):
    with datagram_socket() as s:
        s.connect(("127.0.0.1", port))
        exchange(s, warm, None)
        _, back = exchange(s, seconds, None)
        if back == 0:
            return None
        rate = back / seconds
        sent, back = exchange(s, seconds, 0.7 * rate)
        return rate * DATAGRAM * 8 / 1e6, 100 * (sent - back) / max(1, sent)


def main():
    match sys.argv[1:]:
        case ["sink", address, port]:
            sink(address, int(port))
        case ["blast", address, port, streams, ("up" | "down") as way, warm, seconds]:
            result = blast(address, int(port), int(streams), way, float(warm), float(seconds))
            print(*(f"{value:.3f}" for value in result)) if result else print("-")
        case ["latency", port, seconds]:
            try:
                print(*(f"{value:.1f}" for value in latency(int(port), float(seconds))))
            except OSError as e:
                print(f"127.0.0.1:{port}: {e}", file=sys.stderr)
                print("-")
        case ["echo", port]:
            echo(int(port))
        case ["relay", port, target]:
            relay(int(port), int(target))
        case ["datagrams", port, warm, seconds]:
            result = datagrams(int(port), float(warm), float(seconds))
            print(*(f"{value:.3f}" for value in result)) if result else print("-")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
