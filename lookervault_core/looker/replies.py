"""Looker's answers, and the LookerError that a bad answer becomes.

Statuses and error bodies: ``Error`` and ``ValidationError`` of OpenAPI 4.0.26.12. A proxy or an overloaded server answers in
HTML, so a body is never trusted to be JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec

from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import (
    BadReply,
    Conflict,
    Invalid,
    LookerError,
    Missing,
    NotServed,
    PermissionRefused,
    RateLimited,
    Refused,
    ServerFault,
    Unauthorized,
    WrongHost,
)

_TEXT_LIMIT = 200
_NOT_FOUND = 404
_JSON_STARTS = frozenset(b'[{"-0123456789tfn')
_CLOSING = {ord("["): ord("]"), ord("{"): ord("}"), ord('"'): ord('"')}
_WHITESPACE = b" \t\r\n"

_STATUSES: dict[int, tuple[type[LookerError], str]] = {
    401: (Unauthorized, "the session was refused even after a fresh login; check that the API key is still enabled"),
    403: (PermissionRefused, "give the API user the Admin role, or leave this type out"),
    404: (Missing, "it is absent, or not visible to this API user"),
    409: (Conflict, "it exists already"),
    422: (Invalid, "correct the fields named"),
    429: (RateLimited, "lower --rate-limit-per-second or --workers, or try later"),
}
# Looker answers so, in HTML, where the host has no running instance or the sign-in is turned away (Google Cloud, "Looker Not
# Found (404)"); gateways on the way answer in JSON of their own, or with nothing.
_NOT_SERVED = (
    NotServed,
    "nothing is taken for absent because of that; see that the instance runs, and try again later",
)
_SERVER_FAULT = (ServerFault, "Looker is overloaded or at fault; try again later")
_REFUSED = (Refused, "Looker does not accept this call")
_ELSEWHERE = (WrongHost, "set base_url to the address of the API itself")


class Reply(msgspec.Struct, frozen=True):
    """One answer of any status. `body` is decompressed; `headers` are found whatever their case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_s: float

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "").lower() or self.body[:64].lstrip()[:1] == b"<"


class _Detail(msgspec.Struct):
    field: str | None = None
    code: str | None = None
    message: str | None = None


class _NotFound(msgspec.Struct):
    message: str | None
    documentation_url: str | None


class _ErrorBody(msgspec.Struct):
    message: str | None = None
    errors: list[_Detail] | None = None


def refusal(reply: Reply, operation: str, item: str, now_s: float) -> LookerError | None:
    """Return the error that *reply* is, None if its status is 2xx. `now_s` is Unix time, for a dated Retry-After."""
    if 200 <= reply.status < 300:
        return None
    kind, advice = _NOT_SERVED if is_not_served(reply) else _kind(reply.status)
    body = _error_body(reply.body)
    details = _details(body)
    return kind(
        f"{_said(reply, operation, item)}{_explained(reply, body, details)}; {advice}",
        operation=operation,
        status=reply.status,
        request_id=reply.request_id,
        retry_after_s=retry_after_s(reply.headers, now_s),
        details=details,
    )


def is_not_served(reply: Reply) -> bool:
    """Return whether *reply* is a 404 that is not Looker's ``Error`` document, which has a message and a link (OpenAPI
    4.0.26.12): it comes from a proxy before Looker, and does not prove that anything is absent."""
    if reply.status != _NOT_FOUND:
        return False
    try:
        msgspec.json.decode(reply.body, type=_NotFound)
    except NOT_JSON:
        return True
    return False


