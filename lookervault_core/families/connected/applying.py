"""Applications that sign in with Looker are registered under an id of their own, which their developers chose."""

from __future__ import annotations

from lookervault_core.catalog import WRITES
from lookervault_core.diff.plan import Found, Wanted
from lookervault_core.restore.applying.context import Context, apply_plain, sendable, without_nulls


def apply_app(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Register or change one application and return its id."""
    register = WRITES[wanted.key.content_type].create
    if found is not None or register is None:
        return apply_plain(ctx, wanted, found)
    difference = ctx.compare(wanted, None)
    ctx.accept_renewals(wanted, difference)
    ctx.writer.link(register, wanted.key, wanted.key.id, without_nulls(sendable(difference)))
    ctx.live.forget(wanted.key.content_type, wanted.key.id)
    ctx.destination.remember(wanted.key, wanted.key.id, lasting=False)
    return wanted.key.id
