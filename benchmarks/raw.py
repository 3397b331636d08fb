"""The ceiling: fetch the same pages over as many connections on bare sockets, and throw them away."""

from __future__ import annotations

import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

PAGE = 100
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


def download(host: str, port: int, token: str, offsets: Iterator[int], *, gzip: bool, sizes: list[int]) -> None:
    """Fetch one page after another until *offsets* ends."""
    buffer = memoryview(bytearray(BUFFER))
    coding = "gzip" if gzip else "identity"
    with socket.create_connection((host, port)) as sock:
        for offset in offsets:
            query = urlencode({"deleted": "false", "limit": PAGE, "offset": offset, "sorts": "id"})
            sizes.append(
                fetch(
                    sock,
                    buffer,
                    f"GET /api/4.0/dashboards/search?{query} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                    f"Authorization: Bearer {token}\r\nAccept-Encoding: {coding}\r\n\r\n".encode(),
                )
            )


def run(host: str, port: int, token: str, total: int, connections: int, *, gzip: bool) -> dict[str, float]:
    """Return wall seconds, CPU seconds and bytes of one full download."""
    lock, source = threading.Lock(), iter(range(0, total, PAGE))

    def offsets() -> Iterator[int]:
        while True:
            with lock:
                offset = next(source, None)
            if offset is None:
                return
            yield offset

    sizes: list[int] = []
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    threads = [
        threading.Thread(target=download, args=(host, port, token, offsets()), kwargs={"gzip": gzip, "sizes": sizes})
        for _ in range(connections)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "bytes": float(sum(sizes)), "pages": float(len(sizes))}


if __name__ == "__main__":
    host, port, client_id, secret, total, connections, coding = sys.argv[1:8]
    token = login(host, int(port), client_id, secret)
    print(json.dumps(run(host, int(port), token, int(total), int(connections), gzip=coding == "gzip")))
