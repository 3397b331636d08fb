"""Logins and access tokens."""

import secrets
import time
from urllib.parse import parse_qs

from looker_simulator.calls import Actor, Refused
from looker_simulator.table import Row
from looker_simulator.world import World


class Tokens:
    """The tokens in force. A wrong key is a 404 and an unknown, expired or missing token a 401, as with Looker."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, tuple[Actor, float]] = {}

    def log_in(self, content_type: str, body: bytes, query: bytes) -> Row:
        """Return a new AccessToken for the key in a form-encoded body or, the old way, in the query string."""
        if body and not content_type.startswith("application/x-www-form-urlencoded"):
            raise Refused(400, "login takes a form-encoded body")
        form = {name: values[-1] for name, values in parse_qs((body or query).decode("utf-8", "replace")).items()}
        options, world = self._world.options, self._world
        keys = {
            (options.client_id, options.client_secret): world.admin_user_id,
            (options.viewer_client_id, options.viewer_client_secret): world.viewer_user_id,
        }
        user_id = keys.get((form.get("client_id", ""), form.get("client_secret", "")))
        if not user_id:
            raise Refused(404, "Not found")
        return self.issue(user_id)

    def issue(self, user_id: str) -> Row:
        """Return a new AccessToken for a user."""
        token, seconds = secrets.token_urlsafe(30), self._world.options.token_seconds
        self._tokens[token] = (Actor(self._world, user_id), time.monotonic() + seconds)
        return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "refresh_token": None}

    def actor(self, authorization: str) -> Actor:
        """Return who sent the header ``Bearer X`` or ``token X``. Raises Refused (401)."""
        scheme, _, token = authorization.partition(" ")
        actor, expires = self._tokens.get(token, (None, 0.0))
        if scheme.lower() not in ("bearer", "token") or actor is None or expires <= time.monotonic():
            raise Refused(401, "Requires authentication.")
        return actor

    def revoke(self, authorization: str | None = None) -> None:
        """Make one token unknown, or all of them."""
        if authorization is None:
            self._tokens.clear()
        else:
            self._tokens.pop(authorization.partition(" ")[2], None)
