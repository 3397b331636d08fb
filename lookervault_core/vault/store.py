"""The Vault: everything that the rest of the program asks of the file. How it is done stands in the modules beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from lookervault_core.errors import BlobDamaged, NotFound, WrongInstance
from lookervault_core.looker.instance import canonical, same
from lookervault_core.model import ContentKey, Hole, Item, Note, Range, Receipt, Session, Snapshot, TypeCount
from lookervault_core.vault.contents import blobs, changes, items, snapshots, spans
from lookervault_core.vault.contents.pages import CHANGED, NEW, UNCHANGED, Page
from lookervault_core.vault.extracting import census, ledger, notes, sessions, worklist
from lookervault_core.vault.extracting import holes as holes_of
from lookervault_core.vault.rows import (
    BlobCheck,
    Garbage,
    ItemRow,
    OpenHole,
    PageCount,
    RequestCount,
    Stats,
    VersionRow,
)
from lookervault_core.vault.sqlite import wal
from lookervault_core.vault.sqlite.damage import ODD_SCHEMA, is_damaged
from lookervault_core.vault.sqlite.file import VaultFile


class Vault(VaultFile):
    """One vault. Open it with `create_or_open` or `open`.

    Everything raised is a VaultError, or a UsageError (mostly NotFound) where the caller asks for what is not there.
    """

    # What the vault is ------------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """Return vault_id, schema_version, created_at, application_version, and instance_url once claimed."""
        with self.read() as db:
            return dict(db.execute("SELECT key, value FROM vault_meta").fetchall())

    @property
    def vault_id(self) -> str:
        return self.meta()["vault_id"]

    @property
    def instance_url(self) -> str | None:
        """The Looker instance that the vault belongs to, or None before the first extraction."""
        return self.meta().get("instance_url")

    def claim_instance(self, base_url: str) -> None:
        """Make the vault *base_url*'s. Raises WrongInstance if it is another's already."""
        url = canonical(base_url)
        with self.write() as db:
            db.execute("INSERT OR IGNORE INTO vault_meta VALUES ('instance_url', ?)", (url,))
            (owner,) = db.execute("SELECT value FROM vault_meta WHERE key = 'instance_url'").fetchone()
        if not same(owner, url):
            raise WrongInstance(
                f"vault {self.path}: it belongs to {owner}, not to {url}; name another --db-path for this instance"
            )

    def is_of(self, base_url: str) -> bool:
        """Return whether an extraction of *base_url* may go into the vault: it belongs to that instance, or to none yet."""
        return self.instance_url is None or same(self.instance_url, base_url)

    def stats(self) -> Stats:
        with self.read() as db:
            return blobs.stats(db, self.path.stat().st_size)

    # Runs -------------------------------------------------------------------------------------------------------------

    def begin_session(
        self,
        types: Sequence[str],
        folders: Sequence[str] = (),
        options: Mapping[str, object] | None = None,
        release: str = "",
        taken_at: datetime | None = None,
    ) -> Session:
        """Start a run and its snapshot. *types* is the scope, *folders* narrows it, *release* is Looker's.

        *taken_at* is the time of the state that is captured, where that is not now.
        """
        with self.write() as db:
            session = sessions.begin(db, types, folders, dict(options or {}), release, self.now(), taken_at)
        self.sign(session.session_id)
        return session

    def resume_session(self, session_id: str | None = None) -> Session:
        """Reopen a run that is not complete: the newest such, or *session_id*. Raises NotFound if there is none.

        What it has kept stays; its snapshot is `running` again. A complete one raises UsageError.
        """
        with self.write() as db:
            found = session_id or sessions.newest_unfinished(db).session_id
            session = sessions.reopen(db, found, self.now())
        self.sign(session.session_id)
        return session

    def sign(self, session_id: str) -> None:
        """Write the session into the run lock, so that another run can say who owns the vault."""
        if self._run_lock:
            self._run_lock.note(session_id)

    def session(self, session_id: str) -> Session:
        with self.read() as db:
            return sessions.get(db, session_id)

    def sessions(self) -> list[Session]:
        """Return every extraction, newest first."""
        with self.read() as db:
            return sessions.newest_first(db)

    def record_requests(self, session_id: str, rows: Iterable[RequestCount]) -> None:
        """Add *rows* to what the session has recorded."""
        with self.write() as db:
            sessions.record_requests(db, session_id, rows, self.now())

    def count_calls(self, rows: Iterable[RequestCount]) -> None:
        """Count calls of today that belong to no session."""
        with self.write() as db:
            sessions.count_calls(db, rows, self.now())

    def calls_by_day(self, month: str) -> dict[str, dict[str, int]]:
        """Return the calls of each day of *month* (`YYYY-MM`, in UTC) by the allowance that Looker counts them in."""
        with self.read() as db:
            return sessions.calls_by_day(db, month)

    def requests(self, session_id: str) -> list[RequestCount]:
        with self.read() as db:
            return sessions.requests(db, session_id)

    # Ledger -----------------------------------------------------------------------------------------------------------

    def plan_ranges(self, session_id: str, ranges: Iterable[Range]) -> None:
        """Enter *ranges*; one that starts where another does already is left as it is."""
        with self.write() as db:
            ledger.plan_ranges(db, session_id, ranges, self.now())

    def ranges(self, session_id: str, content_type: str | None = None) -> list[Range]:
        with self.read() as db:
            return ledger.ranges(db, session_id, content_type)

    def receipt(self, session_id: str, range: Range) -> Receipt | None:
        """Return what the ledger knows of *range*: None unless it knows this very span and it is done.

        `exhausted` means that the listing ended before the span did.
        """
        with self.read() as db:
            return ledger.receipt(db, session_id, range)

    def targets(self, session_id: str, content_type: str, start: int, stop: int) -> list[str]:
        """Return the targets `[start, stop)` of a type that is read object by object."""
        with self.read() as db:
            return ledger.targets(db, session_id, content_type, start, stop)

    # Capture ----------------------------------------------------------------------------------------------------------

    def keep_page(
        self,
        session_id: str,
        snapshot_id: int,
        range: Range,
        items: Sequence[Item],
        holes: Sequence[Hole],
        next_offset: int,
        done: bool,
        volatile: frozenset[str],
        *,
        below: bool = False,
        mend: bool = False,
    ) -> PageCount:
        """Keep one page: its items, its holes and the ledger's move to *next_offset*, all in one transaction.

        An item whose bytes are its newest version's, or differ in *volatile* fields only, costs no blob and no version.
        The same page may be kept again. An item that is kept heals its hole. With *below* the items are of a time before the
        newest versions, which stay the newest. With *mend* the blobs of what is there already are written again.
        """
        page = Page(snapshot_id, items, volatile, below=below, mend=mend)
        with self.read() as db:
            page.prepare(db)
        with self.write() as db:
            now = self.now()
            ledger.beat(db, session_id, snapshot_id, now)
            found = page.store(db, now)
            holes_of.heal(db, snapshot_id, [item.key for item in page.items], now)
            holes_of.open_holes(db, snapshot_id, holes, now)
            ledger.advance(db, session_id, range, items, len(holes), next_offset, done, now)
        return PageCount(found.count(NEW), found.count(CHANGED), found.count(UNCHANGED))

    def carry_forward(
        self, session_id: str, snapshot_id: int, content_type: str, ids: Iterable[str], *, proven: bool
    ) -> list[str]:
        """Take the items *ids* from the snapshot's base without reading them; return the ids that the base does not hold.

        Unless a listing has *proven* that they are unchanged, they are of the time at which they were read.
        """
        with self.write() as db:
            now = self.now()
            ledger.beat(db, session_id, snapshot_id, now)
            return census.carry_forward(db, snapshot_id, content_type, ids, now, proven=proven)

    def base_ids(self, snapshot_id: int, content_type: str) -> list[str]:
        """Return the ids of a type in the snapshot's base: the snapshot that was visible for the type when this one began."""
        with self.read() as db:
            return items.base_ids(db, snapshot_id, content_type)

    def changed_in_place(self, snapshot_id: int, content_type: str) -> Iterator[tuple[bytes, bytes]]:
        """Yield (payload in the base, payload now) of each item that changed since the base without a new `updated_at`."""
        with self.read() as db:
            yield from items.changed_in_place(db, snapshot_id, content_type)

    def base_payloads(self, snapshot_id: int, content_type: str) -> Iterator[tuple[str, bytes]]:
        """Yield (id, payload) of the items that `carry_forward` could take from the base, except damaged ones."""
        with self.read() as db:
            yield from items.base_payloads(db, snapshot_id, content_type)

    def base_ages(self, snapshot_id: int, content_type: str) -> dict[str, datetime]:
        """Return by id when the base's items of a type were read from Looker; empty for a base that came from an export."""
        with self.read() as db:
            return changes.ages(db, snapshot_id, content_type)

    def read_ids(self, snapshot_id: int, content_type: str) -> set[str]:
        """Return the ids of the base whose payloads are sound and were read from Looker or proven unchanged for it."""
        with self.read() as db:
            return set(items.read_ids(db, snapshot_id, content_type))

    def set_census(self, snapshot_id: int, content_type: str, ids: Iterable[str]) -> None:
        """Store the ids that an independent listing names, replacing earlier ones; the type then counts as surveyed."""
        with self.write() as db:
            census.set_census(db, snapshot_id, content_type, ids)

    def uncount(self, snapshot_id: int, key: ContentKey) -> None:
        """Take an object out of the census because Looker turned out not to have it."""
        with self.write() as db:
            census.uncount(db, snapshot_id, key)

    def missing(self, snapshot_id: int, content_type: str) -> list[str]:
        """Return the ids of the census that are neither captured nor an open hole."""
        with self.read() as db:
            return census.missing(db, snapshot_id, content_type)

    def uncensused(self, snapshot_id: int, content_type: str) -> list[str]:
        """Return the ids that are captured but not in the census."""
        with self.read() as db:
            return census.uncensused(db, snapshot_id, content_type)

    def open_hole(self, snapshot_id: int, hole: Hole) -> None:
        with self.write() as db:
            holes_of.open_holes(db, snapshot_id, [hole], self.now())

    def heal_holes(self, snapshot_id: int, content_type: str, ids: Iterable[str] | None = None) -> None:
        """Heal the holes of *ids*, or with None the hole of the whole type."""
        with self.write() as db:
            if ids is None:
                holes_of.heal_type(db, snapshot_id, content_type, self.now())
            else:
                holes_of.heal(db, snapshot_id, [ContentKey(content_type, id) for id in ids], self.now())

    def holes(self, snapshot_id: int, open_only: bool = True) -> list[OpenHole]:
        with self.read() as db:
            return holes_of.holes(db, snapshot_id, open_only)

    def add_notes(self, snapshot_id: int, found: Iterable[Note]) -> None:
        with self.write() as db:
            notes.add(db, snapshot_id, found)

    def notes(self, snapshot_id: int) -> list[Note]:
        """Return the notes of a snapshot: the limits of what it knows."""
        with self.read() as db:
            return notes.of(db, snapshot_id)

    # Snapshots --------------------------------------------------------------------------------------------------------

    def close_snapshot(self, session_id: str, undecided: Iterable[str] = ()) -> Snapshot:
        """End the run and make its snapshot visible, durably. Whether it is `complete` or `partial` is computed.

        Objects that the base has and the snapshot lacks are recorded as deleted, unless their type is *undecided*.
        Complete: every type of the scope surveyed, every id of the census captured, every range done, no hole open.
        """
        with self.write(durable=True) as db:
            session, now = sessions.get(db, session_id), self.now()
            status = snapshots.close(db, session.snapshot_id, now, undecided)
            sessions.finish(db, session, status, None, now)
        spans.fold_closed(self)
        return self.snapshot(session.snapshot_id)

    def fail_snapshot(self, session_id: str, reason: str = "", *, interrupted: bool = False) -> Snapshot:
        """End the run as `failed`, or `interrupted` if somebody stopped it: its snapshot is never visible, and may be resumed."""
        with self.write(durable=True) as db:
            session, now = sessions.get(db, session_id), self.now()
            snapshots.record_counts(db, session.snapshot_id)
            sessions.finish(db, session, "interrupted" if interrupted else "failed", reason, now)
            return snapshots.get(db, session.snapshot_id)

    def snapshot(self, snapshot_id: int) -> Snapshot:
        with self.read() as db:
            return snapshots.get(db, snapshot_id)

    def snapshots(self) -> list[Snapshot]:
        """Return every snapshot, newest first."""
        with self.read() as db:
            return snapshots.newest_first(db)

    def visible_snapshot(self, content_type: str) -> Snapshot | None:
        """Return the newest complete snapshot of the type that no folder narrows, else the newest partial one."""
        with self.read() as db:
            return snapshots.visible(db, content_type)

    def speaking_snapshot(self, content_type: str) -> Snapshot | None:
        """Return the snapshot that a restore reads the type from by default: one of the whole instance before one of some types,
        complete ones first; None if there is none."""
        with self.read() as db:
            return snapshots.speaking(db, content_type)

    def speaking_snapshots(self) -> list[Snapshot]:
        """Return the snapshots that a restore of everything would read by default, the one with most types first."""
        with self.read() as db:
            return snapshots.all_speaking(db)

    def is_whole(self, snapshot_id: int, content_type: str) -> bool:
        """Return whether the snapshot has every object that Looker had of a type, so that one that it lacks did not exist."""
        with self.read() as db:
            return snapshots.is_whole(db, snapshot_id, content_type)

    def counts(self, snapshot_id: int) -> dict[str, TypeCount]:
        with self.read() as db:
            return snapshots.counts(db, snapshot_id)

    def delete_snapshot(self, snapshot_id: int) -> None:
        """Forget a snapshot and its session, unless it runs (UsageError); blobs stay until `collect_garbage`."""
        with self.write() as db:
            snapshots.delete(db, snapshot_id)

    def bytes_without(self, snapshot_ids: Iterable[int]) -> int:
        """Return how many bytes of payloads `collect_garbage` would free if some snapshots were deleted."""
        with self.read() as db:
            return blobs.bytes_without(db, snapshot_ids)

    def collect_garbage(self) -> Garbage:
        """Delete what no snapshot and no dead letter needs, and give the room back to the disk."""
        with self.write(durable=True) as db:
            garbage = blobs.collect_garbage(db)
        self.shrink()
        return garbage

    # Reading ----------------------------------------------------------------------------------------------------------
    # `snapshot_id` None means the visible snapshot of the type.

    def payload(self, key: ContentKey, snapshot_id: int | None = None) -> bytes:
        """Return the payload of an item as Looker sent it, its hash checked. Raises NotFound, or BlobDamaged naming the item."""
        with self.read() as db:
            return items.payload(db, key, snapshot_id)

    def listed_payload(self, key: ContentKey, snapshot_id: int | None = None) -> bytes:
        """Return the payload of an item that `items` has listed; a missing one is BlobDamaged, for the file's index is damaged."""
        try:
            return self.payload(key, snapshot_id)
        except NotFound as exc:
            raise BlobDamaged(f"{key}: the vault lists it and does not find it: its index is damaged") from exc

    def item(self, key: ContentKey, snapshot_id: int | None = None) -> ItemRow:
        with self.read() as db:
            return items.find(db, key, snapshot_id)

    def items(
        self, content_type: str, snapshot_id: int | None = None, limit: int | None = None, offset: int = 0
    ) -> list[ItemRow]:
        """Return the items of a snapshot by id, 9 before 10."""
        with self.read() as db:
            return items.listing(db, content_type, snapshot_id, limit, offset)

    def iter_payloads(self, content_type: str, snapshot_id: int | None = None) -> Iterator[Item]:
        """Yield the items of a snapshot with their payloads, in the order of `items`."""
        with self.read() as db:
            yield from items.iter_payloads(db, content_type, snapshot_id)

    def history(self, key: ContentKey) -> list[VersionRow]:
        """Return the item's versions, newest first."""
        with self.read() as db:
            return items.history(db, key)

    def diff(self, before: int, after: int) -> list[worklist.Difference]:
        """Return what was created, changed and deleted from one snapshot to another, for the types that both cover."""
        with self.read() as db:
            snapshots.get(db, before), snapshots.get(db, after)
            return worklist.differences(db, before, after)

    def check_blobs(self, snapshot_id: int | None = None) -> Iterator[BlobCheck]:
        """Re-hash every version, or those of one snapshot, and yield a verdict on each."""
        with self.read() as db:
            yield from blobs.check(db, snapshot_id)

    def check_structure(self) -> list[str]:
        """Return a line for each fault in the structure and references of the file and in its log."""
        log = wal.damage(self.path)
        with self.read() as db:
            found = [*([log] if log else []), *blobs.check_structure(db)]
        return [*found, ODD_SCHEMA] if is_damaged(self.path) else found
