"""Find plans and alerts that are switched off and in no listing of this Looker, by the content that they are on."""

from __future__ import annotations

from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.errors import Missing
from lookervault_core.looker.states import hides_states
from lookervault_core.restore.live import Live


def list_on_content(live: Live, content_type: str, payload: Any, resolve: Resolve) -> bool:
    """Add the unlisted plans or alerts on the content that *payload* names to the live side; return whether there were any.

    A create makes its object switched off: where listings hide such objects, a search for it would find nothing.
    """
    row = CATALOG[content_type]
    if not row.listed_on or not hides_states(live.looker, row):
        return False
    found = [item_id for name in row.listed_on for item_id in _on(live, content_type, name, payload, resolve)]
    new = [item_id for item_id in found if item_id not in live.rows(content_type)]
    live.renew(content_type, new, whole=False)
    return bool(new)


def _on(live: Live, content_type: str, name: str, payload: Any, resolve: Resolve) -> list[str]:
    content_id = payload.get(f"{CATALOG[name].singular}_id")
    there = resolve(name, str(content_id)) if content_id else None
    if there is None or there == NEW:
        return []
    call = CATALOG[content_type].listed_on[name]
    call = msgspec.structs.replace(call, params={**call.params, "fields": "id"})
    try:
        return [str(row["id"]) for row in decode(live.fetch(call, there))]
    except Missing:
        return []
