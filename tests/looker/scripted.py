"""A scripted server on a real socket: it says exactly what a test tells it to say, broken answers included."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from lookervault_core.settings import Connection

SECRET = "s3cr3t-of-the-test"


@dataclass
class Request:
    at_s: float
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.removeprefix("/api/4.0").partition("?")[0]


@dataclass
class Answer:
    """Bytes to send after `delay_s`; then the connection is kept, closed, or reset."""

    raw: bytes = b""
    delay_s: float = 0.0
    then: str = "keep"


def answer(status: int = 200, body: object = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return Answer(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content)


NOT_FOUND = {"message": "Not found", "documentation_url": "https://docs.looker.com/"}


def html(status: int, text: str) -> Answer:
    page = f"<html><head><title>{text}</title></head><body><h1>no\nJSON</h1></body></html>".encode()
    return answer(status, page, Content_Type="text/html")


def zipped(body: bytes) -> Answer:
    return answer(200, gzip.compress(body), Content_Encoding="gzip")


def token(text: str = "token-1", life_s: int = 3600) -> Answer:
    return answer(200, {"access_token": text, "token_type": "Bearer", "expires_in": life_s})


RESET_BEFORE_ANSWER = Answer(then="reset")
CLOSE_BEFORE_ANSWER = Answer(then="close")

Script = Callable[[Request], Answer]


@dataclass
class Scripted:
    """What is said to `METHOD /path`: the answers in order, the last one again and again, or a function's."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    scripts: dict[str, list[Answer] | Script] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def on(self, call: str, *answers: Answer) -> None:
        self.scripts[call] = list(answers)

    def always(self, call: str, script: Script) -> None:
        self.scripts[call] = script

    def seen(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def reply(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            script = self.scripts.get(f"{request.method} {request.path}", [answer(404, NOT_FOUND)])
            if not isinstance(script, list):
                return script(request)
            return script.pop(0) if len(script) > 1 else script[0]


def _read(connection: socket.socket, buffer: bytearray) -> Request | None:
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


def _converse(connection: socket.socket, scripted: Scripted) -> None:
    buffer = bytearray()
    try:
        while request := _read(connection, buffer):
            said = scripted.reply(request)
            time.sleep(said.delay_s)
            connection.sendall(said.raw)
            if said.then == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if said.then != "keep":
                return
    except OSError:
        return
    finally:
        connection.close()


def _serve(listener: socket.socket, scripted: Scripted, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_welcome, args=(connection, scripted, tls), daemon=True).start()


def _welcome(connection: socket.socket, scripted: Scripted, tls: ssl.SSLContext | None) -> None:
    try:
        secured = tls.wrap_socket(connection, server_side=True) if tls else connection
    except OSError:
        return
    _converse(secured, scripted)


def start(tls: ssl.SSLContext | None = None) -> tuple[Scripted, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    scripted = Scripted(listener.getsockname()[1], "https" if tls else "http")
    scripted.on("POST /login", token())
    scripted.on("DELETE /logout", Answer(b"HTTP/1.1 204 No Content\r\n\r\n"))
    threading.Thread(target=_serve, args=(listener, scripted, tls), daemon=True).start()
    return scripted, listener


def connection_to(base_url: str, **changes: object) -> Connection:
    values: dict[str, object] = {"client_id": "the-id", "client_secret": SecretStr(SECRET), "timeout_s": 5.0}
    return Connection(base_url=base_url, **(values | changes))  # ty: ignore[invalid-argument-type]


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    now_s: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def most_within(times: list[float], span_s: float) -> int:
    """The most of *times* that any window of `span_s` holds."""
    return max(sum(start <= other < start + span_s for other in times) for start in times)
