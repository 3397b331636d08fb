"""One API session for all threads of a client.

Looker's login: ``POST /login`` answers 404 to a wrong id or secret, `expires_in` is an hour in practice, API keys have
no refresh; ``DELETE /logout`` ends the session (OpenAPI 4.0.26.12, login and logout).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import LoginRefused, LookerError, NotServed, WrongHost
from lookervault_core.looker.replies import Reply, is_not_served, refusal
from lookervault_core.looker.transport import API, Transport

if TYPE_CHECKING:
    from lookervault_core.settings import Connection

_REFUSALS = (401, 404)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_LAG_S = 10.0
_LAG_SHARE = 0.1  # of a short life: a token that lives 2 s is renewed 0.2 s early, not 10 s


class _Token(msgspec.Struct, frozen=True):
    text: str
    renew_at_s: float


class ApiSession:
    """Hands out a token that is alive; however many threads ask at once, one of them logs in.

    `turn` is called before each login request is sent (rate limit) and `repeat` runs a step until it succeeds or is not
    worth another try.
    """

    def __init__(
        self,
        connection: Connection,
        transport: Transport,
        *,
        turn: Callable[[], None],
        repeat: Callable[[Callable[[], Reply]], Reply],
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._transport = transport
        self._turn = turn
        self._repeat = repeat
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._token = _Token("", float("-inf"))
        self._asked_s = float("-inf")
        self._is_refused = False
        self.logins = 0

    def token(self) -> str:
        """Return a token that is alive, logging in if there is none."""
        token = self._token
        return token.text if self._clock() < token.renew_at_s else self.renew(token.text)

    def is_current(self, token: str) -> bool:
        return token == self._token.text and self._clock() < self._token.renew_at_s

    def renew(self, refused: str) -> str:
        """Return a token other than *refused*: one that another thread got meanwhile, or that of a new login."""
        with self._lock:
            token = self._token
            if token.text == refused or self._clock() >= token.renew_at_s:
                self._token = token = self._log_in()
            return token.text

    def close(self) -> None:
        """Log out if need be. A session that cannot be ended ends by itself, so a failure is of no consequence."""
        token, self._token = self._token, _Token("", float("-inf"))
        if self._clock() >= token.renew_at_s:
            return
        try:
            self._transport.send("logout", "DELETE", "/logout", headers=bearer(token.text))
        except LookerError:
            return

    def _log_in(self) -> _Token:
        if self._is_refused:
            raise self._refused(0)  # the same answer for every thread, and no lock-out by trying on
        granted = msgspec.json.decode(self._send().body, type=_AccessToken)
        self.logins += 1
        life_s = granted.expires_in
        return _Token(granted.access_token, self._asked_s + life_s - min(_LAG_S, life_s * _LAG_SHARE))

    def _send(self) -> Reply:
        keys = {
            "client_id": self._connection.client_id,
            "client_secret": self._connection.client_secret.get_secret_value(),
        }
        body = urlencode(keys).encode()

        def once() -> Reply:
            self._turn()
            self._asked_s = self._clock()
            return self._in_order(self._transport.send("login", "POST", "/login", body=body, headers=_FORM))

        return self._repeat(once)

    def _in_order(self, reply: Reply) -> Reply:
        """Return *reply* if it holds a token. Errors do not quote its body: it may echo what was sent."""
        if is_not_served(reply):
            raise NotServed(self._not_served(), operation="login", status=reply.status)
        if reply.status < 500 and (reply.is_html or (reply.status < 300 and not _has_token(reply.body))):
            raise WrongHost(f"login: {self._elsewhere()}", operation="login", status=reply.status)
        if reply.status in _REFUSALS:
            self._is_refused = True
            raise self._refused(reply.status)
        error = refusal(msgspec.structs.replace(reply, body=b""), "login", "", self._wall())
        if error:
            raise error
        return reply

    def _refused(self, status: int) -> LoginRefused:
        return LoginRefused(
            f"login: Looker at {self._connection.base_url} knows no such credentials "
            f"(client id {self._connection.client_id}); check client_id and client_secret, "
            "and that the API key and its user are enabled",
            operation="login",
            status=status,
        )

    def _not_served(self) -> str:
        return (
            f"login: {self._connection.base_url}{API} answered 404, and not as a Looker API does; either no Looker instance "
            "runs at this address (it is stopped or starting, or base_url or its port is wrong), or it turned the sign-in "
            "away (client_id and client_secret)"
        )

    def _elsewhere(self) -> str:
        return (
            f"what answers at {self._connection.base_url}{API} is not a Looker API; "
            "check base_url and its port (443, or 19999 where you host Looker yourself)"
        )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class _AccessToken(msgspec.Struct):
    access_token: str
    expires_in: int


def _has_token(body: bytes) -> bool:
    try:
        return bool(msgspec.json.decode(body, type=_AccessToken).access_token)
    except NOT_JSON:
        return False
