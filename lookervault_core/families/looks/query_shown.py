"""The query of a live look, which a search for looks leaves out."""

from __future__ import annotations

from typing import Any

from lookervault_core.diff.document import decode, encode
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


def with_query(live: Live, backup: Backup, key: ContentKey, look: Any) -> Any:
    """Return the payload *look* with its query: that of the backup if it is the same one, else read from Looker, if it is
    missing."""
    return {**look, "query": _query_of(live, backup, key, look)}


def query_shown(live: Live, backup: Backup, key: ContentKey, body: bytes) -> bytes:
    """Return as JSON the query of a look."""
    return encode(_query_of(live, backup, key, decode(body)))


def _query_of(live: Live, backup: Backup, key: ContentKey, look: Any) -> Any:
    if look.get("query") or not look.get("query_id"):
        return look.get("query")
    ours = backup.readable(key.content_type, key.id) or {}
    if ours.get("query_id") == look["query_id"] and ours.get("query"):
        return ours["query"]
    body = live.read(key.content_type, key.id)
    return decode(body).get("query") if body else None
