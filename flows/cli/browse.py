"""Commands that only read the vault."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.naming import At, Object, object_of, snapshot_of
from flows.cli.options import AsJson, DbPath, Limit, Offset, SnapshotId
from flows.cli.printing import console
from flows.cli.tables import print_found, print_json, print_table, size, to_second
from lookervault_core.catalog import CATALOG, row, with_parts
from lookervault_core.inert import for_json
from lookervault_core.model import Snapshot
from lookervault_core.scanning import Hit, held_before, holding
from lookervault_core.searching import SearchRequest
from lookervault_core.searching import search as indexed_search
from lookervault_core.vault import Vault

TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="A content type, such as dashboards")]


FOUND = 50


def open_vault(db_path: Path | None) -> Vault:
    """Open the configured vault for reading; VaultError or NotFound says what is wrong with it."""
    return Vault.open(_place(db_path), read_only=True)


def indexed_vault(db_path: Path | None) -> Vault:
    """Open the configured vault for reading, after indexing the changes up to its newest snapshot."""
    from lookervault_core.history import catch_up

    path = _place(db_path)
    catch_up(path)
    return Vault.open(path, read_only=True)


def _place(db_path: Path | None) -> Path:
    """Return where the vault is. What is said is so whatever the settings say, which take as long to read as much that is asked."""
    if db_path is not None:
        return db_path
    from lookervault_core.settings import load_settings

    return Path(load_settings().db_path)


def snapshots(db_path: DbPath = None, as_json: AsJson = False) -> None:
    """List the snapshots, newest first, with their status."""
    with open_vault(db_path) as vault:
        found = [_snapshot(vault, one) for one in sorted(vault.snapshots(), key=lambda s: -s.snapshot_id)]
    if as_json:
        print_json(found)
        return
    keys = ("snapshot", "status", "started", "items", "new", "changed", "deleted", "holes", "scope")
    headings = ["started (UTC)" if one == "started" else one for one in keys]
    print_found(
        headings, [[row[key] for key in keys] for row in (one | {"started": one["started"][:16]} for one in found)]
    )


def note_newer(vault: Vault, content_type: str, snapshot: int | None) -> None:
    """Print on stderr if there is a newer snapshot of the type that is not shown, because it is partial."""
    shown = None if snapshot is not None else vault.visible_snapshot(content_type)
    newer = [
        one.snapshot_id
        for one in (vault.snapshots() if shown else ())
        if shown and one.snapshot_id > shown.snapshot_id and one.status == "partial" and not one.folders
        if content_type in one.types
    ]
    if shown and newer:
        text = f"note: this is snapshot {shown.snapshot_id}; {newer[0]} is newer but partial: --snapshot {newer[0]} shows it"
        console(stderr=True).print(text)


def _snapshot(vault: Vault, one: Snapshot) -> dict[str, Any]:
    counts = vault.counts(one.snapshot_id).values()
    return {
        "snapshot": one.snapshot_id,
        "snapshot_id": one.snapshot_id,
        "status": one.status,
        "scope": _scope(one),
        "started": f"{one.started_at:%Y-%m-%d %H:%M:%S}",
        "started_at": one.started_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "session": one.session_id,
        "session_id": one.session_id,
        "types": list(one.types),
        "folders": list(one.folders),
        "release": one.release,
        "items": sum(c.captured for c in counts),
        "new": sum(c.new for c in counts),
        "changed": sum(c.changed for c in counts),
        "deleted": sum(c.deleted for c in counts),
        "holes": sum(c.holes for c in counts),
        "carried": sum(c.carried for c in counts),
        "oldest_read_at": min((c.oldest_read_at for c in counts if c.oldest_read_at), default=None),
    }


def _scope(one: Snapshot) -> str:
    """Return what the snapshot is of. One that folders narrow, or that a restore took, never speaks for a type."""
    if one.folders:
        told = ", ".join(one.folders)
        return told if " " in told and len(one.folders) == 1 else f"folder {told}"
    if set(one.types) >= set(with_parts(None)):
        return "everything"
    named = [name for name in one.types if name not in CATALOG or not CATALOG[name].is_part]
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")


def list_items(
    content_type: TypeName,
    snapshot: SnapshotId = None,
    at: At = None,
    limit: Limit = None,
    offset: Offset = 0,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """List the objects of one type in the newest snapshot."""
    name = row(content_type).name
    with open_vault(db_path) as vault:
        snapshot = snapshot_of(vault, snapshot, at, name)
        found = vault.items(name, snapshot, limit=limit, offset=offset)
        note_newer(vault, name, snapshot)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    cells = [(one.id, one.name, one.folder_id, to_second(one.updated_at), size(one.size)) for one in found]
    print_found(("id", "name", "folder", "updated", "size"), cells)


def show(
    content_type: TypeName, item: Object, snapshot: SnapshotId = None, at: At = None, db_path: DbPath = None
) -> None:
    """Print one payload, byte for byte as Looker sent it."""
    with open_vault(db_path) as vault:
        snapshot = snapshot_of(vault, snapshot, at, row(content_type).name)
        key = object_of(vault, row(content_type).name, item, snapshot)
        payload, read_at = vault.payload(key, snapshot), vault.item(key, snapshot).read_at
        note_newer(vault, key.content_type, snapshot)
    if read_at:
        console(stderr=True).print(
            f"note: this was read at {to_second(read_at)} UTC, and is taken over since then unread"
        )
    if CATALOG[key.content_type].list.media and sys.stdout.isatty():
        console(stderr=True).print(f"a picture of {size(len(payload))}: send it into a file with `> FILE`")
        return
    print_bytes(payload)


def print_bytes(payload: bytes) -> None:
    """Print *payload* as it is; on a terminal with control characters made harmless, and a line end behind it."""
    shown = for_json(payload.decode(errors="replace")).encode() if sys.stdout.isatty() else payload
    sys.stdout.buffer.write(shown)
    sys.stdout.buffer.flush()
    if sys.stdout.isatty():
        print()


def history(content_type: TypeName, item: Object, db_path: DbPath = None, as_json: AsJson = False) -> None:
    """List every version of one object that the vault has."""
    with open_vault(db_path) as vault:
        found = vault.history(object_of(vault, row(content_type).name, item))
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    cells = [
        (
            _span(one.first_snapshot_id, one.last_snapshot_id),
            f"{one.captured_at:%Y-%m-%d %H:%M:%S}",
            one.name,
            to_second(one.updated_at),
            size(one.size),
        )
        for one in found
    ]
    print_found(("snapshots", "captured (UTC)", "name", "updated", "size"), cells)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def stats(db_path: DbPath = None, as_json: AsJson = False) -> None:
    """Show what the vault holds and how much room it takes."""
    with open_vault(db_path) as vault:
        found = vault.stats()
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    cells = [(t.content_type, t.items, t.versions, size(t.raw_bytes), size(t.stored_bytes)) for t in found.types]
    print_table(None, ("type", "items", "versions", "payloads", "stored"), cells)
    raw, stored = sum(t.raw_bytes for t in found.types), found.file_bytes
    share = f" ({100 * stored / raw:.1f} % of the payloads)" if raw else ""
    print(f"\n{found.blobs:,} blobs, file {size(stored)}{share}")


def search(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help="Part of a name or a field, or words of a description, a title, a text"),
    ],
    content_type: Annotated[list[str] | None, typer.Option("--type", help="Only in this type")] = None,
    snapshot: SnapshotId = None,
    at: At = None,
    history: Annotated[bool, typer.Option("--history", help="Also those that held it in the past")] = False,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="In any value of the payloads; all of them are read for it")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Show so many at the most; 0 shows all")] = FOUND,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """List the objects with TEXT in their name, and behind them those with it elsewhere, and say where."""
    names = [row(one).name for one in content_type] if content_type else list(CATALOG)
    most = limit + 1 if limit else None  # one more than is shown tells that there are more
    with open_vault(db_path) if anywhere else indexed_vault(db_path) as vault:
        snapshot = snapshot_of(vault, snapshot, at)
        asked = SearchRequest(text, tuple(names), snapshot, most, history)
        found = _anywhere(vault, asked) if anywhere else indexed_search(vault, asked)
    if limit and len(found) > limit:
        console(stderr=True).print(f"note: these are the first {limit}; --limit 0 shows all")
        found = found[:limit]
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    cells = [(one.content_type, one.id, one.name, one.where, one.snippet, one.snapshot_id or "") for one in found]
    headings = ("type", "id", "name", "where", "text", "last in snapshot")
    print_found(headings if history else headings[:-1], cells if history else [row[:-1] for row in cells])


def _anywhere(vault: Vault, asked: SearchRequest) -> list[Hit]:
    found = list(islice(holding(vault, asked.names, asked.snapshot_id, asked.text), asked.limit))
    if asked.history:
        shown = {(one.content_type, one.id) for one in found}
        left = None if asked.limit is None else asked.limit - len(found)
        found += islice(held_before(vault, asked.names, asked.text, shown), left)
    return found
