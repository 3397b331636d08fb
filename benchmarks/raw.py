"""The ceiling: make given requests over as many connections on bare sockets, and throw the answers away.

python benchmarks/raw.py HOST PORT CLIENT_ID SECRET CONNECTIONS [gzip|identity] < targets    (one path with its query a line)
"""

from __future__ import annotations

import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

BUFFER = 1 << 20


def login(host: str, port: int, client_id: str, secret: str) -> str:
    """Return an access token."""
    body = urlencode({"client_id": client_id, "client_secret": secret}).encode()
    head = f"POST /api/4.0/login HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection((host, port)) as sock:
        sock.sendall(head.encode() + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    return str(json.loads(answer.split(b"\r\n\r\n", 1)[1])["access_token"])


def fetch(sock: socket.socket, buffer: memoryview, request: bytes) -> int:
    """Send *request*, read the whole answer into *buffer* again and again, and return the size of the body."""
    sock.sendall(request)
    got = sock.recv_into(buffer)
    while (end := bytes(buffer[:got]).find(b"\r\n\r\n")) < 0:
        got += sock.recv_into(buffer[got:])
    head = bytes(buffer[:end]).lower()
    if not head.startswith(b"http/1.1 200"):
        raise SystemExit(f"the simulator answered {head[:60]!r}")
    size = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    left = size - (got - end - 4)
    while left > 0:
        left -= sock.recv_into(buffer, min(left, BUFFER))
    return size


def ask(host: str, port: int, headers: str, targets: Iterator[str], sizes: list[int]) -> None:
    """Make one request after the other until *targets* ends."""
    buffer = memoryview(bytearray(8 * BUFFER))
    with socket.create_connection((host, port)) as sock:
        requests = (f"GET {target} HTTP/1.1\r\n{headers}\r\n\r\n".encode() for target in targets)
        sizes.extend(fetch(sock, buffer, request) for request in requests)


def run(host: str, port: int, token: str, targets: list[str], connections: int, coding: str) -> dict[str, float]:
    """Return wall and CPU seconds of asking for all *targets*."""
    lock, source, sizes = threading.Lock(), iter(targets), list[int]()
    headers = f"Host: {host}:{port}\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: {coding}"

    def shared() -> Iterator[str]:
        while True:
            with lock:
                target = next(source, None)
            if target is None:
                return
            yield target

    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    threads = [threading.Thread(target=ask, args=(host, port, headers, shared(), sizes)) for _ in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "bytes": float(sum(sizes)), "requests": float(len(sizes))}


if __name__ == "__main__":
    host, port, client_id, secret, connections, *coding = sys.argv[1:]
    lines = [line.strip() for line in sys.stdin if line.strip()]
    token = login(host, int(port), client_id, secret)
    print(json.dumps(run(host, int(port), token, lines, int(connections), coding[0] if coding else "gzip")))
