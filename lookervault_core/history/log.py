"""The log of changes: what changed, between which times, by whom, and in which fields; read from the index, newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import HOLDER, PERSON, origin_of, parts_of
from lookervault_core.catalog.parts import access_types
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.wording.describe import owner_key
from lookervault_core.errors import BlobDamaged, CodecError, NotFound
from lookervault_core.families.standing_in import SEEN_BY
from lookervault_core.history.documents import Documents
from lookervault_core.history.holders import Holders
from lookervault_core.history.index import CREATED, DELETED, KINDS
from lookervault_core.history.wording import FieldEdit, field_edits, plain, sentence
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.faults import moment

_ROWS = """
    SELECT c.change_id, i.content_type, i.id, c.kind, c.from_snapshot_id, c.to_snapshot_id, c.before_version_id,
        c.after_version_id, c.author_id, c.how, f.started_at, ifnull(t.closed_at, t.started_at),
        (SELECT h.read_at FROM snapshot_items h WHERE h.snapshot_id = c.from_snapshot_id AND h.item_id = c.item_id),
        ifnull(v.name, w.name), ifnull(v.folder_id, w.folder_id), v.updated_at
    FROM object_changes c JOIN content_items i USING (item_id)
        JOIN snapshots t ON t.snapshot_id = c.to_snapshot_id JOIN snapshots f ON f.snapshot_id = c.from_snapshot_id
        LEFT JOIN content_versions v ON v.version_id = c.after_version_id
        LEFT JOIN content_versions w ON w.version_id = c.before_version_id
