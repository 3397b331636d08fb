"""Who may see a page: whoever has the token of the printed address, and comes from one of these pages, by a local address."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"  # noqa: S105 (the name of a parameter)
_ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # without any a form would be sent with the origin `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Answers only requests with the token of the printed address, and adds headers that keep other sites from using the pages."""

    def __init__(self, app: ASGIApp, token: str, host: str, port: int) -> None:
        self._app, self._token, self._port = app, token, port
        self._names = {host.lower(), *(("127.0.0.1", "localhost", "::1") if _is_local(host) else ())}
        self._any_address = host in ("", "0.0.0.0", "::")  # noqa: S104 (what was asked for, and not the default)
        self.cookie = f"lookervault-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, sending)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return the answer to whom the pages do not answer; None for our reader."""
        headers = Headers(scope=scope)
        if not self._is_ours(headers.getlist("host")):
            return _refused("This address is not one that the page is served under.")
        if any(origin != f"http://{headers['host']}" for origin in headers.getlist("origin")):
            return _refused("Another page may not use this one.")
        if headers.get("sec-fetch-site", "none") == "cross-site" and scope["method"] not in ("GET", "HEAD"):
            return _refused("Another page may not use this one.")
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] == "GET" and any(name == TOKEN and self._is_token(value) for name, value in query):
            return self._let_in(scope["path"], query)
        if not self._is_token(self._given(headers)):
            return _refused(
                "Open the address that `lookervault ui` has printed: it has a token that this request lacks."
            )
        return None

    def _let_in(self, path: str, query: Iterable[tuple[str, str]]) -> Response:
        """Return the way to the same page without the token in its address."""
        left = urlencode([(name, value) for name, value in query if name != TOKEN])
        answer = RedirectResponse("/" + path.lstrip("/") + (f"?{left}" if left else ""), status_code=303)
        answer.set_cookie(self.cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _given(self, headers: Headers) -> str:
        for sent in headers.getlist("cookie"):
            try:
                morsel = SimpleCookie(sent).get(self.cookie)
            except CookieError:
                continue
            if morsel is not None:
                return morsel.value
        return ""

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self._token.encode())

    def _is_ours(self, hosts: list[str]) -> bool:
        """Return whether a request names us: a name that somebody else has led to this address is not ours."""
        if len(hosts) != 1:
            return False
        name, _, port = hosts[0].lower().rpartition(":")
        if not port.isdigit():  # browsers leave out the port that is HTTP's own
            name, port = hosts[0].lower(), "80"
        if port != str(self._port):
            return False
        name = name.strip("[]")
        return name in self._names or (self._any_address and _is_address(name))


def _refused(told: str) -> Response:
    return PlainTextResponse(f"403: {told}\n", status_code=403)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
