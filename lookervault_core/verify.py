"""Prove a snapshot: its bytes, its counts, its references, and what Looker holds now."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from lookervault_core import logs, tombstones
from lookervault_core.catalog import CATALOG, WRITES, links_of, trash_of
from lookervault_core.diff.documents.references import find
from lookervault_core.drift import Drift, Pairs, made_anew
from lookervault_core.errors import BlobDamaged, NotFound, UsageError
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.session import admitted, connected
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.looker.instance import site
from lookervault_core.model import ContentKey, Snapshot
from lookervault_core.restore.backup import Backup
from lookervault_core.roots import root
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault

_NAMED = 5


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it should be.

    `kind`: structure, damaged, missing, hole, dangling, or that of a note; compared with Looker: created, deleted, changed. Of what
    changed `fields` are those that differ.
    """

    kind: str
    content_type: str
    id: str | None
    detail: str
    fields: tuple[str, ...] = ()


class Verification(msgspec.Struct, frozen=True):
    """The result of a verification; `live` is None unless Looker was compared. `also` are other snapshots from which a restore
    would read some types, checked too. `forgotten` says in words who was taken out of the vault, `root` is the snapshot's root
    hash."""

    snapshot_id: int
    status: str
    items: int
    payloads: int
    references: int
    findings: list[Finding]
    live: dict[str, dict[str, int]] | None = None
    also: tuple[int, ...] = ()
    forgotten: tuple[str, ...] = ()
    root: str = ""

    @property
    def differs(self) -> int:
        """Return how many objects differ between the snapshot and Looker now: a result, and no fault of the snapshot."""
        return sum(one.kind in ("created", "deleted", "changed") for one in self.findings)

    @property
    def made_anew(self) -> int:
        """Return how many objects have another id than in the snapshot, because restores recreated them."""
        return sum(one["made_anew"] for one in (self.live or {}).values())

    @property
    def damaged(self) -> bool:
        return any(one.kind in ("damaged", "structure") for one in self.findings)

    @property
    def whole(self) -> bool:
        """Return whether the vault proves that the snapshot is whole; changes in Looker since then do not count."""
        return not any(one.kind in ("damaged", "structure", "missing", "hole") for one in self.findings)


def chosen(vault: Vault, snapshot_id: int | None) -> Snapshot:
    """Return the snapshot *snapshot_id*, or the one from which a restore would read most types. NotFound if there is none."""
    if snapshot_id is not None:
        return vault.snapshot(snapshot_id)
    speaking = vault.speaking_snapshots()
    if not speaking:
        raise NotFound(f"vault {vault.path}: it holds no finished snapshot; run `lookervault extract` first")
    return speaking[0]


def with_others(vault: Vault, found: Verification) -> Verification:
    """Return *found* with the findings on the other snapshots from which a restore would take some types."""
    for snapshot in vault.speaking_snapshots():
        if snapshot.snapshot_id != found.snapshot_id:
            more = verify(vault, snapshot)
            of = {name for name in snapshot.types if vault.speaking_snapshot(name) == snapshot}
            findings = [one for one in more.findings if one.content_type in of]
            found = msgspec.structs.replace(
                found,
                items=found.items + more.items,
                payloads=found.payloads + more.payloads,
                references=found.references + more.references,
                findings=found.findings + findings,
                also=(*found.also, snapshot.snapshot_id),
            )
    return found


def stale(vault: Vault, since: datetime) -> list[str]:
    """Return the content types whose newest complete snapshot is older than *since*: a schedule that stopped shows only here."""
    types = {name for one in vault.snapshots() if not one.folders for name in one.types}
    seen = {name: vault.visible_snapshot(name) for name in sorted(types)}
    return [name for name, one in seen.items() if one is None or one.status != "complete" or one.started_at < since]


def newer_than(vault: Vault, snapshot: Snapshot) -> list[Snapshot]:
    """Return the snapshots newer than *snapshot* that no folder narrows, whatever their status and types."""
    return [one for one in vault.snapshots() if one.snapshot_id > snapshot.snapshot_id and not one.folders]


def verify(vault: Vault, snapshot: Snapshot) -> Verification:
    """Return the findings on *snapshot* from the vault alone, by reading every payload of it."""
    stones = tombstones.every(vault)
    wrong = [*vault.check_structure(), *tombstones.faults(vault)]
    findings = [Finding("structure", "", None, line) for line in wrong]
    payloads = 0
    for one in vault.check_blobs(snapshot.snapshot_id):
        payloads += 1
        if one.damage:
            findings.append(Finding("damaged", one.key.content_type, one.key.id, str(one.damage)))
    findings += _gaps(vault, snapshot)
    notes = vault.notes(snapshot.snapshot_id)
    findings += (Finding(one.kind, one.content_type, one.id or None, one.detail) for one in notes)
    damaged = {ContentKey(one.content_type, one.id or "") for one in findings if one.kind == "damaged"}
    references, dangling = _references(vault, snapshot, damaged)
    items = sum(count.captured for count in vault.counts(snapshot.snapshot_id).values())
    told = tuple(map(str, stones))
    logs.info(
        f"snapshot {snapshot.snapshot_id}: {payloads:,} payloads and {references:,} references read, {len(damaged):,} damaged",
        event="verified", snapshot_id=snapshot.snapshot_id, payloads=payloads, damaged=len(damaged),
    )  # fmt: skip
    return Verification(
        snapshot.snapshot_id,
        snapshot.status,
        items,
        payloads,
        references,
        findings + dangling,
        forgotten=told,
        root=root(vault, snapshot.snapshot_id),
    )