"""
_SEEN_WITHIN = (
    "SELECT a.id FROM content_items a JOIN content_versions b USING (item_id) WHERE a.content_type IN"
    " (SELECT value FROM json_each(:access)) AND b.folder_id IN (SELECT value FROM json_each(:within))"
)
_IN_ORDER = "ORDER BY i.content_type, length(i.id), i.id"


class LogRequest(msgspec.Struct, frozen=True):
    """Which changes to return: of a type, of one object with its lists, between two times, `by` a user's id, in a `folder` and
    below, of one `kind`. The kind `moved` includes objects that changed in other ways too."""

    content_type: str | None = None
    id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None
    folder: str | None = None
    kind: str | None = None
    limit: int | None = None


class Who(msgspec.Struct, frozen=True):
    """Who made a change, as far as the payloads say; `how` is `last_updater`, `deleter` or `unknown`."""

    id: str | None
    name: str
    how: str


class Change(msgspec.Struct, frozen=True):
    """One object that changed between two snapshots. `damage` says why its changed fields are unknown, "" if they are not."""

    change_id: str
    content_type: str
    id: str
    name: str
    folder: str
    kind: str
    from_snapshot: int
    to_snapshot: int
    not_before: datetime
    not_after: datetime
    author: Who
    fields: tuple[FieldEdit, ...]
    text: str
    damage: str = ""
    before_version: int | None = None
    after_version: int | None = None

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


def log(vault: Vault, request: LogRequest) -> list[Change]:
    """Return the changes that *request* asks for, newest first. It sees only indexed snapshots: call `catch_up` first."""
    with vault.read() as db:
        return list(islice(_told(db, request), request.limit))


def changes_of(vault: Vault, snapshot_id: int) -> Iterator[Change]:
    """Yield the changes between one snapshot and those before it."""
    with vault.read() as db:
        teller = Teller(db)
        for row in db.execute(f"{_ROWS} WHERE c.to_snapshot_id = ? {_IN_ORDER}", (snapshot_id,)).fetchall():
            yield teller.change(row)


def change(vault: Vault, change_id: str) -> Change:
    """Return one change by its id or a unique beginning of the id; raises NotFound, which says what to do instead."""
    with vault.read() as db:
        rows = db.execute(f"{_ROWS} WHERE c.change_id >= ?1 AND c.change_id < ?1 || 'g' LIMIT 2", (change_id.lower(),))
        found = rows.fetchall() if change_id else []
        if len(found) != 1:
            told = "several changes begin so" if found else "there is no such change"
            raise NotFound(f"change {change_id[:40]}: {told}; `lookervault log` lists them with their ids")
        return Teller(db).change(found[0])


def to_json(one: Change) -> dict[str, Any]:
    """Return a change as the log prints it."""
    found = plain(one)
    left_out = ("before_version", "after_version", *(() if one.damage else ("damage",)))
    return {name: value for name, value in found.items() if name not in left_out}


def person_called(vault: Vault, said: str) -> str | None:
    """Return the id of the user whose e-mail address is *said*; None if no user has it, or it is no address."""
    if "@" not in said:
        return None
    for item in vault.iter_payloads(PERSON) if vault.visible_snapshot(PERSON) else ():
        if said.casefold().encode() in item.payload.lower():
            login = decode(item.payload)
            if said.casefold() in (str(one).casefold() for one in _addresses(login)):
                return item.id
    return None


def _addresses(user: dict[str, Any]) -> Iterator[Any]:
    yield user.get("email")
    yield (user.get("credentials_email") or {}).get("email")


def _told(db: sqlite3.Connection, request: LogRequest) -> Iterator[Change]:
    where, values = _conditions(db, request)
    teller = Teller(db)
    if request.id is not None:
        newest = f"ORDER BY t.started_at DESC, t.snapshot_id DESC, {_IN_ORDER.removeprefix('ORDER BY ')}"
        yield from map(teller.change, db.execute(f"{_ROWS} {where} {newest}", values).fetchall())
        return
    # Snapshot by snapshot: who wants the newest few need not wait until all are sorted.
    for snapshot_id in _newest_first(db):
        for row in db.execute(f"{_ROWS} {where} {_IN_ORDER}", {**values, "to": snapshot_id}).fetchall():
            yield teller.change(row)


def _newest_first(db: sqlite3.Connection) -> list[int]:
    rows = db.execute(
        "SELECT snapshot_id FROM snapshots WHERE snapshot_id IN (SELECT to_snapshot_id FROM object_changes)"
        " ORDER BY started_at DESC, snapshot_id DESC"
    )
    return [snapshot_id for (snapshot_id,) in rows]


def _conditions(db: sqlite3.Connection, request: LogRequest) -> tuple[str, dict[str, Any]]:
    found = ["c.to_snapshot_id = :to" if request.id is None else "c.item_id IN (SELECT value FROM json_each(:items))"]
    if request.content_type:
        found.append("i.content_type IN (SELECT value FROM json_each(:types))")
    if request.since:
        found.append("ifnull(t.closed_at, t.started_at) >= :since")
    if request.until:
        found.append("f.started_at <= :until")
    if request.by:
        found.append("c.author_id = :by")
    if request.kind:
        found.append("c.moved" if request.kind == "moved" else "c.kind = :kind")
    if request.folder:
        found.append(
            "(ifnull(v.folder_id, '') IN (SELECT value FROM json_each(:within)) OR ifnull(w.folder_id, '') IN"
            " (SELECT value FROM json_each(:within)) OR i.content_type = :holder AND i.id = :folder OR i.content_type IN"
            f" (SELECT value FROM json_each(:access)) AND i.id IN ({_SEEN_WITHIN}))"
        )
    access = access_types(request.content_type) if request.id is not None and request.content_type else ()
    values = {
        "types": _json([*_types(request), *access]),
        "access": _json(access_types(HOLDER)),
        "items": _json(_items(db, request, access) if request.id is not None else []),
        "since": request.since and request.since.isoformat(),
        "until": request.until and request.until.isoformat(),
        "by": request.by,
        "kind": KINDS.index(request.kind) if request.kind else None,
        "within": _json(_below(db, request.folder) if request.folder else []),
        "folder": request.folder,
        "holder": HOLDER,
    }
    return f"WHERE {' AND '.join(found)}", values


def _types(request: LogRequest) -> list[str]:
    """Return the type asked for, with its trash; of one object also the lists that belong to it."""
    if not request.content_type:
        return []
    trash = CATALOG[request.content_type].trash
    lists = parts_of(request.content_type) if request.id is not None else ()
    return [request.content_type, *([trash] if trash else []), *lists]


def _items(db: sqlite3.Connection, request: LogRequest, access: Sequence[str]) -> list[int]:
    """Return the items of one object: itself, the lists that belong to it, and what says who may see it."""
    kinds = _types(request) or list(CATALOG)
    keys = [(kind, request.id) for kind in kinds]
    keys += [(kind, one) for one in (_seen_by(db, request) if access else ()) for kind in access]
    rows = db.execute(
        "SELECT i.item_id FROM json_each(?) j CROSS JOIN content_items i ON i.content_type = json_extract(j.value, '$[0]')"
        " AND i.id = json_extract(j.value, '$[1]')",
        (_json(keys),),
    )
    return [item_id for (item_id,) in rows]


def _seen_by(db: sqlite3.Connection, request: LogRequest) -> list[str]:
    """Return the ids of what said who may see an object, in any version of it."""
    documents, found = Documents(db), set[str]()
    rows = db.execute(
        "SELECT version_id FROM content_items JOIN content_versions USING (item_id) WHERE content_type = ? AND id = ?",
        (request.content_type, request.id),
    )
    for (version_id,) in rows.fetchall():
        with suppress(BlobDamaged, CodecError, AttributeError):
            found.add(str(decode(documents.payload(version_id)[1]).get(SEEN_BY)))
    return sorted(found)


def _below(db: sqlite3.Connection, folder_id: str) -> list[str]:
    """Return a folder and all that were ever below it."""
    rows = db.execute(
        """WITH RECURSIVE below (id) AS (SELECT ?1 UNION SELECT i.id FROM below b JOIN content_versions v
                ON v.folder_id = b.id JOIN content_items i USING (item_id) WHERE i.content_type = ?2)
        SELECT id FROM below""",
        (folder_id, HOLDER),
    )
    return [item_id for (item_id,) in rows]


class Teller:
    """Makes changes of the index, with fields and names in words."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._holders = Holders(db)
        self.documents = Documents(db)
        self._emails: dict[str, str] = {}

    def names(self, content_type: str, item_id: str) -> str:
        """Return the name of an object: of a folder its path, of a list the name of its owner."""
        if content_type == HOLDER:
            return self._holders.path(item_id)
        owner = owner_key(content_type, item_id)
        return self._holders.name(owner.content_type, owner.id)

    def change(self, row: Sequence[Any]) -> Change:
        (change_id, kind, item_id, told, before, after, was, becomes, author_id, how, *rest) = row
        not_before, not_after, read_at, name, folder_id, _ = rest
        name = name or self.names(kind, item_id)
        folder = self._holders.path(folder_id or self._of_owner(kind, item_id))
        fields, damage = self._fields(told, was, becomes)
        who = Who(author_id, self.person(author_id), how)
        text = sentence(who.name, origin_of(kind), name, KINDS[told], fields)
        return Change(
            change_id, kind, item_id, name, folder, KINDS[told], before, after,
            moment(min(not_before, read_at or not_before)), moment(not_after), who, fields,
            f"{text} ({damage})" if damage else text, damage, was, becomes,
        )  # fmt: skip

    def _of_owner(self, kind: str, item_id: str) -> str | None:
        """Return the folder of what a list belongs to."""
        owner = owner_key(kind, item_id)
        return self._holders.folder(owner.content_type, owner.id) if owner.content_type != kind else None

    def person(self, user_id: str | None) -> str:
        """Return the e-mail address of a user, or the name if there is none."""
        if not user_id:
            return ""
        if user_id not in self._emails:
            self._emails[user_id] = self._email(user_id) or self._holders.name(PERSON, user_id) or f"user {user_id}"
        return self._emails[user_id]

    def _email(self, user_id: str) -> str:
        version_id = self._holders.newest(PERSON, user_id)
        try:
            doc = self.documents.version(version_id) if version_id is not None else None
        except (BlobDamaged, CodecError):
            return ""
        return str(doc.fields.get("email") or "") if doc is not None else ""

    def _fields(self, told: int, was: int | None, becomes: int | None) -> tuple[tuple[FieldEdit, ...], str]:
        if told in (CREATED, DELETED) or was is None or becomes is None:
            return (), ""
        try:
            return self.compare(was, becomes), ""
        except (BlobDamaged, CodecError) as exc:
            return (), str(exc)

    def compare(self, was: int, becomes: int) -> tuple[FieldEdit, ...]:
        """Return what differs between two versions; raises BlobDamaged or CodecError if one cannot be read."""
        return self.differ(self.documents.key(was), self.documents.version(was), self.documents.version(becomes))

    def differ(self, key: ContentKey, old: Doc, new: Doc) -> tuple[FieldEdit, ...]:
        return field_edits(origin_of(key.content_type), old, new, self.names)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
