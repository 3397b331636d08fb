"""A scripted server: it says exactly what a test tells it to say, broken answers included."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pydantic import SecretStr

from looker_simulator import raw
from looker_simulator.raw import Request
from lookervault_core import errors
from lookervault_core.settings import Connection

__all__ = ["Request"]

SECRET = "s3cr3t-of-the-test"


@dataclass
class Answer:
    """Bytes to send after `delay_s`; then the connection is kept, closed, or reset."""

    raw: bytes = b""
    delay_s: float = 0.0
    then: str = "keep"


def answer(status: int = 200, body: object = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Answer(raw.answer(content, status, **headers))


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

NOT_SERVED = [html(404, "Looker Not Found (404)"), answer(404, {"message": "no Route matched"}), answer(404, b"")]
OK = answer(200, {"id": "1"})
LIMITED = answer(429, {"message": "Too many requests", "documentation_url": "https://docs.looker.com/r/err/4.0/429"})

Script = Callable[[Request], Answer]


@dataclass
class Scripted:
    """What is said to `METHOD /path`: the answers in order, the last one again and again, or a function's."""

    scheme: str = "http"
    port: int = 0
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


def _converse(connection: socket.socket, scripted: Scripted) -> None:
    buffer = bytearray()
    while request := raw.read(connection, buffer):
        said = scripted.reply(request)
        time.sleep(said.delay_s)
        connection.sendall(said.raw)
        if said.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if said.then != "keep":
            return


def start(tls: ssl.SSLContext | None = None) -> tuple[Scripted, socket.socket]:
    scripted = Scripted("https" if tls else "http")
    scripted.on("POST /login", token())
    scripted.on("DELETE /logout", Answer(b"HTTP/1.1 204 No Content\r\n\r\n"))
    listener = raw.serve(lambda connection: _converse(connection, scripted), tls)
    scripted.port = listener.getsockname()[1]
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


def many(count: int, work, threads: int = 20) -> list[object]:
    """The results of *count* calls in *threads* threads, errors among them."""

    def one(number: int) -> object:
        try:
            return work(number)
        except errors.LookerVaultError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(count)))
