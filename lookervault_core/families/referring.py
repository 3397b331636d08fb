"""How live objects of each type name others in ways that the references in the catalog do not tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.wording.naming import Mention
from lookervault_core.families.dashboards.emptied import refilled
from lookervault_core.families.dashboards.merges_shown import merges_shown
from lookervault_core.families.looks.query_shown import query_shown, with_query
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


class Referring(msgspec.Struct, frozen=True):
    """The functions of one type. `behind` returns as JSON the queries that a live payload names only by id, which hold references
    too; `whole` a payload with its query, which a listing leaves out. If an object of the type `showed` is deleted, nested
    objects lose what they show; `refilled` gives it back to them."""

    behind: Callable[[Live, Backup, ContentKey, bytes], bytes] = lambda *_: b""
    whole: Callable[[Live, Backup, ContentKey, Any], Any] = lambda _live, _backup, _key, payload: payload
    showed: str = ""
    refilled: Callable[[Doc, Doc, Doc, Collection[str]], Iterator[Mention]] = lambda *_: iter(())


_REFERRINGS: Mapping[str, Referring] = {
    "dashboards": Referring(behind=merges_shown, showed="looks", refilled=refilled),
    "looks": Referring(behind=query_shown, whole=with_query),
}
_PLAIN = Referring()


def referring_of(content_type: str) -> Referring:
    """Return how live objects of a type name others."""
    return _REFERRINGS.get(content_type, _PLAIN)