def damage(reply: Reply, operation: str, item: str, *, must_have_body: bool, media: bool = False) -> BadReply | None:
    """Return the error that a 2xx *reply* is if its body is not JSON or stops before its end; of a *media* one, if it is a page.

    Only the ends of the body are looked at: a body that a proxy cut although it declared no length does not close what
    it opened. An empty body is sound unless `must_have_body`: Looker answers 204 to most deletes.
    """
    problem = _no_picture(reply) if media else _damaged(reply, must_have_body and reply.status != 204)
    if problem is None:
        return None
    return BadReply(
        f"{_said(reply, operation, item)}, but {problem}; check what stands between here and Looker",
        operation=operation,
        status=reply.status,
        request_id=reply.request_id,
    )


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds that Retry-After asks for, given as a number or as a date; None if absent or malformed.

    A date is compared with the server's own ``Date``, so a wrong clock here does no harm; `now_s` stands in for it.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until_s = _unix_time(text)
    if until_s is None:
        return None
    sent_s = _unix_time(headers.get("date", ""))
    return max(0.0, until_s - (now_s if sent_s is None else sent_s))


def subject(operation: str, item: str) -> str:
    """Return how a message names the call: ``update_dashboard dashboard 42``."""
    return f"{operation} {item}" if item else operation


def _kind(status: int) -> tuple[type[LookerError], str]:
    if status >= 500:
        return _SERVER_FAULT
    if 300 <= status < 400:
        return _ELSEWHERE
    return _STATUSES.get(status, _REFUSED)


def _said(reply: Reply, operation: str, item: str) -> str:
    request_id = f" (request id {reply.request_id})" if reply.request_id else ""
    who = "something before Looker" if is_not_served(reply) else "Looker"
    return f"{subject(operation, item)}: {who} answered {reply.status}{request_id}"


def _explained(reply: Reply, body: _ErrorBody, details: tuple[tuple[str, str, str], ...]) -> str:
    if location := reply.headers.get("location"):
        return f": see {_one_line(location)}"
    said = _one_line(body.message or _plain_text(reply))
    listed = ", ".join(" ".join(filter(None, (field, code and f"[{code}]", text))) for field, code, text in details)
    text = f"{said} ({_one_line(listed)})" if listed else said
    return f": {text}" if text else ""


def _error_body(body: bytes) -> _ErrorBody:
    try:
        return msgspec.json.decode(body, type=_ErrorBody, strict=False)
    except NOT_JSON:
        return _ErrorBody()


def _details(body: _ErrorBody) -> tuple[tuple[str, str, str], ...]:
    return tuple((found.field or "", found.code or "", found.message or "") for found in body.errors or ())


def _plain_text(reply: Reply) -> str:
    """What an HTML or text body says: its title, or its first words without tags."""
    text = reply.body[:4096].decode("utf-8", "replace")
    if not reply.is_html:
        return "" if text[:1] in "{[" else text
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return title[1] if title else re.sub(r"<[^>]*>", " ", text)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_LIMIT else f"{line[:_TEXT_LIMIT]}…"


def _no_picture(reply: Reply) -> str | None:
    """What stands before Looker answers with a page, or in JSON of its own. A picture may well begin as a page does (SVG)."""
    kind = reply.headers.get("content-type", "").lower()
    if "html" in kind or "json" in kind:
        return f"with {kind.partition(';')[0]}, which is no picture"
    return None if reply.body else "the body is empty"


def _damaged(reply: Reply, must_have_body: bool) -> str | None:
    head = reply.body[:64].lstrip(_WHITESPACE)
    if not head:
        return "the body is empty" if must_have_body else None
    if reply.is_html:
        return f"with an HTML page ({_one_line(_plain_text(reply))})"
    if head[0] not in _JSON_STARTS:
        return "the body is not JSON"
    closing = _CLOSING.get(head[0])
    return "the body stops short" if closing and _last(reply.body) != closing else None


def _last(body: bytes) -> int:
    return body[-64:].rstrip(_WHITESPACE)[-1:].ljust(1)[0]


def _unix_time(http_date: str) -> float | None:
    try:
        return parsedate_to_datetime(http_date).timestamp() if http_date else None
    except (ValueError, TypeError, OverflowError):
        return None
