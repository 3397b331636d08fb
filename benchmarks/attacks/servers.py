"""A server that does harm, on purpose or by accident, instead of Looker: nothing but the answers differs."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import time
import urllib.request
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.attacks.commands import Commands, Done, looker_at
from benchmarks.attacks.scores import Score
from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.raw import Request, answer, read, serve

TOKEN = "token-that-only-this-host-may-see"
ENDS_WITHIN_S = 100

Answering = Callable[[socket.socket, Request, bytes], bool]


@dataclass
class Between:
    """A server between the client and a real simulator; *harm* may answer in its place, or let the answer through."""

    looker: Simulator
    harm: Answering
    asked: list[Request] = field(default_factory=list)
    port: int = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def converse(self, connection: socket.socket) -> None:
        """Answer the requests of one connection."""
        buffer = bytearray()
        while (request := read(connection, buffer)) and self._answer(connection, request):
            pass

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        self.asked.append(request)
        status, kind, body = self._real(request)
        if self.harm(connection, request, body):
            return False
        connection.sendall(answer(body, status=status, Content_Type=kind))
        return True

    def _real(self, request: Request) -> tuple[int, str, bytes]:
        headers = {n: v for n, v in request.headers.items() if n in ("authorization", "content-type")}
        real = urllib.request.Request(
            self.looker.base_url + request.target, request.body or None, headers, method=request.method
        )
        try:
            with urllib.request.urlopen(real, timeout=60) as reply:
                return reply.status, reply.headers["content-type"] or "", reply.read()
        except OSError as refused:
            said = getattr(refused, "read", None)
            return getattr(refused, "code", 500), "application/json", said() if said else b"{}"


@contextmanager
def between(looker: Simulator, harm: Answering) -> Generator[Between]:
    """Serve on a free port of loopback until the end of the block."""
    server = Between(looker, harm)
    with serve(server.converse) as listener:
        server.port = listener.getsockname()[1]
        yield server


# What is answered to a page of dashboards -----------------------------------------------------------------------------


def _raw(make: Callable[[bytes], bytes]) -> Answering:
    def harm(connection: socket.socket, request: Request, body: bytes) -> bool:
        if not _is_page(request):
            return False
        connection.sendall(make(body))
        return True

    return harm


def _is_page(request: Request) -> bool:
    """True for what brings the payload of a dashboard: a page of them, or one alone."""
    path, _, query = request.target.partition("?")
    return "fields=" not in query and path.startswith("/api/4.0/dashboards/") and path.count("/") == 4


def bomb(members: int = 1) -> bytes:
    """Return a gzip of 512 MB of blanks in half a megabyte; made of several members, its trailer says less."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * (1 << 20)
    parts = [packer.compress(blank) for _ in range(512 // members)] + [packer.flush()]
    return b"".join(parts) * members


def _stream(first: bytes, again: bytes, pause_s: float) -> Answering:
    """Send a body without an end, as fast as it is taken or a part every so often."""

    def harm(connection: socket.socket, request: Request, _: bytes) -> bool:
        if not _is_page(request):
            return False
        connection.sendall(first)
        give_up_s = time.monotonic() + 2 * ENDS_WITHIN_S
        while time.monotonic() < give_up_s:
            connection.sendall(again)
            time.sleep(pause_s)
        return True

    return harm


def _first(text: bytes, change: Callable[[dict], object]) -> bytes:
    """Return the page with the first dashboard changed."""
    found = json.loads(text)
    if found:
        change(found[0] if isinstance(found, list) else found)
    return json.dumps(found).encode()


def _nested(depth: int) -> Callable[[bytes], bytes]:
    return lambda body: answer(body.replace(b'"title":', b'"deep":' + b"[" * depth + b"]" * depth + b',"title":', 1))


def _retry_after(text: str) -> Answering:
    return _raw(lambda _: answer(b"{}", status=503, Retry_After=text))


PAGES: dict[str, Answering] = {
    "a gzip bomb": _raw(lambda _: answer(bomb(), Content_Encoding="gzip")),
    "a gzip bomb whose trailer lies": _raw(lambda _: answer(bomb(64), Content_Encoding="gzip")),
    "a body without an end": _stream(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", b" " * (1 << 20), 0
    ),
    "a byte a second": _stream(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", b" ", 1),
    "a content-length too great": _raw(lambda body: answer(body, Content_Length=str(len(body) + 9))),
    "a content-length too small": _raw(lambda body: answer(body, Content_Length=str(max(1, len(body) - 9)))),
    "a negative content-length": _raw(lambda body: answer(body, Content_Length="-5")),
    "Retry-After of 1e9 s": _retry_after("1000000000"),
    "Retry-After of 400 digits": _retry_after("9" * 400),
    "a negative Retry-After": _retry_after("-5"),
    "Retry-After with a digit that is none": _retry_after("\xb2"),
    "Retry-After as a date that is none": _retry_after("Mon, 99 Foo 99999 99:99:99 GMT"),
    "Retry-After as a date of the year 9999": _retry_after("Fri, 31 Dec 9999 23:59:59 GMT"),
    "JSON 100,000 levels deep": _raw(_nested(100_000)),
    "JSON 900 levels deep": _raw(_nested(900)),
    "NaN and Infinity": _raw(lambda body: answer(body.replace(b'"title":', b'"n":NaN,"i":-Infinity,"title":', 1))),
    "invalid UTF-8": _raw(lambda body: answer(body.replace(b'"title":"', b'"title":"\xff\xfe', 1))),
    "a lone surrogate": _raw(lambda body: answer(body.replace(b'"title":"', b'"title":"\\ud800', 1))),
    "a key named twice": _raw(lambda body: answer(body.replace(b'"title":', b'"title":"other","title":', 1))),
    "headers without an end": _stream(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n", 0),
    "an answer that is no HTTP": _raw(lambda _: b"\x00\x01\x02 nonsense\r\n\r\n"),
}
IDS = {
    "an id with /": "../../users/1",
    "the id ..": "..",
    "an id with %2e%2e%2f": "%2e%2e%2fusers",
    "an id with NUL": "4\0002",
    "an id of 10,000 characters": "9" * 10_000,
    "an id with ESC": "4\x1b[2J2",
    "an id that is a list": ["1"],
    "an id with ?": "1?limit=1",
}
for _name, _id in IDS.items():
    PAGES[_name] = _raw(lambda body, _id=_id: answer(_first(body, lambda row: row.update(id=_id))))


def answers(commands: Commands, scratch: Path, names: tuple[str, ...] = ()) -> Iterator[Score]:
    """One page of dashboards is not what it should be: the run ends, says so, and what it can have it has."""
    for name in names or PAGES:
        score = Score(name)
        with Simulator(SimulatorOptions(scale="tiny")) as looker, between(looker, PAGES[name]) as server:
            where = scratch / "server"
            where.mkdir()
            begun_s = time.monotonic()
            done = _extract(commands, server.base_url, where)
            spent_s = time.monotonic() - begun_s
            score.tried += 1
            done.judge(score, (0, 1, 3), name)
            score.check("wrong exit code", spent_s < ENDS_WITHIN_S, f"{name}: it took {spent_s:.0f} s")
            score.notes.append(f"~ {name}: {done.code} {done.out[:300]} {done.err[:300]}")
            _only_right(score, where, name)
            _goes_on(score, commands, server, looker, where)
            shutil.rmtree(where)
        yield score


def _extract(commands: Commands, base_url: str, where: Path, *words: str) -> Done:
    env = looker_at(base_url) | {"LOOKERSDK_TIMEOUT": "5", "LOOKERVAULT_TYPES": ""}
    return commands.run("extract", *words, "dashboards", "boards", cwd=where, env=env)


def _only_right(score: Score, where: Path, name: str) -> None:
    """A snapshot that calls itself complete has what is there; verify agrees with what is said."""
    path = where / "looker.db"
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as db:
        doubled = db.execute("SELECT count(*) - count(DISTINCT content_type || ' ' || id) FROM snapshot_contents")
        score.check("doubled", doubled.fetchone()[0] == 0, name)


def _goes_on(score: Score, commands: Commands, server: Between, looker: Simulator, where: Path) -> None:
    """The same command again finishes once the server is well."""
    server.harm = lambda *_: False
    again = _extract(commands, server.base_url, where, "--resume")
    if again.code == 2:
        again = _extract(commands, server.base_url, where)
    again.judge(score, (0,), f"{score.attack}, and then well")
    with closing(sqlite3.connect(where / "looker.db")) as db:
        held = db.execute("SELECT count(*) FROM current_items WHERE content_type = 'dashboards'").fetchone()[0]
    there = sum(not row["deleted"] for row in looker.world["dashboards"])
    score.check("lost", held >= there, f"{score.attack}: {held} of {there} dashboards: {again}")


def redirects(
    commands: Commands,
    scratch: Path,
    statuses: tuple[int, ...] = (301, 302, 303, 307, 308),
    paths: tuple[str, ...] = ("/login", "/user", "/dashboards/search"),
) -> Score:
    """A redirect leads nowhere: neither the token nor the secret goes to another host."""
    score = Score("a redirect to another host")
    with Simulator(SimulatorOptions(scale="tiny")) as looker, between(looker, lambda *_: False) as elsewhere:
        for status in statuses:
            for path in paths:
                score.tried += 1
                where = scratch / "redirect"
                where.mkdir()
                to = f"{elsewhere.base_url}/api/4.0{path}"

                def harm(
                    connection: socket.socket, request: Request, _: bytes, path=path, to=to, status=status
                ) -> bool:
                    if request.target.partition("?")[0] != f"/api/4.0{path}":
                        return False
                    connection.sendall(answer(b"", status=status, Location=to))
                    return True

                with between(looker, harm) as server:
                    done = _extract(commands, server.base_url, where)
                # Without the listing each dashboard is read by its id, and the backup is whole all the same.
                done.judge(score, (1, 3) if path in ("/login", "/user") else (0, 3), f"{status} at {path}")
                score.check("leaked", not elsewhere.asked, f"{status} at {path}: {elsewhere.asked[:1]}")
                elsewhere.asked.clear()
                shutil.rmtree(where)
    return score


def listings(commands: Commands, scratch: Path) -> Iterator[Score]:
    """A listing that gives the same page for every offset ends as a hole, and so does one without an end."""
    for name, make in {"a listing that repeats its pages": _same_page, "a listing that never ends": ever_new}.items():
        score = Score(name)
        for page in (False, True):
            score.tried += 1
            where = scratch / "listing"
            where.mkdir()
            with (
                Simulator(SimulatorOptions(scale="tiny")) as looker,
                between(looker, make(looker, page=page)) as server,
            ):
                done = _extract(commands, server.base_url, where)
                done.judge(score, (0, 1, 3), name)
                score.check("lost", len(server.asked) < 300, f"{name}: {len(server.asked)} requests")
                score.notes.append(
                    f"~ {name} {page}: {len(server.asked)} {done.code} {done.out[:300]} {done.err[:300]}"
                )
                _only_right(score, where, name)
                _goes_on(score, commands, server, looker, where)
            shutil.rmtree(where)
        yield score


def _same_page(looker: Simulator, *, page: bool) -> Callable[..., bool]:
    def harm(connection: socket.socket, request: Request, _: bytes) -> bool:
        if "/dashboards/search" not in request.target or _is_page(request) != page:
            return False
        first = [row for row in looker.world["dashboards"] if not row["deleted"]]
        rows = [json.loads(row_text) for row_text in first_page(looker, request, len(first))]
        connection.sendall(answer(json.dumps(rows).encode()))
        return True

    return harm


def first_page(looker: Simulator, request: Request, count: int) -> list[str]:
    target = request.target.partition("?")[0] + "?limit=100&sorts=id"
    if "fields=" in request.target:
        target += "&fields=id"
    headers = {"Authorization": request.headers.get("authorization", "")}
    with urllib.request.urlopen(urllib.request.Request(looker.base_url + target, headers=headers), timeout=60) as reply:
        return [json.dumps(row) for row in json.load(reply)][:count]


def ever_new(_looker: Simulator, *, page: bool) -> Callable[..., bool]:
    numbers = iter(range(100_000, 10_000_000))

    def harm(connection: socket.socket, request: Request, _: bytes) -> bool:
        if "/dashboards/search" not in request.target or _is_page(request) != page:
            return False
        rows = [{"id": str(next(numbers)), "title": "new"} for _ in range(5000)]
        connection.sendall(answer(json.dumps(rows).encode()))
        return True

    return harm


def attacks(commands: Commands, scratch: Path, names: tuple[str, ...] = ()) -> Iterator[Score]:
    """Make all of them."""
    yield from answers(commands, scratch, names)
    yield redirects(commands, scratch)
    yield from listings(commands, scratch)
