"""Take changes back, each alone, and keep everything that people have edited since.

Each object is to be what Looker has now, with the places of the change as they were before it. The restore engine gets that
instead of a backup, so that plan, journal, proof and undo are those of any restore. A deleted object is restored as it was, a
created one is trashed, or deleted for good if its type has no trash."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES, lies_in_trash
from lookervault_core.catalog.looking_up import origin_of
from lookervault_core.diff.document import decode, encode, known_shape
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.planning.plan import Settled, Step
from lookervault_core.errors import BlobDamaged, CodecError, LookerVaultError, NotFound, UsageError
from lookervault_core.families.delivery.hanging import deliveries_of
from lookervault_core.families.users.memberships import lists_of
from lookervault_core.history.log import Change, Teller, change
from lookervault_core.history.made_anew import MadeAnew
from lookervault_core.history.merging import Clash, Merged, Why, payload_of, taken_back
from lookervault_core.history.own_lists import OwnList, led_by_owners, own_lists
from lookervault_core.history.put_into import lying_in_since, put_into
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault


class Conflict(msgspec.Struct, frozen=True):
    """A place or object that stays, because taking it back would lose what somebody did since: its value if taken back (of a
    created object the one that it was made with), and now. `forced` says that it can be taken back all the same; `reason` says
    why in words."""

    change_id: str
    content_type: str
    id: str
    name: str
    path: str
    part: str
    wanted: Any
    now: Any
    reason: str
    why: Why

    @property
    def forced(self) -> bool:
        return self.why.forced

    def document(self) -> dict[str, Any]:
        """Return the conflict as it stands in a `--json` document."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "why"} | {"forced": self.forced}


class Reverting(msgspec.Struct, frozen=True):
    """A restore run that takes changes back; `of` names the object of each change, `conflicts` those known before the plan is
    made."""

    run: RestoreRun
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    of: dict[ContentKey, Change]

    def left_alone(self) -> tuple[Conflict, ...]:
        """Return the conflicts, together with what the plan leaves alone because no call can write or remove it."""
        steps = ((step, self.of[step.key]) for step in self.run.plan().steps if step.key in self.of)
        return (*self.conflicts, *(_refused(one, step) for step, one in steps if _stays(step)))

    @property
    def takes_nothing_back(self) -> bool:
        """Return whether nothing of the changes is taken back."""
        return bool(self.left_alone()) and not self.run.plan().changes_anything


def reverting(
    vault: Vault, looker: Looker, change_ids: Sequence[str], options: RestoreOptions | None = None, **more: Any
) -> Reverting:
    """Return the run that takes changes back, the newest first.

    A change that cannot be taken back is a conflict. If that is so of all of them, the reason is raised: UsageError if no call
    writes the object, NotFound if the vault lacks it, BlobDamaged if a version cannot be read. Raises NotFound for an unknown
    id."""
    asked = (change(vault, name) for name in change_ids)
    changes = {one.change_id: one for one in led_by_owners(vault, asked)}
    ordered = sorted(changes.values(), key=lambda one: (one.not_after, one.to_snapshot), reverse=True)
    wanted = _Wanted(vault, Live(looker), theirs=options.theirs if options else False)
    refused = [error for one in ordered if (error := wanted.try_to_take(one)) is not None]
    if refused and len(refused) == len(ordered):
        raise refused[0]
    told = msgspec.structs.replace(
        options or RestoreOptions(), exact=True, revert_of=tuple(one.change_id for one in ordered)
    )
    run = RestoreRun(vault, looker, wanted.selection(), told, backup=wanted.backup(), **more)
    return Reverting(run, tuple(ordered), tuple(wanted.conflicts), wanted.of)


def _stays(step: Step) -> bool:
    return (
        not step.writes and step.action != "remove" and step.settled is not Settled.EQUAL and step.action != "blocked"
    )


def _refused(one: Change, step: Step) -> Conflict:
    why = "; ".join(f"{path}: {loss}" for path, loss in step.lost) or step.reason
    return Conflict(one.change_id, one.content_type, one.id, one.name, "", "", None, None, why, Why.REFUSED)


