"""The access lists that a restore made or filled, as it left them, and what people have done to them since."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from lookervault_core.catalog import ACCESSES, CATALOG, METADATA, SEEN
from lookervault_core.diff.difference import Row
from lookervault_core.diff.document import decode
from lookervault_core.errors import LookerError, ends_all
from lookervault_core.families.access_lists.shape import WHO, who
from lookervault_core.families.rows_written import ListWrite
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

# Group, user, what they may do; None stands for the list of the folder above.
Access = Sequence[tuple[str, str, str]] | None


def lists_left(live: Live, made: Iterable[ContentKey], private: Iterable[str]) -> dict[str, Access]:
    """Return by metadata id the access lists, as they are now, of the objects *made* and of the metadata ids *private*.

    Lists that cannot be read are left out."""
    ids = {_metadata_of(_payload(live, key)) for key in made if _has_list(key)} | set(private)
    ids.discard("")
    live.prefetch(METADATA, ids)
    found: dict[str, Access] = {}
    for item_id in sorted(ids):
        try:
            _note(found, live, item_id)
        except LookerError as exc:
            if ends_all(exc):
                raise
    return found


def rows_left(lists: Mapping[str, Access]) -> frozenset[Row]:
    """Return the rows of *lists* in the form of `Made.rows`."""
    return frozenset((ACCESSES, one, group, user) for one, rows in lists.items() for group, user, _ in rows or ())


def as_left(rows: Sequence[tuple[str, str, str]]) -> ListWrite:
    """Return the *rows* of an access list, as a restore left it, as one write of the whole list."""
    return ListWrite({(group, user): {"permission_type": right} for group, user, right in rows}, whole=True)


def is_otherwise(live: Live, key: ContentKey, left: Mapping[str, Access]) -> bool:
    """Return whether the access list of *key* differs now from what a restore *left* in it; *left* has lists by metadata id."""
    if key.content_type != METADATA or left.get(key.id) is None:
        return False
    found: dict[str, Access] = {}
    _note(found, live, key.id)
    return key.id in found and _of_those_there(live, found[key.id]) != _of_those_there(live, left[key.id])


def seen_otherwise(
    live: Live, made: Mapping[ContentKey, bytes], left: Mapping[str, Access], *, losing: bool
) -> Iterator[ContentKey]:
    """Yield the objects of *made* whose access list differs from the one that the restore *left*: people have changed it.

    Rows of deleted users and groups do not count, nor do missing rows while the lists of folders above are *losing* rows."""
    ids = {key: _metadata_of(decode(payload)) for key, payload in made.items() if _has_list(key)}
    known = {key: one for key, one in ids.items() if one in left}
    live.prefetch(METADATA, known.values())
    for key, one in known.items():
        found: dict[str, Access] = {}
        _note(found, live, one)
        now, then = _of_those_there(live, found.get(one)), _of_those_there(live, left[one])
        fell = losing and now is not None and then is not None and now <= then
        if one in found and now != then and not fell:
            yield key


def lists_of_others(live: Live, backup: Backup, made: Mapping[ContentKey, bytes]) -> list[str]:
    """Return the metadata ids of folders, boards and agents with an access list of their own.

    Left out are the personal folders of users in *made* (payloads by key): Looker makes these and lets their user in."""
    homes = {str(decode(body).get("personal_folder_id")) for key, body in made.items() if key.content_type == "users"}
    return own_lists(live, backup, homes)


def own_lists(live: Live, backup: Backup, without: Container[str] = ()) -> list[str]:
    """Return the metadata ids of folders, boards and agents with an access list of their own, *without* those folders."""
    folders, *others = (
        [decode(body) for row in live.rows(name) if (body := body_of(live, backup, name, row)) is not None]
        for name in SEEN
    )
    folders = [folder for folder in folders if str(folder["id"]) not in without]
    above = {str(folder.get("parent_id") or "") for folder in folders}
    live.prefetch_children(METADATA, _all_metadata(folder for folder in folders if str(folder["id"]) in above))
    all_of_them = _all_metadata(chain(folders, *others))
    live.prefetch(METADATA, all_of_them)
    bodies = {one: live.read(METADATA, one) for one in all_of_them}
    return [one for one, body in bodies.items() if body is not None and not decode(body).get("inherits")]


def _all_metadata(payloads: Iterable[Mapping[str, Any]]) -> list[str]:
    return [one for payload in payloads if (one := _metadata_of(payload))]


def _metadata_of(payload: Mapping[str, Any]) -> str:
    return str(payload.get("content_metadata_id") or "")


def _has_list(key: ContentKey) -> bool:
    return key.content_type in CATALOG and CATALOG[key.content_type].seen_by == METADATA


def _payload(live: Live, key: ContentKey) -> Mapping[str, Any]:
    return decode(live.read(key.content_type, key.id) or b"{}")


def _note(found: dict[str, Access], live: Live, metadata_id: str) -> None:
    """Note the rows of one list, None where it inherits; nothing where there is no such metadata."""
    body = live.read(METADATA, metadata_id)
    if body is None:
        return
    if decode(body).get("inherits"):
        found[metadata_id] = None
        return
    rows = decode(live.read(ACCESSES, metadata_id) or b"[]")
    found[metadata_id] = sorted((*who(row), str(row.get("permission_type") or "")) for row in rows)


def _of_those_there(live: Live, access: Access) -> set[tuple[str, ...]] | None:
    if access is None:
        return None
    return {tuple(row) for row in access if all(not one or live.exists(kind, one) for kind, one in _named(row))}


def _named(row: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(WHO.values(), row, strict=False)
