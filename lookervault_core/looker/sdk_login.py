"""Logging in with the official SDK, over our transport. Importing this costs about a second: do it when logging in.

Only the login is the SDK's. Its session is not safe for threads, counts a token as dead ten seconds early (a token that
lives two seconds never counts as alive), does not log in again after a 401 and logs out at ``/api/logout`` without a
version (looker_sdk/rtl/auth_session.py, auth_token.py): auth.py decides when, this module only how.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING

import msgspec
from looker_sdk.rtl import api_settings, auth_session, auth_token, transport

from lookervault_core.looker.replies import Reply
from lookervault_core.looker.transport import API

if TYPE_CHECKING:
    from lookervault_core.settings import Connection

Send = Callable[[str, bytes, dict[str, str]], Reply]


def log_in(connection: Connection, send: Send) -> tuple[str, int]:
    """Return a fresh access token and the seconds it lives. What `send(path, body, headers)` raises comes through."""
    session = auth_session.AuthSession(_Settings(connection), _Transport(connection, send), _deserialize, "4.0")
    session.authenticate({})
    return session.token.access_token, session.token.expires_in


class _Settings(api_settings.PApiSettings):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.base_url = connection.base_url
        self.verify_ssl = connection.verify_ssl
        self.timeout = int(connection.timeout_s)
        self.agent_tag = transport.AGENT_PREFIX
        self.headers = None

    def read_config(self) -> api_settings.SettingsConfig:
        return {
            "client_id": self._connection.client_id,
            "client_secret": self._connection.client_secret.get_secret_value(),
        }


class _Transport(transport.Transport):
    """The SDK's view of our transport: it only ever sees answers that are in order, the others are raised."""

    def __init__(self, connection: Connection, send: Send) -> None:
        self._prefix = connection.base_url + API
        self._send = send

    @classmethod
    def configure(cls, settings: transport.PTransportSettings) -> transport.Transport:
        raise NotImplementedError("it is made with a connection")

    def request(
        self,
        method: transport.HttpMethod,  # noqa: ARG002 (the SDK's signature; it only logs in with it)
        path: str,
        query_params: MutableMapping[str, str] | None = None,  # noqa: ARG002
        body: bytes | None = None,
        authenticator: transport.TAuthenticator = None,  # noqa: ARG002
        transport_options: transport.TransportOptions | None = None,
    ) -> transport.Response:
        headers = dict((transport_options or {}).get("headers") or {})
        reply = self._send(path.removeprefix(self._prefix), body or b"", headers)
        return transport.Response(True, reply.body, transport.ResponseMode.STRING)


class _AccessToken(msgspec.Struct):
    access_token: str
    expires_in: int


def _deserialize(data: str, structure: object) -> auth_token.AccessToken:  # noqa: ARG001 (the SDK names it)
    return auth_token.AccessToken(**msgspec.structs.asdict(msgspec.json.decode(data, type=_AccessToken)))