def _gaps(vault: Vault, snapshot: Snapshot) -> Iterator[Finding]:
    for content_type in snapshot.types:
        for one in vault.missing(snapshot.snapshot_id, content_type):
            yield Finding("missing", content_type, one, "Looker listed it and the snapshot does not hold it")
    for open_hole in vault.holes(snapshot.snapshot_id):
        hole = open_hole.hole
        yield Finding("hole", hole.content_type, hole.id, hole.reason)


def _references(vault: Vault, snapshot: Snapshot, damaged: set[ContentKey]) -> tuple[int, list[Finding]]:
    """Return how many references there are, and those to objects that the snapshot should hold and does not.

    A dangling one is a fact about the instance (Looker keeps ids of what was deleted), so it is told and no fault.
    """
    held = {name: {one.id for one in vault.items(name, snapshot.snapshot_id)} for name in snapshot.types}
    _join_trash(held)
    count, dangling = 0, []
    here = site(vault.instance_url) if vault.instance_url else None
    for name in snapshot.types:
        refs = [ref for ref in links_of(name) if ref.kind != "name"] if name in WRITES else []
        if not refs:
            continue
        for item in vault.items(name, snapshot.snapshot_id):
            if item.key in damaged:
                continue
            try:
                payload = msgspec.json.decode(vault.listed_payload(item.key, snapshot.snapshot_id))
            except BlobDamaged as exc:
                dangling.append(Finding("damaged", name, item.id, str(exc)))
                continue
            for found in find(payload, refs, here):
                if found.content_type in held:
                    count += 1
                    if found.id not in held[found.content_type]:
                        detail = f"{found.path} names {found.content_type} {found.id}, which is not in the snapshot"
                        dangling.append(Finding("dangling", name, item.id, detail))
    return count, dangling


def _join_trash(held: dict[str, set[str]]) -> None:
    for name, ids in held.items():
        ids |= held.get(trash_of(name) or "", set())
        ids.update(*(held.get(other, set()) for other in CATALOG[name].census_too))


def compare_with_live(
    vault: Vault, snapshot: Snapshot, settings: Settings, stop: threading.Event
) -> tuple[dict[str, dict[str, int]], list[Finding]]:
    """Capture the instance again into a temporary vault and compare; return the counts by type and a finding for each
    difference."""
    if vault.instance_url is None:
        raise UsageError("this vault was never filled from an instance")
    options = ExtractOptions(types=snapshot.types, folders=snapshot.folder_ids, workers=settings.workers)
    with tempfile.TemporaryDirectory(prefix="lookervault-") as scratch, connected(settings, stop) as looker:
        release = admitted(looker)
        with Vault.create_or_open(Path(scratch) / "live.db") as live:
            session = live.begin_session(options.scope(), options.folders, {}, release)
            seen = capture_on_threads(ExtractRun(live, looker, session, options, stop=stop), settings.workers)
            return _compare(vault, snapshot, live, seen, made_anew(vault, looker.connection.base_url))


def _compare(
    vault: Vault, snapshot: Snapshot, live: Vault, seen: Snapshot, made: Mapping[ContentKey, str]
) -> tuple[dict[str, dict[str, int]], list[Finding]]:
    before, now = (Backup(one, of.snapshot_id) for one, of in ((vault, snapshot), (live, seen)))
    pairs = Pairs(before, now, made)
    drift = Drift(before, now, pairs, site(vault.instance_url) if vault.instance_url else None)
    counts: dict[str, dict[str, int]] = {}
    findings: list[Finding] = []
    for name in snapshot.types:
        both = pairs.of(name)
        found = list(_differences(name, before, now, both, drift))
        kinds = [one.kind for one in found]
        counts[name] = {kind: kinds.count(kind) for kind in ("created", "deleted", "changed")} | {
            "equal": len(both) - kinds.count("changed"),
            "made_anew": sum(ours != theirs for ours, theirs in both.items()),
        }
        findings += found
    return counts, findings


def _differences(name: str, before: Backup, now: Backup, both: Mapping[str, str], drift: Drift) -> Iterator[Finding]:
    ours, theirs = before.rows(name), now.rows(name)
    for one in theirs.keys() - both.values():
        yield Finding("created", name, one, f"{theirs[one].name or one}: created in Looker since the snapshot")
    for one in ours.keys() - both.keys():
        yield Finding("deleted", name, one, f"{ours[one].name or one}: deleted in Looker since the snapshot")
    for one, live_id in both.items():
        if one == live_id and ours[one].sha256 == theirs[live_id].sha256:
            continue
        fields = drift.fields(ContentKey(name, one), live_id)
        if fields:
            anew = f" (made anew by a restore, as {one} → {live_id})" if one != live_id else ""
            detail = f"{ours[one].name or one}: changed in Looker since the snapshot{anew}: {_told(fields)}"
            yield Finding("changed", name, one, detail, fields)


def _told(fields: Sequence[str]) -> str:
    more = f" and {len(fields) - _NAMED} more" if len(fields) > _NAMED else ""
    return ", ".join(fields[:_NAMED]) + more
