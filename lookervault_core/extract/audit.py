"""Take over unread what no listing proves unchanged, while it is young and nothing shows that it changed.

Of such a type an incremental run reads what its base lacks or has damaged, what was last read `audit_days` ago or more, what
belongs to an object that is new or changed, and what names one that is gone. All else it takes over with the time at
which it was read, so that the snapshot says how old it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT, FOLDERS, METADATA, SEEN, ContentType
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.targets import ITEM, LIST
from lookervault_core.model import Session
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import changes
from lookervault_core.vault.contents.changes import Touched

# What every one of a type depends on: a value for each user attribute stands with each user.
_ALL_BY = {"user_attribute_values": "user_attributes"}


class _Metadata(msgspec.Struct):
    id: Any = None
    parent_id: Any = None
    content_metadata_id: Any = None


def is_audited(row: ContentType, options: ExtractOptions) -> bool:
    """Return whether a run takes over items of *row* unread as long as they are young."""
    return row.audited and options.incremental and options.audit_days > 0


def take_over_young(
    vault: Vault, session: Session, options: ExtractOptions, row: ContentType, targets: list[str], ids: list[str]
) -> list[str]:
    """Take over the items of *row* that need not be read, and return those of *targets* that must be."""
    judge = _Judge(vault, session.snapshot_id, row, options.audit_days)
    young = judge.young()
    if row.name == METADATA:
        return _with_rows_of_folders(vault, session, row, judge, young, targets, ids)
    taken = young.intersection(ids)
    vault.carry_forward(session.session_id, session.snapshot_id, row.name, sorted(taken), proven=False)
    return [target for target in targets if target.removeprefix(ITEM) not in taken]


def _with_rows_of_folders(
    vault: Vault,
    session: Session,
    row: ContentType,
    judge: _Judge,
    young: set[str],
    targets: list[str],
    ids: list[str],
) -> list[str]:
    """The same for metadata: those in a folder are listed with one call, and are taken over or read together."""
    parents = judge.parents()
    old = {parents[id] for id in parents if id not in young} - {"None"} | judge.touched_metadata()
    taken = {id for id in young if parents.get(id) not in old and id not in old}
    vault.carry_forward(session.session_id, session.snapshot_id, row.name, sorted(taken), proven=False)
    lists = [target for target in targets if target.removeprefix(LIST) in old]
    listed = {id for id, parent in parents.items() if LIST + str(parent) in lists}
    return lists + [ITEM + id for id in ids if id not in taken and id not in listed]


class _Seen(NamedTuple):
    """What one pass over the payloads of the base tells of them: which are intact, which name what is gone, what is in which."""

    whole: set[str]
    naming_gone: set[str]
    parents: dict[str, str]


class _Judge:
    """Knows what of one type is young and untouched."""

    def __init__(self, vault: Vault, snapshot_id: int, row: ContentType, days: int) -> None:
        self._vault = vault
        self._snapshot_id = snapshot_id
        self._row = row
        self._days = days

    def young(self) -> set[str]:
        """Return the ids whose copy in the base is intact, young, and not known to be of before a change."""
        since = self._vault.now() - timedelta(days=self._days)
        with self._vault.read() as db:
            ages = changes.ages(db, self._snapshot_id, self._row.name)
        young = {id for id, read_at in ages.items() if read_at > since}
        return young & self._seen.whole - self._touched() - self._seen.naming_gone

    def parents(self) -> dict[str, str]:
        """Return by metadata id that of the folder it is in, as the base has it."""
        return self._seen.parents

    @cached_property
    def _seen(self) -> _Seen:
        """Read the payloads of the base, each once."""
        seen, gone = _Seen(set(), set(), {}), self._gone()
        for id, payload in self._base(self._row.name):
            seen.whole.add(id)
            if gone and _names(msgspec.json.decode(payload), gone):
                seen.naming_gone.add(id)
            if self._row.many:
                one = msgspec.json.decode(payload, type=_Metadata)
                seen.parents[str(one.id)] = str(one.parent_id)
        return seen

    def touched_metadata(self) -> set[str]:
        """Return the metadata of each board or folder that changed, or in which something is new, changed or gone."""
        changed = {name: self._changes(name) for name in {*SEEN, *CONTENT}}
        ids = {name: {one.id for one in changed[name]} for name in SEEN}
        lying = (one for name in (FOLDERS, *CONTENT) for one in changed[name])
        ids[FOLDERS] |= {folder for one in lying for folder in (one.folder_id, one.folder_before) if folder}
        return {
            str(shown.content_metadata_id)
            for name in SEEN
            for payload in self._now(name, ids[name])
            if (shown := msgspec.json.decode(payload, type=_Metadata))
        }

    def _touched(self) -> set[str]:
        """Return the ids whose object is new, changed or gone, or that another object shows as changed."""
        name = self._row.name
        if name == METADATA:  # by folder: `touched_metadata`
            return set()
        parents = {change.id for change in self._changes(self._row.targets_from or "")}
        if self._row.list.is_by_pair:
            return {id for id in self._base_ids() if id.partition("::")[0] in parents}
        if name in _ALL_BY and self._changes(_ALL_BY[name]):
            return self._base_ids()
        return parents | set(self._shown_as_changed())

    def _shown_as_changed(self) -> Iterator[str]:
        shown = self._row.shown
        shown_by, field = (shown.by, shown.field) if shown else ("", "")
        changed = {change.id for change in self._changes(shown_by)}
        for payload in (*self._now(shown_by, changed), *(p for id, p in self._base(shown_by) if id in changed)):
            yield from map(str, msgspec.json.decode(payload).get(field) or ())

    def _gone(self) -> dict[str, set[str]]:
        """Return by field of a row the ids that are gone and that it may name; nothing if none is gone."""
        fields = {_row_field(ref.path): ref.to for ref in self._references() if ref.to}
        gone = {field: {change.id for change in self._changes(to) if change.gone} for field, to in fields.items()}
        return gone if any(gone.values()) else {}

    def _references(self) -> Iterable[Any]:
        return self._row.writes.references if self._row.writes else ()

    def _changes(self, content_type: str) -> list[Touched]:
        with self._vault.read() as db:
            return changes.touched(db, self._snapshot_id, content_type) if content_type in CATALOG else []

    def _base_ids(self) -> set[str]:
        return set(self._vault.base_ids(self._snapshot_id, self._row.name))

    def _base(self, content_type: str) -> Iterator[tuple[str, bytes]]:
        return self._vault.base_payloads(self._snapshot_id, content_type)

    def _now(self, content_type: str, ids: set[str]) -> Iterator[bytes]:
        if content_type in CATALOG and ids:
            shown = self._vault.iter_payloads(content_type, self._snapshot_id)
            yield from (item.payload for item in shown if item.id in ids)


def _row_field(path: str) -> str:
    """Return the field of a list's row that a reference stands in: of a list of objects that is their own id."""
    return "id" if path.endswith("[]") else path.rpartition("].")[2]


def _names(payload: Any, gone: dict[str, set[str]]) -> bool:
    rows = payload if isinstance(payload, list) else [payload]
    return any(str(row.get(field)) in ids for row in rows if isinstance(row, dict) for field, ids in gone.items())