class _Wanted:
    """Gathers what each object is to be, one change after the other."""

    def __init__(self, vault: Vault, live: Live, *, theirs: bool) -> None:
        self._vault, self._live, self._theirs = vault, live, theirs
        self._anew = MadeAnew(vault, live)
        self.conflicts: list[Conflict] = []
        self._payloads: dict[ContentKey, bytes] = {}
        self._also: dict[ContentKey, int] = {}
        self._restored: list[ContentKey] = []
        self._removed: dict[ContentKey, int] = {}
        self.of: dict[ContentKey, Change] = {}

    def try_to_take(self, one: Change) -> LookerVaultError | None:
        """Take a change back in what is wanted. Where it cannot be, note it as left alone, want nothing of it and return why."""
        before = {name: copy.copy(getattr(self, name)) for name in _GATHERED}
        try:
            self.take(one)
        except (UsageError, NotFound, BlobDamaged, CodecError) as exc:
            vars(self).update(before)
            self._clash(one, _whole(Why.REFUSED, str(exc).removeprefix(f"change {one.change_id}: ")))
            return exc
        return None

    def take(self, one: Change) -> None:
        """Take a change back in what is wanted."""
        if one.content_type not in WRITES:
            raise UsageError(f"change {one.change_id}: {_unwritable(one)}")
        {"created": self._uncreate, "deleted": self._undelete}.get(one.kind, self._unchange)(one)

    def selection(self) -> Selection:
        return Selection(
            keys=tuple(self._restored),
            bare=tuple(key for key in self._payloads if key not in self._restored),
            deletions=tuple(self._removed),
            deliveries=True,
        )

    def backup(self) -> Backup:
        """Return a backup of the newest snapshots, in which objects that are taken back are as they are to be."""
        snapshots = {one: found.snapshot_id for one in CATALOG if (found := self._vault.speaking_snapshot(one))}
        for key, snapshot_id in self._removed.items():
            snapshots[key.content_type] = snapshot_id
        told: dict[str, Any] = {"also": self._also, "without": set(self._removed), "altered": self._payloads}
        return Backup(self._vault, None, snapshots, part_of=self._part, **told)

    def _part(self, key: ContentKey, payload: bytes) -> bytes:
        return self._payloads.get(key, payload)

    def _now(self, key: ContentKey) -> bytes | None:
        now = self._anew.now(key)
        return self._payloads.get(key) or self._live.read(now.content_type, now.id)

    def _unchange(self, one: Change) -> None:
        now = self._now(one.key)
        if now is None or lies_in_trash(decode(now)):
            self._clash(one, _whole(Why.GONE))
            return
        with self._vault.read() as db:
            teller = Teller(db)
            lists = [self._takes_list(teller, one, found) for found in own_lists(db, one)]
            if not all(lists):
                return
            found = self._merged(teller, one, decode(now))
            self._also |= dict.fromkeys(self._needed(db, one), one.from_snapshot)
        self._payloads[one.key] = found
        self.of[one.key] = one

    def _takes_list(self, teller: Teller, one: Change, own: OwnList) -> bool:
        """Return whether nobody has edited since the list of its own that an object got by a change, or got again after it lost
        one; what it lost is restored."""
        body = self._live.read(own.key.content_type, self._anew.now(own.key).id)
        rows = decode(body or b"[]")
        if rows and not self._theirs:
            with known_shape(own.key):
                doc = teller.documents.of(own.key, rows)
                kept = self._anew.doc(own.key.content_type, teller.documents.version(own.version_id), doc)
                edited = teller.differ(own.key, kept, doc)
            for edit in edited:
                self._clash(one, Clash(edit.path, edit.part, edit.old, edit.new, Why.EDITED_LIST))
            if edited:
                return False
        if not own.came:
            self._also[own.key] = one.from_snapshot
            self._restored.append(own.key)
        return True

    def _merged(self, teller: Teller, one: Change, now: Any) -> bytes:
        """Return the payload that an object is to have, and note what it cannot have."""
        before, after = self._versions(teller, one)
        body = self._anew.rows(one.content_type, decode(teller.documents.payload(one.before_version or 0)[1]))
        with known_shape(one.key):
            doc = teller.documents.of(one.key, now)
            self._anew.adopt(one.content_type, before, after, doc)
            states = (self._anew.doc(one.content_type, state, doc) for state in (before, after))
            merged = taken_back(one.content_type, *states, doc, theirs=self._theirs)
            self._note(one, merged)
            return encode(payload_of(one.content_type, merged.doc, now, doc, body))

    def _versions(self, teller: Teller, one: Change) -> tuple[Doc, Doc]:
        before, after = one.before_version, one.after_version
        if before is None or after is None:
            raise NotFound(f"change {one.change_id}: the vault does not have what was before it")
        return teller.documents.version(before), teller.documents.version(after)

    def _note(self, one: Change, merged: Merged) -> None:
        for clash in merged.clashes:
            self._clash(one, clash)

    def _clash(self, change: Change, clash: Clash) -> None:
        of_change = (change.change_id, change.content_type, change.id, change.name)
        self.conflicts.append(
            Conflict(*of_change, clash.path, clash.part, clash.wanted, clash.now, clash.reason, clash.why)
        )

    def _needed(self, db: Any, one: Change) -> Iterator[ContentKey]:
        """Yield the item and what its version before names by id only, as far as the snapshot before has it."""
        rows = db.execute(
            "SELECT l.content_type, l.id FROM version_links l JOIN content_items i USING (content_type, id)"
            " JOIN snapshot_items s USING (item_id) WHERE l.version_id = ? AND s.snapshot_id = ?",
            (one.before_version, one.from_snapshot),
        )
        yield one.key
        yield from (ContentKey(kind, item_id) for kind, item_id in rows)

    def _undelete(self, one: Change) -> None:
        now = self._now(one.key)
        if now is not None and not lies_in_trash(decode(now)):
            return  # it is there again, whoever brought it back
        before = Backup(self._vault, one.from_snapshot)
        for kind, ids in Selection.single(one.content_type, one.id).items(before).items():
            self._also |= {ContentKey(kind, item_id): one.from_snapshot for item_id in ids}
        with suppress(KeyError):
            for key in deliveries_of(before, {**_NOTHING, one.content_type: {one.id}}, damaged=True):
                self._also.setdefault(key, one.from_snapshot)
        with self._vault.read() as db:
            self._also |= dict.fromkeys(self._needed(db, one), one.from_snapshot)
        self._restored.append(one.key)
        self.of[one.key] = one
        if CATALOG[one.content_type].in_lists:
            for key in lists_of(before, {one.id}):
                self._put_into_list(one, key)

    def _put_into_list(self, one: Change, key: ContentKey) -> None:
        """Want who comes back in a list of members that they were in, beside those who are in it now."""
        now = self._now(key)
        if now is None:
            self._clash(one, Clash(str(key), "", None, None, Why.GONE))
            return
        rows = decode(now)
        if one.id not in {str(row["id"]) for row in rows}:
            self._payloads[key] = encode([*rows, {"id": one.id}])

    def _uncreate(self, one: Change) -> None:
        key = self._anew.now(one.key)
        now = self._live.read(key.content_type, key.id)
        if now is None or lies_in_trash(decode(now)):
            return  # it is gone already
        if WRITES[one.content_type].delete is None:
            raise UsageError(f"change {one.change_id}: Looker has no way to remove {one.key}")
        if not self._clashes_of(one, key, now):
            self._removed[key] = one.from_snapshot
            self.of[key] = one

    def _clashes_of(self, one: Change, key: ContentKey, now: bytes) -> bool:
        """Note what people have done to something since it was made; return whether it stays for that."""
        then, before = Backup(self._vault, one.to_snapshot), len(self.conflicts)
        with self._vault.read() as db:
            teller = Teller(db)
            doc = teller.documents.of(key, decode(now))
            made = self._anew.doc(one.content_type, teller.documents.version(one.after_version or 0), doc)
            edited = teller.differ(key, made, doc)
            filled = put_into(teller, self._live, then, key, now)
            found = [] if self._theirs else [(Why.EDITED, list(edited)), (Why.FILLED, list(filled))]
            found.append((Why.FULL, list(lying_in_since(teller, self._live, then, key))))
        for why, places in found:
            for edit in places:
                self._clash(one, Clash(edit.path, edit.part, edit.old, edit.new, why))
        return len(self.conflicts) > before


_GATHERED = ("of", "_payloads", "_also", "_restored", "_removed", "conflicts")
_NOTHING: dict[str, set[str]] = {row.name: set() for row in CATALOG.values() if row.trash}


def _whole(why: Why, words: str = "") -> Clash:
    """Return why a whole object stays."""
    return Clash("", "", None, None, why, words)


def _unwritable(one: Change) -> str:
    if origin_of(one.content_type) != one.content_type:
        return f"{one.key} was deleted for good; `lookervault restore single {origin_of(one.content_type)} {one.id}` makes it anew"
    return f"Looker has no way to write {one.content_type}"
