"""Which objects a part is read for: computed from what the snapshot holds, so it needs no call to Looker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from lookervault_core.catalog import ACCESSES, FOLDERS, METADATA, SEEN, SINGLE, ContentType
from lookervault_core.looker.client import names_one
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

ITEM, LIST = "item:", "list:"


class _Folder(msgspec.Struct):
    id: Any = None
    parent_id: Any = None
    content_metadata_id: Any = None


class _Metadata(msgspec.Struct):
    id: Any = None
    inherits: Any = None
    parent_id: Any = None


class _Explore(msgspec.Struct):
    name: Any = None


class _Model(msgspec.Struct):
    name: Any = None
    explores: list[_Explore] | None = None


def part_ids(row: ContentType, vault: Vault, snapshot_id: int) -> list[str]:
    """Return the ids that the part *row* should hold in the snapshot, given the items that it completes."""
    if row.since and is_before(vault.snapshot(snapshot_id).release, row.since):
        return []
    if row.single:
        return [SINGLE]
    if row.documents:
        return list(row.documents)
    if row.linked:
        with vault.read() as db:
            return [link for link in worklist.links(db, snapshot_id, row.name) if names_one(link)]
    special = _IDS.get(row.name)
    if special is not None:
        return _in_order(special(vault, snapshot_id))
    if row.list.is_by_pair:
        return _in_order(_explore_ids(vault, row.targets_from or "", snapshot_id))
    return _held(vault, row.targets_from or row.name, snapshot_id)


def _in_order(ids: Iterable[str]) -> list[str]:
    return [one for one in dict.fromkeys(ids) if names_one(one)]


def part_targets(row: ContentType, vault: Vault, snapshot_id: int) -> list[str]:
    """Return the targets to read for *row*, as its ranges have them: `LIST` and a parent's id where one call lists all of a
    parent, else `ITEM` and the id of one object."""
    if row.name == METADATA:
        return [LIST + parent for parent in _parents(vault, snapshot_id)]
    return [ITEM + item_id for item_id in part_ids(row, vault, snapshot_id)]


def is_before(release: str, since: str) -> bool:
    """Return whether a release, such as ``26.12.7``, is known to be older than another one."""
    numbers = [[int(part) for part in one.split(".")[:2] if part.isdigit()] for one in (release, since)]
    return bool(numbers[0]) and numbers[0] < numbers[1]


def _decoded(vault: Vault, content_type: str, snapshot_id: int, shape: type[Any]) -> Iterator[Any]:
    decoder = msgspec.json.Decoder(shape)
    for item in vault.iter_payloads(content_type, snapshot_id):
        yield decoder.decode(item.payload)


def _parents(vault: Vault, snapshot_id: int) -> list[str]:
    """Return the metadata ids of the folders that have folders in them."""
    folders = list(_decoded(vault, FOLDERS, snapshot_id, _Folder))
    parents = {folder.parent_id for folder in folders}
    return [
        str(folder.content_metadata_id) for folder in folders if folder.id in parents and folder.content_metadata_id
    ]


def _metadata_ids(vault: Vault, snapshot_id: int) -> Iterator[str]:
    """Yield the metadata of every folder and board, and what their listings brought along."""
    yield from _held(vault, METADATA, snapshot_id)
    for content_type in SEEN:
        for one in _decoded(vault, content_type, snapshot_id, _Folder):
            if one.content_metadata_id:
                yield str(one.content_metadata_id)


def _with_own_access(vault: Vault, snapshot_id: int) -> Iterator[str]:
    """Yield the metadata that has access rows of its own: what does not inherit, and the roots."""
    for one in _decoded(vault, METADATA, snapshot_id, _Metadata):
        if one.inherits is not True or one.parent_id is None:
            yield str(one.id)


def _explore_ids(vault: Vault, models: str, snapshot_id: int) -> Iterator[str]:
    for model in _decoded(vault, models, snapshot_id, _Model):
        yield from (f"{model.name}::{one.name}" for one in model.explores or [])


def _held(vault: Vault, content_type: str, snapshot_id: int) -> list[str]:
    with vault.read() as db:
        return worklist.ids(db, snapshot_id, content_type)


_IDS: dict[str, Callable[[Vault, int], Iterator[str] | list[str]]] = {
    METADATA: _metadata_ids,
    ACCESSES: _with_own_access,
}
