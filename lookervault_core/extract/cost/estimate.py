"""How many calls an extraction takes, before it begins: as the last one of its kind, or counted from listings of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import ACCESSES, CATALOG, FOLDERS, METADATA, SEEN, ContentType
from lookervault_core.errors import Missing, NotServed, PermissionRefused
from lookervault_core.extract.listing import CENSUS_PAGE, census
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.looker.client import Looker
from lookervault_core.looker.requests import fetch
from lookervault_core.vault import Vault

# Login, rights and release, and the description of the API.
_AROUND = 8


class Estimate(msgspec.Struct, frozen=True):
    """Calls by type of an extraction; `like` is the snapshot whose run it goes by, None where listings were counted.

    `more_for` are types whose number of objects is known only after other types are read; they are not counted.
    """

    calls: int
    types: dict[str, int]
    like: int | None = None
    more_for: tuple[str, ...] = ()


class _Folder(msgspec.Struct):
    parent_id: Any = None
    is_personal: bool | None = None


class _Model(msgspec.Struct):
    explores: list[msgspec.Raw] | None = None


def as_before(vault: Vault, options: ExtractOptions) -> Estimate | None:
    """Return the calls of the newest complete run over the same types in the same mode, full or incremental; None without one."""
    wanted = (set(options.scope()), options.folders, options.incremental)
    for session in sorted(vault.sessions(), key=lambda one: one.started_at, reverse=True):
        earlier = session.options.get("extract")
        if session.status != "complete" or not isinstance(earlier, dict):
            continue
        snapshot = vault.snapshot(session.snapshot_id)
        if (set(snapshot.types), snapshot.folders, bool(earlier.get("incremental"))) == wanted:
            calls = sum(request.calls for request in vault.requests(session.session_id))
            return Estimate(calls, {}, session.snapshot_id)
    return None


def from_listings(looker: Looker, options: ExtractOptions) -> Estimate:
    """Return the calls that a first full run would make, counted by listing the ids of each type."""
    counts = _Counts(looker)
    types = {row.name: _calls(row, counts) for row in map(CATALOG.__getitem__, options.scope())}
    more = tuple(name for name in types if CATALOG[name].linked)
    return Estimate(_AROUND + sum(types.values()), types, more_for=more)


def _calls(row: ContentType, counts: _Counts) -> int:
    if row.linked:
        return 0
    if row.documents:
        return len(row.documents)
    if row.census is None and row.listing == "whole":
        return 1
    if row.census is None:
        return _calls_of_part(row, counts)
    count = counts.of(row)
    census_pages = 2 * (1 + -(-count // CENSUS_PAGE)) if row.census_paged else 2
    return census_pages + _reads(row, count, counts)


def _reads(row: ContentType, count: int, counts: _Counts) -> int:
    if row.listing == "paged":
        return 2 + -(-count // row.page_size)
    if row.listing == "whole":
        return 1
    return counts.folders_of(row) if row.many else count


def _calls_of_part(row: ContentType, counts: _Counts) -> int:
    if row.single:
        return 1
    special = {
        METADATA: counts.parent_folders,
        ACCESSES: counts.with_own_access,
    }.get(row.name)
    if special is not None:
        return special()
    if row.list.is_by_pair:
        return counts.explores(row.targets_from or "")
    return counts.of(CATALOG[row.targets_from or ""])


class _Counts:
    """Counts objects by listings of ids, each asked for once."""

    def __init__(self, looker: Looker) -> None:
        self._looker = looker
        self._listed: dict[str, list[Any]] = {}

    def of(self, row: ContentType) -> int:
        return len(self._ids(row))

    def folders_of(self, row: ContentType) -> int:
        return len({item_id.folder_id for item_id in self._ids(row)})

    def parent_folders(self) -> int:
        parents = {folder.parent_id for folder in self._folders() if folder.parent_id is not None}
        return len(parents) + self._boards() + sum(folder.parent_id is None for folder in self._folders())

    def with_own_access(self) -> int:
        own = sum(bool(folder.is_personal) or folder.parent_id is None for folder in self._folders())
        return own + self._boards()

    def explores(self, models_type: str) -> int:
        models = self._rows(models_type, list[_Model], {"fields": "name,explores(name)"})
        return sum(len(model.explores or ()) for model in models)

    def _boards(self) -> int:
        """Return how many objects beside folders have metadata of their own."""
        return sum(self.of(CATALOG[name]) for name in SEEN if name != FOLDERS)

    def _folders(self) -> list[_Folder]:
        return self._rows(FOLDERS, list[_Folder], {"fields": "id,parent_id,is_personal"})

    def _rows(self, name: str, shape: Any, extra: Mapping[str, str | int | bool]) -> list[Any]:
        key = f"{name} rows"
        if key not in self._listed:
            self._listed[key] = msgspec.json.decode(fetch(self._looker, CATALOG[name].list, extra=extra), type=shape)
        return self._listed[key]

    def _ids(self, row: ContentType) -> list[Any]:
        if row.name not in self._listed:
            try:
                self._listed[row.name] = census(self._looker, row, with_folders=row.by_folder is not None)
            except (Missing, NotServed, PermissionRefused):  # the run says what that means
                self._listed[row.name] = []
        return self._listed[row.name]
