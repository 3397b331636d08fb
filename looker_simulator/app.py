"""The ASGI application: one request from the wire to the handler and back, with faults, limits and accounting."""

import asyncio
import logging
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.types import Receive, Scope, Send

from looker_simulator import (
    agents,
    checkouts,
    connected,
    images,
    jsontext,
    mutations,
    reads_config,
    reads_content,
    reads_people,
    reports,
    settings,
    writes,
)
from looker_simulator.accounting import Calls
from looker_simulator.calls import (
    Actor,
    Call,
    Operation,
    Refused,
    Reply,
    detail,
    error_reply,
    json_reply,
    not_found,
    refuse_off,
)
from looker_simulator.faults import Fault, Faults
from looker_simulator.gateway import Gateway
from looker_simulator.routes import Routes
from looker_simulator.table import Row
from looker_simulator.tokens import Tokens
from looker_simulator.world import World

_LOG = logging.getLogger(__name__)
_HTML = b"<html><head><title>Looker is unavailable</title></head><body><h1>Oops</h1></body></html>"
_HTML_HEADERS = [(b"content-type", b"text/html; charset=utf-8")]
_REASONS = {
    422: "Validation Failed",
    429: "Too many requests",
    500: "An error has occurred.",
    503: "Service unavailable",
}
_PAGE_CACHE_BYTES = 512 * 2**20
_BIG = 512 * 2**10  # bodies beyond this are joined anew each time: fresh memory costs more than the copy
_COMPRESS_ASIDE = 64 * 2**10
_CHUNK = 1 << 20
_HOLD_LOOK_S = 0.01


class Cut(Exception):
    """The connection is to be cut instead of answered."""


