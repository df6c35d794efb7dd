#!/usr/bin/env python3
"""Bulk load over TCP, counted where it arrives; what Paths and SideBySide send through each system.

usage: load.py sink ADDRESS PORT                                serve both ways until killed
       load.py blast ADDRESS PORT STREAMS WAY WARM SECONDS      print Mbit/s, or '-' where a stream broke or stalled

WAY is up (visitor to target) or down. A visitor's first 17 bytes tell the sink the way and the two times in seconds: what arrives in the first
WARM counts for nothing, and of what comes then SECONDS are counted, by the clock of the receiving end. Going up, the sink then answers the count.
"""
import socket
import struct
import sys
import threading
import time

HEAD = struct.Struct("!cdd")
COUNT = struct.Struct("!Qd")
PIECE = 256 * 1024


def count(connection, warm, seconds):
    """Bytes and seconds of the counted part; raises where the connection ends before."""
    buffer = bytearray(PIECE)
    begin = time.monotonic()
    started = None
    counted = 0
    while True:
        n = connection.recv_into(buffer)
        now = time.monotonic()
        if n == 0:
            raise ConnectionError("ended early")
        if started is None:
            if now - begin >= warm:
                started = now
            continue
        counted += n
        if now - started >= seconds:
            return counted, now - started


def serve(connection):
    try:
        head = receive_all(connection, HEAD.size)
        way, warm, seconds = HEAD.unpack(head)
        if way == b"u":
            connection.sendall(COUNT.pack(*count(connection, warm, seconds)))
            connection.shutdown(socket.SHUT_WR)
            # What is under way is read away: a reset could overtake the answer.
            connection.settimeout(20)
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


def visit(address, port, way, warm, seconds, results):
    with socket.create_connection((address, port), 20) as connection:
        connection.settimeout(warm + seconds + 30)
        connection.sendall(HEAD.pack(way[:1].encode(), warm, seconds))
        if way == "down":
            results.append(count(connection, warm, seconds))
            return
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
    """Mbit/s of all streams together; None where one broke."""
    results = []

    def one():
        try:
            visit(address, port, way, warm, seconds, results)
        except OSError as e:
            print(f"{address}:{port} {way}: {e}", file=sys.stderr)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(streams)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + warm + seconds + 40
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    if len(results) < streams:
        return None
    return sum(n * 8 / took for n, took in results) / 1e6


def main():
    match sys.argv[1:]:
        case ["sink", address, port]:
            sink(address, int(port))
        case ["blast", address, port, streams, ("up" | "down") as way, warm, seconds]:
            rate = blast(address, int(port), int(streams), way, float(warm), float(seconds))
            print("-" if rate is None else f"{rate:.3f}")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
