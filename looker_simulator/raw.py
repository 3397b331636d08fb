"""A server on a real socket that sends the bytes it is told to, whole answers or broken ones: for whoever tests a client."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Request:
    """One request as it came in."""

    at_s: float
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.removeprefix("/api/4.0").partition("?")[0]


def answer(body: bytes, status: int = 200, **headers: str) -> bytes:
    """Return a whole HTTP answer of JSON; *headers* go before those that it would have."""
    named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + body


def read(connection: socket.socket, buffer: bytearray) -> Request | None:
    """Return the next request; None if the client has gone. What came behind it stays in *buffer*."""
    while b"\r\n\r\n" not in buffer:
        if not (part := connection.recv(65536)):
            return None
        buffer += part
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(headers.get("content-length", 0))
    while len(rest) < size:
        rest += connection.recv(65536)
    buffer[:] = rest[size:]
    method, target, _ = first.split(" ")
    return Request(time.monotonic(), method, target, headers, rest[:size])


def serve(converse: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> socket.socket:
    """Have *converse* answer each connection, in a thread of its own, until the socket that is returned is closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, converse, tls), daemon=True).start()
    return listener


def _accept(listener: socket.socket, converse: Callable[[socket.socket], None], tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_welcome, args=(connection, converse, tls), daemon=True).start()


def _welcome(connection: socket.socket, converse: Callable[[socket.socket], None], tls: ssl.SSLContext | None) -> None:
    try:
        with tls.wrap_socket(connection, server_side=True) if tls else connection as secured:
            converse(secured)
    except OSError:  # the client has gone
        return
