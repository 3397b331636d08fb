"""Lists that belong to an object: each is read again right before it is written, for somebody may have changed it since."""

from __future__ import annotations

from lookervault_core.catalog import ACCESSES, METADATA
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.failures import DependencyMissing
from lookervault_core.restore.undoing.undo import keep_live_state


def read_list(ctx: Context, key: ContentKey, owner_id: str, *, fell: bool = False) -> bytes:
    """Return the list of *owner_id* as it is now. If it differs from the state kept for an undo, and this restore has not written
    it yet, that state is kept once more, as people have changed the list. Not so if the change is the restore's doing: rows
    *fell* out of it because of a list above, or Looker filled or dropped it when its folder was made private or to inherit."""
    body = ctx.live.read(key.content_type, owner_id, again=True) or b"[]"
    kept = ctx.before.get(key)
    own = {key, ContentKey(METADATA, key.id)} if key.content_type == ACCESSES else {key}
    ours = fell or any(map(ctx.writer.has_written, own)) or ctx.rules.is_copied(key.content_type, owner_id)
    if kept is not None and kept.id == owner_id and kept.payload != body and not ours:
        now, base_url = {key: Found(owner_id, body)}, ctx.writer.looker.connection.base_url
        keep_live_state(ctx.writer.vault, ctx.writer.session_id, now, ctx.live, base_url, late=True)
    return body


def compare_list(ctx: Context, wanted: Wanted) -> tuple[str, Difference]:
    """Read a live list again and return its owner's live id and its difference; the owner may have just been created."""
    found = ctx.destination.find(wanted)
    if found is None or found.id == NEW:
        raise DependencyMissing(f"{wanted.key}: what it belongs to is not there")
    difference = ctx.compare(wanted, Found(found.id, read_list(ctx, wanted.key, found.id)))
    return found.id, difference
