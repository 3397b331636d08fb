"""The client of one Looker instance, shared by all workers of a run."""

from __future__ import annotations

import random as random_module
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

import msgspec

from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import BadReply, BudgetSpent, LookerError, Unauthorized
from lookervault_core.looker.accounting import Accounts, Calls
from lookervault_core.looker.auth import ApiSession, bearer
from lookervault_core.looker.limiter import Limiter, pause
from lookervault_core.looker.replies import Reply, damage, refusal, subject
from lookervault_core.looker.retries import Retries
from lookervault_core.looker.transport import Transport

if TYPE_CHECKING:
    from lookervault_core.settings import Connection

Params = Mapping[str, object]

_RELEASE = re.compile(rb'"x-looker-release-version"\s*:\s*"([\d.]+)"')
_SLOWING = (429, 503)
_LATE_TOKENS = 3


def segment(text: str) -> str:
    """Return *text* as one path segment. The SDK leaves alone what looks escaped, which would rename ``50%25``."""
    return quote(text, safe="")


def names_one(text: str) -> bool:
    """Return whether *text* can be an id in a path. An empty one, or one of dots, would make the path of the whole listing, or of
    the level above."""
    return text not in ("", ".", "..")


class Looker:
    """Calls the API with one login, one pace, one budget and one account for all threads.

    `operation` is the operationId of the API description; `item` is what messages name (``dashboard 42``). Every method
    raises the LookerError subclass of what happened, BudgetSpent before a call that would exceed `max_calls` (logins
    are free; `budget` is what set that), and Interrupted once `stop` is set.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        workers: int = 8,
        per_second: float = 10,
        per_minute: float = 0,
        ceiling: float = 0,
        max_calls: int = 0,
        budget: str = "--max-calls",
        max_attempts: int = 5,
        retry_deadline_s: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        random: Callable[[], float] = random_module.random,
        stop: threading.Event | None = None,
    ) -> None:
        self.connection = connection
        self.limiter = Limiter(
            per_second, per_minute, ceiling=ceiling, clock=clock, sleep=sleep, random=random, stop=stop
        )
        self.accounts = Accounts()
        self._budget = _Budget(max_calls, budget)
        self._described: bytes | None = None
        self._clock = clock
        self._wall = wall
        self._longest_pause_s = retry_deadline_s
        self._retries = Retries(
            max_attempts=max_attempts,
            deadline_s=retry_deadline_s,
            clock=clock,
            pause=lambda seconds: pause(seconds, sleep, stop),
            random=random,
        )
        self._transport = Transport(connection, workers=workers, clock=clock)
        self._session = ApiSession(
            connection,
            self._transport,
            turn=self.limiter.acquire,
            repeat=lambda call: self._retries.run(lambda: self._paced("login", call), idempotent=True),
            clock=clock,
            wall=wall,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out and close the connections."""
        self._session.close()
        self._transport.close()

    def get(
        self, operation: str, path: str, params: Params | None = None, item: str = "", *, media: bool = False
    ) -> Reply:
        """Send a GET and return the answer: JSON, or with *media* a picture."""
        return self._call(_Call(operation, "GET", path, item=item, params=params, media=media))

    def post(
        self,
        operation: str,
        path: str,
        body: bytes | None = None,
        params: Params | None = None,
        item: str = "",
        *,
        idempotent: bool = False,
    ) -> Reply:
        """Send *body* (JSON). A lost answer is raised, not repeated, unless the call is known to be *idempotent*."""
        return self._call(_Call(operation, "POST", path, body, item, params, idempotent))

    def patch(
        self, operation: str, path: str, body: bytes | None = None, params: Params | None = None, item: str = ""
    ) -> Reply:
        return self._call(_Call(operation, "PATCH", path, body, item, params))

    def put(
        self, operation: str, path: str, body: bytes | None = None, params: Params | None = None, item: str = ""
    ) -> Reply:
        return self._call(_Call(operation, "PUT", path, body, item, params))

    def delete(
        self, operation: str, path: str, body: bytes | None = None, params: Params | None = None, item: str = ""
    ) -> Reply:
        return self._call(_Call(operation, "DELETE", path, body, item, params))

    @property
    def calls(self) -> dict[str, Calls]:
        """Return the counts of the calls so far by operation; logins are counted in `logins`."""
        return self.accounts.by_operation()

    @property
    def requests(self) -> int:
        """Return the number of requests so far that count for `max_calls`."""
        return self._budget.spent

    @property
    def logins(self) -> int:
        return self._session.logins

    def log_in(self) -> None:
        """Log in unless there is a session, so that a wrong login is found out before anything else is done."""
        self._session.token()

    def me(self) -> dict[str, Any]:
        """Return the API user, as Looker's operation `me` describes it."""
        return _decoded(self.get("me", "/user"), "me")

    def versions(self) -> dict[str, Any]:
        """Return Looker's versions, as its operation `versions` describes them."""
        return _decoded(self.get("versions", "/versions"), "versions")

    @cached_property
    def release(self) -> str:
        """Return Looker's release, such as ``26.12.7``: from the API description if it was read, else by one call."""
        said = _RELEASE.search(self._described or b"")
        return said[1].decode() if said else str(self.versions().get("looker_release_version") or "")

    def described(self) -> bytes:
        """Return the instance's own description of its API, asked for once."""
        if self._described is None:
            self._described = self.get("api_spec", "/api_spec/4.0/swagger.json").body
        return self._described

    def is_admin(self) -> bool:
        """Return whether the API user sees and may do everything; if not, "absent" may mean "hidden".

        The API description does not say whether `role_ids` has the roles that come through groups; `user_roles` does.
        """
        user = self.me()
        ids = user.get("role_ids")
        direct = self._roles("all_roles", "/roles", {"ids": ids}) if ids else []
        return any(map(makes_admin, direct)) or any(
            map(makes_admin, self._roles("user_roles", f"/users/{segment(str(user['id']))}/roles"))
        )

    def _roles(self, operation: str, path: str, params: Params | None = None) -> list[dict[str, Any]]:
        return _decoded(self.get(operation, path, params), operation, list)

    def _call(self, call: _Call) -> Reply:
        attempts = 0

        def attempt() -> Reply:
            nonlocal attempts
            attempts += 1
            return self._paced(call.operation, lambda: self._attempt(call, retry=attempts > 1))

        return self._retries.run(attempt, idempotent=call.idempotent)

    def _attempt(self, call: _Call, *, retry: bool) -> Reply:
        token = self._turn(call)
        try:
            return self._send(call, token, retry=retry)
        except Unauthorized:
            self._session.renew(token)
        return self._send(call, self._turn(call), retry=True)

    def _turn(self, call: _Call) -> str:
        """Return a live token once the budget and the pace allow one request.

        A token may die while its thread waits for a slot; logging in then would send this request after its slot.
        """
        self._budget.spend(call)
        for _ in range(_LATE_TOKENS):
            token = self._session.token()
            self.limiter.acquire()
            if self._session.is_current(token):
                return token
        return self._session.token()

    def _send(self, call: _Call, token: str, *, retry: bool) -> Reply:
        started_s = self._clock()
        try:
            reply = self._transport.send(
                call.operation, call.method, call.target, body=call.body, headers=call.headers(token), item=call.item
            )
        except LookerError as error:
            self._account(call, self._clock() - started_s, 0, error, retry=retry)
            raise
        error = self._fault(call, reply)
        self._account(call, reply.elapsed_s, len(reply.body), error, retry=retry)
        if error:
            raise error
        return reply

    def _fault(self, call: _Call, reply: Reply) -> LookerError | None:
        return refusal(reply, call.operation, call.item, self._wall()) or damage(
            reply, call.operation, call.item, must_have_body=call.method == "GET", media=call.media
        )

    def _account(self, call: _Call, seconds: float, size: int, error: LookerError | None, *, retry: bool) -> None:
        status = error.status if error else None
        self.accounts.record(call.operation, seconds=seconds, size=size, error=status, retry=retry)

    def _paced(self, operation: str, call: Callable[[], Reply]) -> Reply:
        """Run *call* and let every worker feel how it went."""
        try:
            reply = call()
        except LookerError as error:
            if error.status in _SLOWING:
                self.limiter.slow_down(min(error.retry_after_s or 0.0, self._longest_pause_s))
            raise
        self.limiter.recover(operation, reply.elapsed_s)
        return reply


