"""The wire: one pool of connections to one host, nothing followed, nothing repeated, foreign errors made ours.

The SDK's transport hides status and headers, and ``requests`` follows redirects and copies; urllib3 beneath them lets
the body be read in one piece, undecoded, which is what keeps a page of several megabytes cheap.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import truststore
import urllib3
from urllib3 import exceptions as wire

from lookervault_core.codec import LARGEST
from lookervault_core.errors import (
    BadReply,
    CertificateRefused,
    ConfigurationError,
    LookerError,
    NotConnected,
    TooLarge,
    Unreachable,
    WrongHost,
)
from lookervault_core.looker.replies import Reply, subject

if TYPE_CHECKING:
    from lookervault_core.settings import Connection

API = "/api/4.0"
_CONNECT_TIMEOUT_S = 15.0
_GAIN = 1100  # deflate gains 1032:1 at the most
_PART = 1 << 18
_SLOWEST_PER_S = 1000  # once a body takes longer than the timeout
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "LookerVault"}
_FOREIGN = (wire.HTTPError, HTTPException, OSError)

# The first row that fits, going from an error to what caused it, says what happened. {where} is host and port.
_TABLE: tuple[tuple[type[BaseException], type[LookerError], str], ...] = (
    (wire.ProxyError, NotConnected, "the proxy on the way to {where} does not let us through; check HTTPS_PROXY"),
    (ssl.SSLCertVerificationError, CertificateRefused,
     "the certificate of {where} is not trusted ({error}); name your CA in REQUESTS_CA_BUNDLE, or check base_url"),
    (ssl.CertificateError, CertificateRefused, "the certificate of {where} is for another host; check base_url"),
    (ssl.SSLEOFError, Unreachable, "{where} closed the connection during the TLS handshake; try again"),
    (ssl.SSLError, WrongHost, "{where} does not speak TLS here ({error}); check scheme and port of base_url"),
    (socket.gaierror, WrongHost, "the name {where} does not resolve; check base_url and the DNS"),
    (ConnectionRefusedError, NotConnected, "{where} refuses connections; check port, firewall and that Looker is up"),
    (wire.ConnectTimeoutError, NotConnected, "{where} accepts no connection in time; check base_url, VPN and firewall"),
    (wire.NewConnectionError, NotConnected, "no way to {where}; check base_url, network and VPN"),
    (wire.ReadTimeoutError, Unreachable, "{where} did not answer within {timeout_s:g} s; raise timeout, ask for less"),
    (wire.LocationParseError, WrongHost, "{where} is no host; check base_url"),
    (HTTPException, Unreachable, "{where} did not answer in HTTP; check the port of base_url"),
    (OSError, Unreachable, "{where} broke the connection; try again"),
    (wire.HTTPError, Unreachable, "{where} did not answer; try again"),
)  # fmt: skip


class Transport:
    """Sends one request and returns its Reply, whatever the status. Safe for any number of threads."""

    def __init__(
        self, connection: Connection, *, workers: int = 8, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._base_url = connection.base_url
        self._where = urllib3.util.parse_url(connection.base_url).netloc or connection.base_url
        self._timeout_s = connection.timeout_s
        self._clock = clock
        self._reached = False
        self._pools = _pools(connection, workers)

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        item: str = "",
    ) -> Reply:
        """Return the answer to *method* on *path* (relative to ``/api/4.0``, query included, already quoted).

        Raises NotConnected if nothing was sent, Unreachable if the answer was lost, BadReply if its body was, WrongHost
        or CertificateRefused if the other side is not a Looker. Timeouts hold per connect and per read.
        """
        started = self._clock()
        try:
            response = self._request(method, path, body, headers)
        except _FOREIGN as exc:
            raise self._ours(exc, operation, item) from exc
        self._reached = True
        content = self._content(response, operation, item)
        return Reply(response.status, response.headers, content, self._clock() - started)

    def close(self) -> None:
        self._pools.clear()

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None
    ) -> urllib3.BaseHTTPResponse:
        return self._pools.urlopen(
            method,
            f"{self._base_url}{API}{path}",
            body=body,
            headers={**_HEADERS, **(headers or {})},
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=min(_CONNECT_TIMEOUT_S, self._timeout_s), read=self._timeout_s),
        )

    def _content(self, response: urllib3.BaseHTTPResponse, operation: str, item: str) -> bytes:
        try:
            raw = self._read(response, operation, item)
            is_zipped = response.headers.get("content-encoding", "") == "gzip"
            return _unzipped(raw, subject(operation, item)) if is_zipped else raw
        except wire.ReadTimeoutError as exc:
            raise self._ours(exc, operation, item) from exc
        except (*_FOREIGN, zlib.error, EOFError) as exc:
            raise _cut_short(exc, operation, item, response.status) from exc
        finally:
            response.release_conn()

    def _read(self, response: urllib3.BaseHTTPResponse, operation: str, item: str) -> bytes:
        """Return the body as it came. TooLarge beyond what any answer has; Unreachable if it only trickles in."""
        parts: list[bytes] = []
        size, started_s = 0, self._clock()
        while part := response.read1(_PART, decode_content=False):
            parts.append(part)
            size += len(part)
            late_s = self._clock() - started_s - self._timeout_s
            if size > LARGEST or size < late_s * _SLOWEST_PER_S:
                response.close()
                raise self._endless(size, operation, item)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _endless(self, size: int, operation: str, item: str) -> LookerError:
        if size > LARGEST:
            return _too_large(subject(operation, item))
        message = (
            f"{subject(operation, item)}: {self._where} sent {size} bytes in more than {self._timeout_s:g} s; try again"
        )
        return Unreachable(message, operation=operation)

    def _ours(self, foreign: BaseException, operation: str, item: str) -> LookerError:
        kind, text, cause = _row(foreign)
        if kind is WrongHost and isinstance(cause, socket.gaierror) and self._reached:
            kind = NotConnected  # the name resolved a moment ago: it is the DNS that fails, and it will be back
        message = text.format(where=self._where, timeout_s=self._timeout_s, error=_reason(cause))
        return kind(f"{subject(operation, item)}: {message}", operation=operation)


def _pools(connection: Connection, workers: int) -> urllib3.PoolManager:
    tls = _tls(connection) if connection.base_url.startswith("https://") else None
    if connection.proxy is None:
        return urllib3.PoolManager(num_pools=1, maxsize=workers, block=True, ssl_context=tls)
    proxy = connection.proxy.get_secret_value()
    try:
        return urllib3.ProxyManager(proxy, num_pools=1, maxsize=workers, block=True, ssl_context=tls)
    except (wire.ProxySchemeUnknown, wire.LocationValueError):
        raise ConfigurationError("proxy: this is no proxy URL; correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY") from None


def _tls(connection: Connection) -> ssl.SSLContext:
    """Trust the system's CAs, wherever it keeps them, and the public ones; or only those of the bundle that the user names."""
    kind = ssl.SSLContext if connection.ca_bundle else truststore.SSLContext
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    _trust(context, Path(connection.ca_bundle or certifi.where()))
    if not connection.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(wire.InsecureRequestWarning)  # said once by verify_ssl, not again per request
    return context


