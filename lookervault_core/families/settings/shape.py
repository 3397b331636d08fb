"""Which fields of a document of settings are compared: all but those that Looker works out by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookervault_core.catalog import ALLOWLIST, DOCUMENTS
from lookervault_core.families.shape import Reading, Shape

SETTINGS = "instance_settings"
# New users get these; the ids are only written, and what they lead to is only read.
_ONLY_WRITTEN = {
    "default_new_user_role_ids": "default_new_user_roles",
    "default_new_user_group_ids": "default_new_user_groups",
}
# Mappings of an identity provider, and what of their rows says which is meant.
MAPPINGS = {
    "groups_with_role_ids": ("name", "role_ids", "looker_group_name"),
    "user_attributes_with_ids": ("name", "required", "user_attribute_ids"),
}


def _document(payload: Any, reading: Reading) -> dict[str, Any]:
    """Return the fields of a document that are compared."""
    name = reading.item_id
    if name == ALLOWLIST:
        return {"entries": [{"email": one.get("email"), "reason": one.get("reason")} for one in payload]}
    document = DOCUMENTS.get(name)
    found = _without(payload, document.unshown if document is not None else ("can",))
    for field, shown in _ONLY_WRITTEN.items():
        if payload.get(shown) is not None:
            found[field] = [str(one["id"]) for one in payload[shown]]
    for field, columns in MAPPINGS.items():
        if found.get(field) is not None:
            found[field] = [{key: row[key] for key in columns if row.get(key) is not None} for row in found[field]]
    return found


def _without(payload: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    found = dict(payload)
    for path in paths:
        head, _, rest = path.partition(".")
        if rest and isinstance(found.get(head), Mapping):
            found[head] = _without(found[head], (rest,))
        elif not rest:
            found.pop(head, None)
    return found


SHAPES = {SETTINGS: Shape(shaped=_document)}
