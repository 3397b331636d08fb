"""Find out from the payloads of members which lists of members are unchanged, without a call for each list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from lookervault_core.catalog import CATALOG, ContentType
from lookervault_core.catalog.vocabulary import Shown
from lookervault_core.extract.listing import all_pages
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

_rows = msgspec.json.Decoder(list[dict[str, Any]])


class _Counted(msgspec.Struct):
    id: Any = None
    user_count: int | None = None


class _Members(NamedTuple):
    """By list: who stands in it for certain, and in which lists somebody stands who may do so through a group only."""

    certain: dict[str, set[str]]
    doubtful: set[str]


def shown_unchanged(vault: Vault, looker: Looker, snapshot_id: int, row: ContentType) -> set[str]:
    """Return the ids of the lists in the base of *snapshot_id* that are unchanged, by what the members' payloads in the
    snapshot show.

    Empty if the snapshot does not have every object that could show a member."""
    shown = row.shown
    base = dict(vault.base_payloads(snapshot_id, row.name)) if shown else {}
    if shown is None or not base or not all(_is_whole(vault, snapshot_id, name) for name in (shown.by, shown.groups)):
        return set()
    members = _members(vault, snapshot_id, shown)
    same = {
        id
        for id, payload in base.items()
        if id not in members.doubtful and _ids(payload) == members.certain.get(id, set())
    }
    return same & _of_that_many(looker, shown, members.certain, same)


def _is_whole(vault: Vault, snapshot_id: int, content_type: str) -> bool:
    """Return whether the snapshot has by now all that it should hold of a type."""
    with vault.read() as db:
        surveyed = content_type in worklist.surveyed(db, snapshot_id)
    holes = any(hole.hole.content_type == content_type for hole in vault.holes(snapshot_id))
    return surveyed and not holes and not vault.missing(snapshot_id, content_type)


def _members(vault: Vault, snapshot_id: int, shown: Shown) -> _Members:
    groups = dict(_objects(vault, snapshot_id, shown.groups))
    found = _Members({}, set())
    for id, one in groups.items() if shown.by == shown.groups else _objects(vault, snapshot_id, shown.by):
        own, implied = _names(one, shown.field), _implied(one, shown, groups)
        found.doubtful.update(own & implied)
        for place in own - implied:
            found.certain.setdefault(place, set()).add(id)
    return found


def _implied(one: Mapping[str, Any], shown: Shown, groups: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return what an object may show without standing in it itself."""
    first = _names(one, shown.through)
    if shown.gives:
        return _all(_with_those_above(first, shown, groups), shown.gives, groups)
    return _with_those_above(_all(first, shown.above, groups), shown, groups)


def _with_those_above(ids: set[str], shown: Shown, groups: Mapping[str, Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    while ids:
        found |= ids
        ids = _all(ids, shown.above, groups) - found
    return found


def _all(ids: Iterable[str], field: str, groups: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {each for id in ids for each in _names(groups.get(id, {}), field)}


def _names(one: Mapping[str, Any], field: str) -> set[str]:
    return set(map(str, one.get(field) or ()))


def _objects(vault: Vault, snapshot_id: int, content_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    field = CATALOG[content_type].id_field
    for item in vault.iter_payloads(content_type, snapshot_id):
        one = msgspec.json.decode(item.payload)
        yield str(one[field]), one


def _ids(payload: bytes) -> set[str] | None:
    """Return the ids in a list of nothing but ids, or None if it says more, of which no member tells."""
    try:
        rows = _rows.decode(payload)
    except msgspec.DecodeError:
        return None
    return {str(each["id"]) for each in rows} if all(each.keys() == {"id"} for each in rows) else None


def _of_that_many(looker: Looker, shown: Shown, certain: Mapping[str, set[str]], ids: set[str]) -> set[str]:
    """Return those of *ids* whose list is as long as Looker counts, where it counts."""
    if shown.counted is None or not ids:
        return ids
    rows = (msgspec.json.decode(raw, type=_Counted) for raw in all_pages(looker, shown.counted))
    return ids & {str(row.id) for row in rows if row.user_count == len(certain.get(str(row.id), ()))}