def _trust(context: ssl.SSLContext, bundle: Path) -> None:
    try:
        context.load_verify_locations(**{"capath" if bundle.is_dir() else "cafile": str(bundle)})
    except OSError as exc:
        raise ConfigurationError(
            f"ca_bundle: {bundle} cannot be used ({_reason(exc)}); correct REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
        ) from exc


def _unzipped(raw: bytes, what: str) -> bytes:
    """Return *raw* unzipped, in one piece where that is no risk: gzip ends with the size of what it holds, so that nothing is
    copied twice. TooLarge beyond what any answer has, whatever the trailer says."""
    size = int.from_bytes(raw[-4:], "little")
    if size > _GAIN * len(raw):  # such a trailer is a lie or a cut
        raise EOFError("the gzip trailer is not credible")
    if _GAIN * len(raw) > LARGEST:
        return _unzipped_in_parts(raw, what)
    body = zlib.decompress(raw, wbits=31, bufsize=max(size, 1))
    return body if len(body) == size else gzip.decompress(raw)  # several gzip members in a row


def _unzipped_in_parts(raw: bytes, what: str) -> bytes:
    parts, left = [], LARGEST + 1
    while raw:
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(raw, left))
        left -= len(parts[-1])
        if left <= 0:
            raise _too_large(what)
        if not member.eof:
            raise EOFError("the gzip stream stops short")
        raw = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(what: str) -> TooLarge:
    return TooLarge(f"{what}: the answer is larger than {LARGEST >> 20} MB; ask for smaller pages with --page-size")


def _row(foreign: BaseException) -> tuple[type[LookerError], str, BaseException]:
    chain = _causes(foreign)
    for theirs, ours, text in _TABLE:
        for cause in chain:
            if isinstance(cause, theirs):
                return ours, text, cause
    return Unreachable, "{where} did not answer; try again", foreign


def _causes(error: BaseException) -> list[BaseException]:
    """*error* and what it wraps: urllib3 keeps the original as cause, as context or among the arguments."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        candidate = waiting.pop(0)
        if isinstance(candidate, BaseException) and candidate not in found:
            found.append(candidate)
            waiting += [*candidate.args, candidate.__cause__, candidate.__context__]
    return found


def _reason(error: BaseException) -> str:
    """The few words of OpenSSL that say what is wrong; never more, other texts may quote what was sent."""
    return getattr(error, "verify_message", "") or getattr(error, "reason", "") or type(error).__name__


def _cut_short(exc: BaseException, operation: str, item: str, status: int) -> BadReply:
    lost = next(
        (cause.expected for cause in _causes(exc) if isinstance(cause, IncompleteRead | wire.IncompleteRead)), 0
    )
    missing = f", {lost} bytes are missing" if lost else ""
    return BadReply(
        f"{subject(operation, item)}: Looker answered {status}, but the body was cut short{missing}; try again",
        operation=operation,
        status=status,
    )
