"""Forget a person: take out of every version in the vault what tells of them, and leave a tombstone that says so.

Everything else stays: ids, so that no reference breaks; the payloads, of which only the values that tell of the person are others,
each under its new hash; and the snapshots. What a restore would write otherwise than it was is blocked from then on.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import msgspec

from lookervault_core import codec, tombstones
from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.catalog.looking_up import PERSON
from lookervault_core.columns import columns, item_of
from lookervault_core.diff.document import decode, document, encode
from lookervault_core.errors import BlobDamaged, CodecError, NotFound, UsageError
from lookervault_core.families.users.forgetting import FORGOTTEN, Traces, is_own, redacted, traces_of
from lookervault_core.history.index import catch_up
from lookervault_core.model import ContentKey
from lookervault_core.signing import Signer
from lookervault_core.tombstones import Tombstone
from lookervault_core.vault import Vault

_VERSIONS = (
    "FROM content_versions v JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id) WHERE i.content_type = ?"
)


class Lost(msgspec.Struct, frozen=True):
    """A version that cannot be restored any more as it was."""

    content_type: str
    id: str
    name: str


class Forgetting(msgspec.Struct, frozen=True):
    """What it takes, or took, to forget a person. `lost` are the versions that can no longer be restored, `damaged` the payloads
    that could not be read, `there` says whether the newest snapshot still has the person, and `beside` names other files that the
    vault made and that may hold the person's data too."""

    user_id: str
    types: dict[str, int]
    lost: tuple[Lost, ...]
    damaged: int
    there: bool
    beside: tuple[str, ...]
    tombstone: Tombstone | None = None


class _Change(msgspec.Struct, frozen=True):
    blob_id: int
    payload: bytes
    versions: tuple[tuple[int, ContentKey], ...]
    blocks: bool


def forget(vault: Vault, user_id: str, *, dry_run: bool = False, signer: Signer | None = None) -> Forgetting:
    """Take a person out of the vault and leave a tombstone, signed by *signer*; in a *dry_run* only return what it would take.
    Raises NotFound if no version is of them."""
    with vault.read() as db:
        traces = _traces(db, user_id)
        changes, damaged = _changes(db, traces)
        lost = tuple(dict.fromkeys(_lost(db, changes)))
    types = Counter(key.content_type for change in changes for _, key in change.versions)
    beside = tuple(
        sorted(str(one) for one in vault.path.parent.glob(f"{vault.path.stem}.*") if one != vault.path and _holds(one))
    )
    found = Forgetting(user_id, dict(types), lost, damaged, _is_there(vault, user_id), beside)
    if dry_run:
        return found
    stone = _carry_out(vault, traces, changes, dict(types), signer)
    _scrub(vault)
    catch_up(vault)
    return msgspec.structs.replace(found, tombstone=stone)


def person_of(vault: Vault, said: str) -> str:
    """Return the id of the user whom *said* names, by id, e-mail address or name, in any version. Raises NotFound for nobody,
    UsageError for several."""
    with vault.read() as db:
        rows = db.execute(f"SELECT i.id, b.data, b.sha256, b.size {_VERSIONS}", (PERSON,)).fetchall()
    wanted = said.strip().casefold()
    found = {one for one, *blob in rows if one == said or wanted in _called(one, blob)}
    if not found:
        raise NotFound(f"user {said}: no version in the vault is of anybody of that id, address or name")
    if len(found) > 1:
        raise UsageError(f"user {said}: that is several, {', '.join(sorted(found))}; name one by id")
    return found.pop()


def _called(user_id: str, blob: list[Any]) -> set[str]:
    try:
        traces = traces_of(user_id, [decode(codec.unseal(*blob))])
    except BlobDamaged:
        return set()
    return {one.casefold() for one in (*traces.anywhere, *traces.names)}


def _holds(path: Any) -> bool:
    return path.suffix == ".db" or ".before-v" in path.name


def _is_there(vault: Vault, user_id: str) -> bool:
    try:
        return any(row.id == user_id for row in vault.items(PERSON))
    except NotFound:
        return False


def _traces(db: sqlite3.Connection, user_id: str) -> Traces:
    chosen = f"SELECT b.data, b.sha256, b.size {_VERSIONS} AND i.id = ?"
    rows = db.execute(chosen, (PERSON, user_id)).fetchall()
    if not rows:
        raise NotFound(f"user {user_id}: no version in the vault is of them; `lookervault list users`")
    return traces_of(user_id, (decode(codec.unseal(*row)) for row in rows))


def _changes(db: sqlite3.Connection, traces: Traces) -> tuple[list[_Change], int]:
    """Return the payloads that tell of a person as they are to be, and how many cannot be read."""
    found, damaged = [], 0
    for blob_id, data, sha256, size in db.execute("SELECT blob_id, data, sha256, size FROM blobs"):
        try:
            change = _change(db, traces, blob_id, codec.unseal(data, sha256, size))
        except BlobDamaged:
            damaged += 1
            continue
        found += [change] if change is not None else []
    return found, damaged


