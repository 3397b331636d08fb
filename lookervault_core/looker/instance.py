"""Find out whether two addresses are of one Looker; for vaults, sessions, exports and links in texts.

An instance is identified by scheme, host, port and path: a host may serve several, each below a path of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_API = re.compile(r"/api(/\d+(\.\d+)?)?$")
# Where a self-hosted Looker listens: people on 9999, the API on 19999 (Looker's installation guide). A proxy has the usual ones.
_API_PORT, _PEOPLES_PORTS = 19999, (80, 443, 9999)


class Address(NamedTuple):
    """What an instance is identified by; `path` has no slash at its end."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port != _DEFAULT_PORTS.get(self.scheme) else ""
        return f"{self.scheme}://{host}{port}{self.path}"


def address(base_url: str) -> Address:
    """Return the address of the instance at *base_url*: without the path of its API, and with the port that it stands for.
    ValueError if there is no such port."""
    parts = urlsplit(base_url.strip())
    path = _API.sub("", parts.path.rstrip("/")).rstrip("/")
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return Address(parts.scheme, (parts.hostname or "").rstrip("."), port, path)


def canonical(base_url: str) -> str:
    """Return the one spelling of *base_url*: `HTTPS://Acme.looker.com:443/api/4.0` is `https://acme.looker.com`."""
    return address(base_url).url


def same(one: str, other: str) -> bool:
    """Return whether two addresses are one instance, however they are spelled."""
    return address(one) == address(other)


def led_to(host: str, onto: Address) -> str:
    """Return the part of a link that names the host, rewritten to lead to *onto*; *host* is like "https://host" or "//host:port".

    The port in *host*, or that there is none, is kept if a browser finds *onto* at that port too.
    """
    scheme, _, rest = host.partition("//")
    port = rest.partition(":")[2]
    usual = int(port) if port.isdecimal() else _DEFAULT_PORTS.get(scheme.rstrip(":") or onto.scheme)
    if usual not in site(onto.url).ports:
        port = "" if onto.port == _DEFAULT_PORTS.get(onto.scheme) else str(onto.port)
    name = f"[{onto.host}]" if ":" in onto.host else onto.host
    return f"{onto.scheme + ':' if scheme else ''}//{name}{':' + port if port else ''}"


class Site(NamedTuple):
    """Where a browser shows an instance: links to it have this `host` and `path`, and one of the `ports` if they name one."""

    host: str
    path: str
    ports: frozenset[int]

    def is_ours(self, host: str, path: str) -> bool:
        """Return whether a link is to this instance. *host* may have a port, and is "" in one that has a path only."""
        if path != self.path:
            return False
        name, _, port = host.lower().partition(":")
        return not host or (
            name.rstrip(".") == self.host and (not port or (port.isdecimal() and int(port) in self.ports))
        )


def site(base_url: str) -> Site:
    """Return where a browser shows the instance whose API is at *base_url*: without the port if it is Looker's own API port."""
    found = address(base_url)
    usual = _PEOPLES_PORTS if found.port in (*_PEOPLES_PORTS, _API_PORT) else ()
    return Site(found.host, found.path, frozenset(one for one in (*usual, found.port) if one))