class _Call(msgspec.Struct, frozen=True):
    operation: str
    method: str
    path: str
    body: bytes | None = None
    item: str = ""
    params: Params | None = None
    idempotent: bool = True
    media: bool = False

    @property
    def target(self) -> str:
        query = _query(self.params) if self.params else ""
        return f"{self.path}?{query}" if query else self.path

    def headers(self, token: str) -> dict[str, str]:
        content = {} if self.body is None else {"Content-Type": "application/json"}
        accepted = {"Accept": "*/*"} if self.media else {}
        return {**bearer(token), **content, **accepted}


class _Budget:
    def __init__(self, max_calls: int, name: str) -> None:
        self._max_calls = max_calls
        self._name = name
        self._lock = threading.Lock()
        self.spent = 0

    def spend(self, call: _Call) -> None:
        with self._lock:
            if self._max_calls and self.spent >= self._max_calls:
                raise BudgetSpent(
                    f"{subject(call.operation, call.item)}: not sent, because the {self._max_calls:,} calls "
                    f"of {self._name} are used up"
                )
            self.spent += 1


def _query(params: Params) -> str:
    return urlencode({name: _text(value) for name, value in params.items() if value is not None}, safe=",")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(_text(part) for part in value)
    return str(value)


def _decoded(reply: Reply, operation: str, kind: type = dict) -> Any:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except NOT_JSON as exc:
        raise BadReply(
            f"{operation}: Looker's answer is not what the API describes; try again", operation=operation
        ) from exc


def makes_admin(role: Mapping[str, Any]) -> bool:
    """Return whether whoever has this role is an admin."""
    permissions = role.get("permission_set") or {}
    return role.get("name") == "Admin" or bool(permissions.get("all_access")) or permissions.get("name") == "Admin"
