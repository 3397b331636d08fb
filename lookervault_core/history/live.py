"""What Looker has now of one object."""

from __future__ import annotations

from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import Live


def payload_now(looker: Looker, key: ContentKey) -> bytes | None:
    """Return the payload of an object as Looker gives it, or None if it is gone."""
    return Live(looker).read(key.content_type, key.id)
