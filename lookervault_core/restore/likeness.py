"""Whether a live object is just like an item of the backup: then a second one would be one too many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from lookervault_core.catalog_writes import WRITES
from lookervault_core.differences import Rules
from lookervault_core.documents import PALETTES, decode
from lookervault_core.model import ContentKey
from lookervault_core.plan import Found, PlanOptions, Wanted, difference_of
from lookervault_core.references import Resolve
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


def may_double(content_type: str) -> bool:
    """Return whether Looker takes a second object that is like a first one, or has a trash in which that may lie."""
    facts = WRITES[content_type]
    return bool(facts.undelete) or not any(natural.unique for natural in facts.natural)


def just_like(
    wanted: Wanted, found: Found, backup: Backup, live: Live, resolve: Resolve, rules: Rules
) -> dict[ContentKey, str] | None:
    """Return the id in *found* of everything nested in *wanted* that has another one there, or None if anything differs, even
    who may see it."""
    nested: dict[ContentKey, str] = {}
    options = PlanOptions(merges=backup.merge, live_merges=live.merge, matched=nested.__setitem__)
    rules = structs.replace(rules, exact=True, made=None)

    def equal(one: Wanted, other: Found) -> bool:
        difference = difference_of(one, other, resolve, rules, options)
        return difference.empty and not any(each.lost for each in difference.walk())

    if not equal(wanted, found):
        return None
    if wanted.key.content_type == "boards":  # all other content is seen by whoever sees its folder
        ours, theirs = (str(decode(one or b"{}").get("content_metadata_id")) for one in (wanted.payload, found.payload))
        for part in ("content_metadata", "content_metadata_accesses"):
            body = live.read(part, theirs)
            if backup.has(part, ours) and not (
                body is not None and equal(backup.wanted(ContentKey(part, ours)), Found(theirs, body))
            ):
                return None
    if wanted.key.content_type == "color_collections":
        nested |= palettes(wanted.decoded, decode(found.payload or b"{}"))
    return nested


def palettes_in(wanted: Wanted, found: Found) -> Mapping[ContentKey, str]:
    """Return which palettes are which where *wanted* is a collection that is there; its own may have ids of their own there."""
    if wanted.key.content_type != "color_collections" or not found.payload:
        return {}
    return palettes(wanted.decoded, decode(found.payload))


def palettes(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[ContentKey, str]:
    """Return, for each palette of a collection that stands for one under another id, which it is: of the same kind, the one of
    the same label, else the next."""
    pairs: dict[ContentKey, str] = {}
    for kind in PALETTES:
        wanted, left = ([one for one in side.get(kind) or () if one.get("id")] for side in (ours, theirs))
        for one in sorted(wanted, key=lambda one: not _labelled(one, left)):
            other = next(iter(_labelled(one, left) or left), None)
            if other is not None:
                left.remove(other)
                pairs[ContentKey("color_palettes", str(one["id"]))] = str(other["id"])
    return {key: live_id for key, live_id in pairs.items() if key.id != live_id}


def _labelled(one: Mapping[str, Any], palettes: list[Any]) -> list[Any]:
    return [other for other in palettes if other.get("label") == one.get("label")]