def _change(db: sqlite3.Connection, traces: Traces, blob_id: int, payload: bytes) -> _Change | None:
    versions = tuple(
        (version_id, ContentKey(kind, item_id))
        for version_id, kind, item_id in db.execute(
            "SELECT v.version_id, i.content_type, i.id FROM content_versions v JOIN content_items i USING (item_id)"
            " WHERE v.blob_id = ?",
            (blob_id,),
        )
    )
    own = any(is_own(key.content_type, key.id, traces.user_id) for _, key in versions)
    if not own and not traces.may_stand_in(payload.decode(errors="replace").casefold()):
        return None
    try:
        before = decode(payload)
    except codec.NOT_JSON:
        return None
    kind, item_id = (versions[0][1].content_type, versions[0][1].id) if versions else ("", "")
    after = redacted(kind, item_id, before, traces)
    if after == before:
        return None
    return _Change(blob_id, encode(after), versions, own or _is_written_otherwise(kind, item_id, before, after))


def _is_written_otherwise(content_type: str, item_id: str, before: Any, after: Any) -> bool:
    """Return whether a restore would write something else than before."""
    if content_type not in WRITES:
        return False
    try:
        return document(content_type, before, item_id) != document(content_type, after, item_id)
    except (CodecError, AttributeError, KeyError, TypeError, ValueError):
        return True


def _lost(db: sqlite3.Connection, changes: list[_Change]) -> Iterator[Lost]:
    for change in changes:
        for version_id, key in change.versions if change.blocks else ():
            (name,) = db.execute("SELECT name FROM content_versions WHERE version_id = ?", (version_id,)).fetchone()
            yield Lost(key.content_type, key.id, name)


def _carry_out(
    vault: Vault, traces: Traces, changes: list[_Change], types: dict[str, int], signer: Signer | None
) -> Tombstone:
    """Write all of it, or nothing, with its tombstone."""
    stones = tombstones.every(vault)
    written: dict[str, bool] = {}
    with vault.write() as db:
        db.execute("PRAGMA secure_delete = ON")
        for change in changes:
            sha256 = _rewrite(db, change)
            written[sha256] = written.get(sha256, False) or change.blocks
        _texts(db, traces)
        _forget_index(db)
        blocked = tuple(sorted(one for one, blocks in written.items() if blocks))
        previous = stones[-1].digest if stones else ""
        now = datetime.now(UTC)
        stone = tombstones.sealed(
            Tombstone(len(stones) + 1, traces.user_id, now, types, tuple(sorted(written)), blocked, previous),
            signer,
        )
        tombstones.keep(db, stone)
    return stone


def _rewrite(db: sqlite3.Connection, change: _Change) -> str:
    """Put one payload in the place of another; two that are the same now become one."""
    new = codec.seal(change.payload)
    same = db.execute(
        "SELECT blob_id FROM blobs WHERE sha256 = ? AND blob_id <> ?", (new.sha256, change.blob_id)
    ).fetchone()
    if same is None:
        values = (new.sha256, new.size, new.data, change.blob_id)
        db.execute("UPDATE blobs SET sha256 = ?, size = ?, data = ? WHERE blob_id = ?", values)
    else:
        for table, column in (
            ("content_versions", "blob_id"),
            ("dead_letter_queue", "payload_blob_id"),
            ("snapshot_descriptions", "blob_id"),
        ):
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (same[0], change.blob_id))
        db.execute("DELETE FROM blobs WHERE blob_id = ?", (change.blob_id,))
    for version_id, key in change.versions:
        db.execute(
            "UPDATE content_versions SET name = ? WHERE version_id = ?", (_name(key, change.payload), version_id)
        )
    return new.sha256.hex()


def _name(key: ContentKey, payload: bytes) -> str:
    row = CATALOG.get(key.content_type)
    if row is None or row.is_answer:
        return ""
    try:
        return item_of(row, columns(row, payload), payload).name or FORGOTTEN
    except CodecError:
        return FORGOTTEN


def _texts(db: sqlite3.Connection, traces: Traces) -> None:
    """Take their texts out of all other tables: journal, dead letters, reasons of holes."""
    db.execute(
        "UPDATE restoration_journal SET intent = '{}' WHERE content_type = ? AND id = ?", (PERSON, traces.user_id)
    )
    db.create_function("without_person", 1, _scrubber(traces), deterministic=True)
    for table, column in _text_columns(db):
        db.execute(
            f'UPDATE "{table}" SET "{column}" = without_person("{column}") WHERE "{column}" <> without_person("{column}")'
        )


def _scrubber(traces: Traces) -> Any:
    pattern = traces.pattern

    def scrub(text: Any) -> Any:
        return pattern.sub(FORGOTTEN, text) if pattern is not None and isinstance(text, str) else text

    return scrub


def _text_columns(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the columns of ordinary tables that hold words, but for those that are part of a key."""
    tables = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB 'sqlite_*'"
        " AND name NOT GLOB 'version_texts_*' AND name <> 'vault_meta'"
    ).fetchall()
    return [
        (table, name)
        for (table,) in tables
        for _, name, kind, _, _, is_key in db.execute(f'PRAGMA table_info("{table}")').fetchall()
        if kind.upper() == "TEXT" and not is_key
    ]


def _forget_index(db: sqlite3.Connection) -> None:
    """Let the index of words and changes be made anew."""
    db.execute("INSERT INTO version_texts (version_texts) VALUES ('delete-all')")
    for table in ("object_changes", "version_slugs", "indexed_snapshots"):
        db.execute(f"DELETE FROM {table}")


def _scrub(vault: Vault) -> None:
    """Leave nothing of what was there in free pages and in the log."""
    with closing(sqlite3.connect(vault.path)) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