class Application:
    """Serves ``/api/4.0`` from a world. *cut* closes the connection of a scope without an answer."""

    def __init__(self, world: World, cut: Callable[[Scope], None]) -> None:
        self.world = world
        self.calls = Calls()
        self.faults = Faults(world.options.seed)
        self.tokens = Tokens(world)
        self._gateway = Gateway(world)
        self._nobody = Actor(world, "")
        self._cut = cut
        world.operations = (
            *_SESSION_OPERATIONS,
            *reads_content.OPERATIONS,
            *reads_people.OPERATIONS,
            *reads_config.OPERATIONS,
            *writes.OPERATIONS,
            *settings.OPERATIONS,
            *agents.OPERATIONS,
            *connected.OPERATIONS,
            *checkouts.OPERATIONS,
            *images.OPERATIONS,
            *reports.OPERATIONS,
        )
        self._routes = Routes((*world.operations, *_UNSERVED))
        self._pages: dict[Any, Reply] = {}
        self._page_bytes = 0
        self._generation = -1
        self._orders: dict[Any, list[Row]] = {}
        self._recent: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        path = scope["path"].removeprefix("/api/4.0")
        found = self._routes.find(scope["method"], scope["raw_path"].decode("latin-1").removeprefix("/api/4.0"))
        operation, values = found if found else (_UNKNOWN, [])
        self.calls.arrived(operation.id, operation.activity)
        if scope["method"] == "GET":
            self.calls.read(scope["raw_path"], scope["query_string"])
        status = size = 0
        try:
            body = await _read(receive) if scope["method"] in ("POST", "PUT", "PATCH", "DELETE") else b""
            await self._hold(operation, path, scope, receive)
            reply, spoiled = await self._answer(operation, {k: unquote(v) for k, v in values}, path, scope, body)
            status, size = await self._send(scope, send, reply, spoiled)
        except Cut:
            self._cut(scope)
        except Exception:  # only to say which operation it was: it is raised again
            _LOG.exception("%s failed", operation.id)
            raise
        finally:
            self.calls.answered(status, size)

    async def _answer(
        self, operation: Operation, values: dict[str, str], path: str, scope: Scope, body: bytes
    ) -> tuple[Reply, list[Fault]]:
        params = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            self._limit()
            refused = self._gateway.refuses(path)
            if refused is not None:
                return refused, []
            spoiled = await self._misbehave(operation, path, params)
            if self.faults.rules and self.faults.unseen(scope["method"], path, body):
                raise not_found()
            with self.world.lock:
                reply = self._carry_out(operation, values, path, params, scope, body)
            if operation.method == "POST" and reply.status == 200:
                self.world.unlisted.made(operation.table, reply.ids)
            if self.faults.rules:
                spoiled = self._poison(operation, path, params, reply)
                return reply, spoiled
            return reply, []
        except Refused as refused:
            reply = error_reply(
                refused.status, refused.message, f"{scope['method'].lower()}{operation.path}", refused.errors
            )
            reply.headers += [(b"retry-after", b"1")] if refused.status == 429 else []
            return reply, []
        except _Instead as instead:
            return instead.reply, []

    def _carry_out(
        self, operation: Operation, values: dict[str, str], path: str, params: dict[str, str], scope: Scope, body: bytes
    ) -> Reply:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if operation.id in ("login", "logout"):
            return self._session(operation, headers, body, scope["query_string"])
        actor = self._nobody if operation.open else self.tokens.actor(headers.get(b"authorization", ""))
        if operation is _UNKNOWN or (operation.admin_only and not actor.admin):
            raise Refused(404, "Not found")
        refuse_off(self.world, operation.id)
        if self._generation != self.world.generation:
            self._forget()
        key = (path, scope["query_string"], actor.user_id, _takes_gzip(scope))
        reply = self._pages.get(key) if scope["method"] == "GET" else None
        if reply is None:
            call = Call(
                operation=operation,
                world=self.world,
                actor=actor,
                path=values,
                params=params,
                orders=self._orders,
                url=_url(scope, headers),
                body=_decoded(headers, body),
            )
            reply = operation.answer(call)
            if operation.id == "login_user":
                reply = json_reply(self.tokens.issue(values["user_id"]))
            if reply.stable:
                reply.key = key
        return reply

    def _session(self, operation: Operation, headers: dict[bytes, str], body: bytes, query: bytes) -> Reply:
        if operation.id == "login":
            return json_reply(self.tokens.log_in(headers.get(b"content-type", ""), body, query))
        self.tokens.actor(headers.get(b"authorization", ""))
        self.tokens.revoke(headers.get(b"authorization", ""))
        return Reply(b"", status=204, headers=[])

    def _limit(self) -> None:
        rate = self.world.options.rate_limit_rps
        if not rate:
            return
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= rate:
            raise Refused(429, _REASONS[429])
        self._recent.append(now)

    async def _hold(self, operation: Operation, path: str, scope: Scope, receive: Receive) -> None:
        """Wait for as long as a rule holds the request; a client that is gone by then never asked."""
        if not any(rule.kind == "hold" for rule in self.faults.rules):
            return
        params = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        for rule in self.faults.holding(operation, path, params):
            gone = asyncio.ensure_future(_disconnected(receive))
            while self.faults.in_force(rule) and not gone.done():
                await asyncio.wait([gone], timeout=_HOLD_LOOK_S)
            if gone.done():
                raise Cut
            gone.cancel()

    async def _misbehave(self, operation: Operation, path: str, params: dict[str, str]) -> None:
        for rule in self.faults.before(operation, path, params) if self.faults.rules else ():
            if rule.kind == "slow":
                await asyncio.sleep(rule.delay_s)
            elif rule.kind == "revoke":
                self.tokens.revoke()
            elif rule.kind == "reset_before":
                raise Cut
            elif rule.kind == "churn":
                mutations.churn(self.world, rule)
            else:
                raise _Instead(_failure(rule, operation))

    def _poison(self, operation: Operation, path: str, params: dict[str, str], reply: Reply) -> list[Fault]:
        if self.faults.poisoned(operation, reply.ids):
            raise Refused(500, _REASONS[500])
        spoiled = self.faults.afterwards(operation, path, params)
        if operation.method == "POST" and reply.status == 200:
            self.faults.created(path, reply.ids, spoiled)
        return spoiled

    async def _send(self, scope: Scope, send: Send, reply: Reply, spoiled: list[Fault]) -> tuple[int, int]:
        """Send the answer, spoiled if so decided; return its status and size."""
        if self.world.options.latency_ms:
            await asyncio.sleep(self.world.options.latency_ms / 1000)
        while any(rule.kind == "hold_answer" and self.faults.in_force(rule) for rule in spoiled):
            await asyncio.sleep(_HOLD_LOOK_S)
        kinds = {rule.kind for rule in spoiled}
        if "reset_after" in kinds:
            raise Cut
        for page in kinds & {"html_200", "html_404"}:
            reply = Reply(_HTML, status=int(page[-3:]), headers=_HTML_HEADERS)
        body, encoding = await self._encoded(scope, reply)
        length = len(body) * 2 + 1 if "truncate" in kinds else len(body)
        headers = [*reply.headers, *encoding, (b"content-length", str(length).encode())]
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": headers if reply.status != 204 else []}
        )
        for at in range(0, len(body) - _CHUNK, _CHUNK):
            await send({"type": "http.response.body", "body": body[at : at + _CHUNK], "more_body": True})
        rest = body[(len(body) - 1) // _CHUNK * _CHUNK :] if len(body) > _CHUNK else body
        await send({"type": "http.response.body", "body": rest, "more_body": length != len(body)})
        return reply.status, len(body)

    async def _encoded(self, scope: Scope, reply: Reply) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """Return body and headers as they go over the wire; an answer that can be given again is kept in that form."""
        if reply.encoded is None:
            if _takes_gzip(scope) and self.world.options.gzip and len(reply.body) > 1000:
                aside = len(reply.body) > _COMPRESS_ASIDE
                packed = await asyncio.to_thread(_gzip, reply.body) if aside else _gzip(reply.body)
                reply.encoded = packed, [(b"content-encoding", b"gzip")]
            else:
                reply.encoded = reply.body, []
            if reply.key is not None and len(reply.encoded[0]) < _BIG * (4 if reply.encoded[1] else 1):
                self._keep(reply)
        return reply.encoded

    def _forget(self) -> None:
        self._generation = self.world.generation
        self._pages.clear()
        self._orders.clear()
        self._page_bytes = 0

    def _keep(self, reply: Reply) -> None:
        reply.body = b""
        self._pages[reply.key] = reply
        self._page_bytes += len(reply.encoded[0]) if reply.encoded else 0
        if self._page_bytes > _PAGE_CACHE_BYTES:
            self._forget()


class _Instead(Exception):
    """A fault answers in place of the handler."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def _failure(rule: Fault, operation: Operation) -> Reply:
    if rule.kind in ("500_html", "502", "504"):
        return Reply(_HTML, status=int(rule.kind[:3]), headers=_HTML_HEADERS)
    status = 500 if rule.kind == "poison" else int(rule.kind)
    errors = [detail("base", "invalid", "Refused by a fault.")] if status == 422 else None
    where = f"{operation.method.lower()}{operation.path}"
    reply = error_reply(status, _REASONS.get(status, "Refused"), where, errors)
    if status in (429, 503) and rule.retry_after_s is not None:
        reply.headers.append((b"retry-after", f"{rule.retry_after_s:g}".encode()))
    return reply


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _decoded(headers: dict[bytes, str], body: bytes) -> Any:
    if not body:
        return None
    if headers.get(b"content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Refused(400, "Expected a JSON body, got a form")
    try:
        return jsontext.loads(body)
    except ValueError as exc:
        raise Refused(400, "Problems parsing JSON") from exc


def _url(scope: Scope, headers: dict[bytes, str]) -> str:
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    return f"http://{headers.get(b'host', '')}{scope['path']}{query}"


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _login_user(call: Call) -> Reply:
    if call.path["user_id"] not in call.world["users"]:
        raise Refused(404, "Not found")
    return Reply()


def _nothing(_call: Call) -> Reply:
    raise Refused(404, "Not found")


_UNKNOWN = Operation("unknown", "", "/", _nothing)
# What later or other Lookers have and this one does not: asked for by its name, it is not there.
_UNSERVED = [Operation("workforce_config", "GET", "/workforce_config", _nothing, admin_only=True)]
_SESSION_OPERATIONS = [
    Operation("login", "POST", "/login", _nothing, "none", open=True),
    Operation("logout", "DELETE", "/logout", _nothing, "none", open=True),
    Operation("login_user", "POST", "/login/{user_id}", _login_user, "none", admin_only=True),
]
