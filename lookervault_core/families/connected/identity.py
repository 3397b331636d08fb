"""Match external OAuth applications: no call reads one by id, so one that a listing leaves out may still exist."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog import Call
from lookervault_core.diff.document import decode
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

_APPS = "external_oauth_applications"
# OpenAPI 4.0.26.12: the listing takes a name and a client id.
_OF_CLIENT = Call("all_external_oauth_applications", "/external_oauth_applications", {"client_id": "{id}"})


def shown_by_client(live: Live, item_id: str, payload: Any) -> bytes | None:
    """Return the payload of an application, from the listing of its `client_id`; None if that listing lacks it."""
    client = str(payload.get("client_id") or "")
    return live.narrowed(_APPS, _OF_CLIENT, client).get(item_id) if client else None


def named_by_connections(live: Live, backup: Backup, item_id: str) -> str:
    """Return why nobody can tell whether an application exists that no listing shows: a connection names it; else ""."""
    bodies = {row: decode(body_of(live, backup, "connections", row) or b"{}") for row in live.rows("connections")}
    names = [one for one, body in bodies.items() if str(body.get("oauth_application_id") or "") == item_id]
    if not names:
        return ""
    return (
        "not restored: it cannot be told whether it is there, for no call shows it by its id and no listing has it, but connection "
        f"{', '.join(sorted(names))} signs in through it; where it is gone, make it in Looker or take it off the connection first"
    )
