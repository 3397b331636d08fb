"""Lists that belong to an object and are written as a whole: read again right before, for somebody may have changed them since."""

from __future__ import annotations

from lookervault_core.catalog import ACCESSES, METADATA
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.failures import DependencyMissing
from lookervault_core.restore.undoing.undo import keep_live_state


def read_list(ctx: Context, key: ContentKey, owner_id: str, *, fell: bool = False) -> bytes:
    """Return the list of *owner_id* as it is now. Where it is not as it was kept for an undo, and nothing of this restore is in it
    yet, it is kept once more: what people did meanwhile is none of the restore's doing. What *fell* out of it is, and so is what
    Looker did to an access list when the restore made its folder inherit one, or have its own."""
    body = ctx.live.read(key.content_type, owner_id, again=True) or b"[]"
    kept = ctx.before.get(key)
    own = {key, ContentKey(METADATA, key.id)} if key.content_type == ACCESSES else {key}
    ours = fell or any(map(ctx.writer.has_written, own)) or ctx.rules.is_copied(key.content_type, owner_id)
    if kept is not None and kept.id == owner_id and kept.payload != body and not ours:
        now, base_url = {key: Found(owner_id, body)}, ctx.writer.looker.connection.base_url
        keep_live_state(ctx.writer.vault, ctx.writer.session_id, now, ctx.live, base_url, late=True)
    return body


def compare_list(ctx: Context, wanted: Wanted) -> tuple[str, Difference]:
    """Return the owner's id and the difference of a list that belongs to it, read anew: its owner may be new."""
    found = ctx.destination.find(wanted)
    if found is None or found.id == NEW:
        raise DependencyMissing(f"{wanted.key}: what it belongs to is not there")
    difference = ctx.compare(wanted, Found(found.id, read_list(ctx, wanted.key, found.id)))
    return found.id, difference
