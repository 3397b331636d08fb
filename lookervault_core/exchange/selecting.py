"""Choose what to export: the snapshot of each content type, its items, and what the snapshot is known to lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from lookervault_core.catalog import expand, with_parts
from lookervault_core.codec import digest
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.exchange.manifest import FORMAT, Described, Entry, Manifest, Source, TypePart
from lookervault_core.exchange.names import file_of
from lookervault_core.model import Hole, Snapshot
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions
from lookervault_core.vault.extracting import worklist

Chosen = Mapping[str, Snapshot]


def selected(vault: Vault, types: Sequence[str] = (), snapshot_id: int | None = None) -> Manifest:
    """Return the manifest of an export of *types* (none: all) with their parts; no payload is read for it.

    Each type is taken of *snapshot_id*, or of its visible snapshot. NotFound if there is none for a type that is named;
    UsageError if the snapshot still runs.
    """
    chosen = _chosen(vault, types, snapshot_id)
    snapshots = sorted({one.snapshot_id: one for one in chosen.values()}.values(), key=lambda one: one.snapshot_id)
    items = tuple(entry for name, one in chosen.items() for entry in _entries(vault, name, one))
    parts = tuple(_part(vault, name, one) for name, one in chosen.items())
    holes = [hole for snapshot in snapshots for hole in _holes(vault, snapshot, chosen, everything=not types)]
    holes += _of_what_is_partial(snapshots, parts, holes)
    return Manifest(
        format=FORMAT,
        lookervault=version("lookervault"),
        instance_url=vault.instance_url,
        folders=snapshots[0].folders,
        snapshots=tuple(_source(snapshot) for snapshot in snapshots),
        types=parts,
        holes=tuple(holes),
        items=items,
        description=_described(descriptions.newest(vault, (snapshot.snapshot_id for snapshot in snapshots))),
    )


def _described(raw: bytes | None) -> Described | None:
    return None if raw is None else Described(digest(raw).hex(), len(raw))


def _chosen(vault: Vault, types: Sequence[str], snapshot_id: int | None) -> Chosen:
    asked = vault.snapshot(snapshot_id) if snapshot_id is not None else None
    if asked and asked.status == "running":
        raise UsageError(f"snapshot {snapshot_id}: it is still running; wait for session {asked.session_id} to end")
    found: dict[str, Snapshot] = {}
    for name in with_parts(types or None):
        one = vault.visible_snapshot(name) if asked is None else asked if name in asked.types else None
        if one is not None:
            found[name] = one
    lacking = sorted(expand(types) - found.keys())
    if lacking or not found:
        where = f"snapshot {snapshot_id} does not have it" if asked else "no snapshot of it is finished"
        raise NotFound(f"{', '.join(lacking) or 'this vault'}: {where}; `lookervault snapshots` lists what there is")
    return found


def _entries(vault: Vault, name: str, snapshot: Snapshot) -> Iterator[Entry]:
    for row in vault.items(name, snapshot.snapshot_id):
        yield Entry(name, row.id, row.name, row.sha256, row.size, row.captured_at, file_of(row.key))


def _part(vault: Vault, name: str, snapshot: Snapshot) -> TypePart:
    with vault.read() as db:
        surveyed = name in worklist.surveyed(db, snapshot.snapshot_id)
        items = len(worklist.ids(db, snapshot.snapshot_id, name))
    missing, unlisted = vault.missing(snapshot.snapshot_id, name), vault.uncensused(snapshot.snapshot_id, name)
    return TypePart(name, snapshot.snapshot_id, items, surveyed, tuple(missing), tuple(unlisted))


def _holes(vault: Vault, snapshot: Snapshot, chosen: Chosen, *, everything: bool) -> Iterator[Hole]:
    """Yield the open holes of the types that *snapshot* speaks for; with *everything*, of those that nothing speaks for too."""
    for hole in vault.holes(snapshot.snapshot_id):
        speaks = chosen.get(hole.hole.content_type)
        if speaks == snapshot or (everything and speaks is None):
            yield hole.hole
    for name in (name for name, one in chosen.items() if one == snapshot):
        if not all(span.done for span in vault.ranges(snapshot.session_id, name)):
            yield Hole(name, None, f"snapshot {snapshot.snapshot_id} ended before all of them were read")


def _of_what_is_partial(snapshots: list[Snapshot], parts: Sequence[TypePart], holes: list[Hole]) -> Iterator[Hole]:
    """Yield a hole for each snapshot that was not complete and of which nothing that is exported shows it."""
    with_holes = {hole.content_type for hole in holes}
    beside = with_holes - {part.content_type for part in parts}
    for snapshot in snapshots:
        own = [part for part in parts if part.snapshot_id == snapshot.snapshot_id]
        told = beside or any(part.missing or not part.surveyed or part.content_type in with_holes for part in own)
        if snapshot.status != "complete" and not told:
            yield Hole(
                own[0].content_type, None, f"snapshot {snapshot.snapshot_id}, which this is of, is {snapshot.status}"
            )


def _source(one: Snapshot) -> Source:
    return Source(one.snapshot_id, one.status, one.started_at, one.closed_at, one.release)
