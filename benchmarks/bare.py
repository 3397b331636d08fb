"""The ceiling of a whole run: the very requests that a run has made, over as many bare sockets, the answers thrown away.

python benchmarks/bare.py HOST PORT CLIENT_ID SECRET CONNECTIONS < targets    (one path with its query a line)
"""

from __future__ import annotations

import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.raw import BUFFER, fetch, login


def ask(host: str, port: int, token: str, targets: Iterator[str], sizes: list[int]) -> None:
    """Make one request after the other until *targets* ends."""
    buffer = memoryview(bytearray(8 * BUFFER))
    with socket.create_connection((host, port)) as sock:
        for target in targets:
            head = f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
            sizes.append(fetch(sock, buffer, f"{head}Accept-Encoding: gzip\r\n\r\n".encode()))


def run(host: str, port: int, token: str, targets: list[str], connections: int) -> dict[str, float]:
    """Return wall and CPU seconds of asking for all *targets*."""
    lock, source = threading.Lock(), iter(targets)

    def shared() -> Iterator[str]:
        while True:
            with lock:
                target = next(source, None)
            if target is None:
                return
            yield target

    sizes: list[int] = []
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    threads = [threading.Thread(target=ask, args=(host, port, token, shared(), sizes)) for _ in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "bytes": float(sum(sizes)), "requests": float(len(sizes))}


if __name__ == "__main__":
    host, port, client_id, secret, connections = sys.argv[1:6]
    lines = [line.strip() for line in sys.stdin if line.strip()]
    token = login(host, int(port), client_id, secret)
    print(json.dumps(run(host, int(port), token, lines, int(connections))))
