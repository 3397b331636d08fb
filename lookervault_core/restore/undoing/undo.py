"""The undo of a restore: what the restore is about to change is captured first, and the undo puts that back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path

import msgspec

from lookervault_core.catalog import CATALOG, PARTS, WRITES, lies_in_trash
from lookervault_core.columns import columns, item_of
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.plan import Step
from lookervault_core.diff.planning.sides import Found
from lookervault_core.errors import NotFound
from lookervault_core.families.access_lists.owned import metadata_key
from lookervault_core.families.access_lists.since import rows_left
from lookervault_core.families.agents.links import linked_and_taken_off
from lookervault_core.families.groups.attached import naming
from lookervault_core.families.users.outliving import plans_on
from lookervault_core.model import ContentKey, Item, Range
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.changed_ids import nested_in
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import Selection
from lookervault_core.restore.undoing.by_journal import (
    WHOLE,
    Made,
    MadeFrom,
    Written,
    has_arrived,
    is_create,
    leave_edits,
    made_by,
    sent_by,
    written_by,
    written_to,
)
from lookervault_core.restore.undoing.edited_since import EditedSince
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, journal, restorations
from lookervault_core.vault.restoring.restorations import Restoration, there_before

# A snapshot that is narrowed is never the one that speaks for a type.
SCOPE = "state before a restore"
_PAGE = 500
_MARK, _LATE, _ATTACHED = "before_restore", "late", "attached"  # for the first see Session.restore


def keep_live_state(
    vault: Vault,
    session_id: str,
    found: Mapping[ContentKey, Found | None],
    live: Live,
    base_url: str,
    *,
    attached: Iterable[ContentKey] = (),
    late: bool = False,
) -> int | None:
    """Keep the live payloads of all objects that will be written, as a snapshot of its own; return its id, None if there are none.

    *attached* objects are not written themselves: they name an object that will be removed. A *late* snapshot has objects that
    changed after the restore began, and is used before the others. The state of an instance that is not the vault's own is kept
    in a file beside the vault (see `undo_path`)."""
    there = {key: one for key, one in found.items() if one is not None and one.id != NEW}
    if not there:
        return None
    with ExitStack() as stack:
        kept = _vault_for(vault, session_id, base_url, stack)
        if not late:
            _give_up_unfinished(kept)
        marks = {_MARK: session_id, _LATE: late, _ATTACHED: msgspec.to_builtins(sorted(attached))}
        snapshot_id = _keep(kept, marks, there, live)
    restorations.note_state(vault, session_id, snapshot_id)
    return snapshot_id


def _item(live: Live, key: ContentKey, found: Found) -> Item | None:
    """Return a live object as an item with all its columns: a later snapshot may hold this very version. None if it is gone."""
    payload = found.payload or live.read(key.content_type, found.id)
    if not payload:
        return None
    row = CATALOG[key.content_type]
    if row.is_answer and row.shape == "plain":
        return Item(key.content_type, found.id, payload, name=found.id if row.documents else "")
    return msgspec.structs.replace(item_of(row, columns(row, payload), payload), id=found.id)


def undo_path(vault: Vault, session_id: str) -> Path:
    """Return the path of the file in which the state of another instance is kept before a restore onto it."""
    return vault.path.with_name(f"{vault.path.stem}.undo-{session_id}.db")


class Undo(msgspec.Struct, frozen=True):
    """All that an undo needs: the snapshots that the restore made before it wrote, which items to put back from them, and which
    objects to remove or to trash again. A restore makes a snapshot each time that it begins or is resumed: `of_state` has for each
    item the one made right before the restore wrote it.

    Only the fields and rows that the restore has `written` are put back: people's other changes since stay. Of objects `attached`
    to one that is `gone` because of the restore, only the parts that name it are put back: the restore did not write them itself.
    """

    of_state: Mapping[ContentKey, int]
    selection: Selection
    made: Made
    attached: frozenset[ContentKey]
    gone: frozenset[ContentKey]
    written: Written = Written()
    edited: EditedSince = msgspec.field(default_factory=EditedSince)

    def part_of(self, key: ContentKey, payload: bytes) -> bytes:
        """Return the part of *payload*, the kept state of *key*, that is to be put back."""
        return naming(key, payload, self.gone) if key in self.attached else payload

    def leave(self, difference: Difference, renamed: Resolve) -> None:
        """Take out of a difference what the restore did not write, and what people have edited since; *renamed* gives the new id
        of a recreated object."""
        key = ContentKey(difference.content_type, difference.source.id)
        if key in self.attached:
            return
        edited = self.edited.fields(difference)
        if key not in self.gone or key in edited:  # else the undo itself makes it, under the id that people gave it
            leave_edits(self.written, difference, renamed, edited, self.edited.is_unsure, self.of_state)
        self.edited.name_added(difference)

    def worked_on(self, steps: Iterable[Step], found: Mapping[ContentKey, Found | None]) -> Iterator[str]:
        """Yield a line for each of *steps* whose object the undo deleted for good although people had edited it since the
        restore made it.

        *found* has the objects as the undo found them."""
        for step in steps:
            met = found.get(step.key)
            if met is not None and met.payload and self.edited.has_edited(step.key, met.payload):
                yield (
                    f"{step.key} “{step.name}”: the restore had made it and people have edited it since; it went for good with its "
                    "folder, and only an undo of this undo brings it back"
                )


def unsure_of(vault: Vault, session: Restoration) -> set[ContentKey]:
    """Return the items that a restore may have created although no answer was seen, and whose objects were not found since."""
    known = id_map.load(vault, session.target)
    unknown = journal.unknown_creates(vault, session.target)
    return {one.key for one in unknown if one.session_id == session.session_id and one.key not in known}


def undo_of(
    vault: Vault,
    kept: Vault,
    session: Restoration,
    met: Mapping[ContentKey, str | None],
    source: Backup | None,
    live: Live,
) -> Undo:
    """Return the undo of *session* of *vault*; *kept* is the vault with the state before it. Raises NotFound if that state is
    gone.

    *met* has the live id of each item of `unsure_of`, None if there is no such object. *source* is the backup that the session
    restored from, if it has the ids of this instance and still exists. *live* is read to find the lists of objects that a resumed
    restore had made before it was interrupted."""
    late, begun = _states_before(kept, session)
    began = journal.first_write(vault, session.session_id)
    untouched = [one for one in begun if began is None or kept.snapshot(one).started_at <= began]
    there = there_before(session).union(*(_keys(kept, one) for one in untouched))
    entries = journal.entries(vault, session.session_id)
    matched = id_map.load(vault, session.target) | {key: one for key, one in met.items() if one is not None}
    unsure = frozenset(unsure_of(vault, session) - met.keys())
    of_state = _state_of_each(kept, late, begun, entries, matched)
    before = Backup(kept, of_state=of_state)
    outlived = plans_on(source, before) if source is not None else frozenset()
    linked, taken_off = linked_and_taken_off(entries, before.readable)
    made = made_by(entries, matched, there)
    made = msgspec.structs.replace(
        made, rows=made.rows | linked, removed=made.removed | taken_off, unsure=unsure, outlived=outlived
    )
    lists = restorations.lists_left(session)
    resumed = len(begun) > len(untouched)
    gone_with = _owned_by(made.objects, before, _before_undos(kept, session), live if resumed else None)
    keys = [key for key in of_state if key not in made.objects and key not in gone_with]
    in_trash = _trashed(before)
    removable = [key for key in made.objects if WRITES[key.content_type].delete]
    was = {key: before.readable(key.content_type, key.id) for key in of_state if key.content_type in WHOLE}
    written = written_by(entries, was, lists)
    return Undo(
        of_state,
        Selection(keys=tuple(keys), deletions=(*sorted(removable), *(key for key in keys if key in in_trash))),
        made,
        _attached(kept, (*late, *begun)),
        frozenset(
            ContentKey(one.key.content_type, one.destination_id or "") for one in entries if one.action == "DELETE"
        ),
        written,
        EditedSince(
            sent_by(entries),
            _unsure_edits(kept, session),
            unproven=restorations.unproven(session),
            unanswered=_unanswered((*entries, *_undone(kept, session))),
            made=made.rows | rows_left(lists),
            rows=written.rows,
            made_from=MadeFrom(source, entries),
            sent_back=sent_by(_undone(kept, session)),
            lists=lists,
            untold=journal.made_private(vault, session.session_id) - lists.keys(),
            later=_written_later(vault, session),
        ),
    )


def _unsure_edits(kept: Vault, session: Restoration) -> frozenset[ContentKey] | None:
    """Return the objects of which nobody can say what people have edited since a restore; None: of none of all."""
    unproven = restorations.unproven(session)
    if unproven is None:
        return None
    return unproven.union(*(restorations.unproven(one) or () for one in _undos(kept, session)))


def _unanswered(entries: Iterable[journal.Entry]) -> frozenset[str]:
    """Return the types of creates that may have made something, and nobody knows under which id."""
    unknown = (one for one in entries if is_create(one) and not (one.was_refused or one.destination_id))
    return frozenset(one.key.content_type for one in unknown)


def _undone(kept: Vault, session: Restoration) -> Iterator[journal.Entry]:
    """Yield what earlier undos of a restore have written."""
    return (entry for one in _undos(kept, session) for entry in journal.entries(kept, one.session_id))


def _written_later(vault: Vault, session: Restoration) -> frozenset[ContentKey]:
    """Return what other restores onto the same instance have written to since."""
    since = takewhile(lambda one: one.session_id != session.session_id, restorations.newest_first(vault))
    others = (one for one in since if one.target == session.target and one.options.get("undo_of") != session.session_id)
    entries = (entry for one in others for entry in journal.entries(vault, one.session_id))
    return frozenset(written_to(entry) for entry in entries if not entry.was_refused)


def _undos(kept: Vault, session: Restoration) -> list[Restoration]:
    return [one for one in restorations.newest_first(kept) if one.options.get("undo_of") == session.session_id]


def _before_undos(kept: Vault, session: Restoration) -> list[Backup]:
    """Return the states that earlier undos of a restore have kept."""
    undos = {one.session_id for one in _undos(kept, session)}
    return [Backup(kept, one) for one, of in kept_states(kept).items() if of in undos]


def _owned_by(
    made: Collection[ContentKey], before: Backup, undone: Sequence[Backup], live: Live | None
) -> set[ContentKey]:
    """Return the lists of what a restore made, which go together with it: a restore that was resumed has kept their state, and that
    of what it had made itself only if that needed more; else it is as it is *live*, or was when an undo of it began."""
    owners = set(made)
    bodies = _read(live, (key for key in made if CATALOG[key.content_type].seen_by)) if live is not None else {}
    for key in made:
        kept_by = (found for one in undone if (found := one.readable(key.content_type, key.id)))
        payload = before.readable(key.content_type, key.id) or decode(bodies.get(key) or b"{}") or next(kept_by, {})
        metadata_id = payload.get("content_metadata_id") if isinstance(payload, dict) else None
        if metadata_id is not None:
            owners.add(metadata_key(metadata_id))
    lists = {
        ContentKey(part, one.id) for part in PARTS for one in owners if CATALOG[part].targets_from == one.content_type
    }
    return lists | (owners - set(made))


def _read(live: Live, keys: Iterable[ContentKey]) -> dict[ContentKey, bytes | None]:
    ids: dict[str, list[str]] = {}
    for key in keys:
        ids.setdefault(key.content_type, []).append(key.id)
    for name, some in ids.items():
        live.prefetch(name, some)
    return {ContentKey(name, one): live.read(name, one) for name, some in ids.items() for one in some}


def _attached(kept: Vault, states: Sequence[int]) -> frozenset[ContentKey]:
    """Return what the states hold only because it names something that was to go."""
    found, others = set[ContentKey](), set[ContentKey]()
    for session in kept.sessions():
        if session.snapshot_id in states:
            attached = set(msgspec.convert(session.options.get(_ATTACHED, []), list[ContentKey]))
            found |= attached
            others |= _keys(kept, session.snapshot_id).keys() - attached
    return frozenset(found - others)


def kept_states(vault: Vault) -> dict[int, str]:
    """Return the snapshots that hold the state before a restore, oldest first, with the restore's session."""
    return {one.snapshot_id: one.restore for one in reversed(vault.sessions()) if one.restore}


def _states_before(kept: Vault, session: Restoration) -> tuple[list[int], list[int]]:
    """Return the late states, and those that were kept when the restore began, oldest first. Only those that were kept whole:
    nothing was written upon one that a killed restore had only begun to keep. Raises NotFound if one of them is gone."""
    of_restore = [one for one in reversed(kept.sessions()) if one.restore == session.session_id]
    gone = sorted(restorations.noted_states(session) - {one.snapshot_id for one in of_restore})
    if gone:
        raise NotFound(
            f"session {session.session_id}: it cannot be taken back, because the state before it is gone (snapshot "
            f"{', '.join(map(str, gone))}), by `prune` maybe; restore from a snapshot of before it instead"
        )
    made = [one for one in of_restore if one.status not in ("running", "failed", "interrupted")]
    late, begun = (
        [one.snapshot_id for one in made if bool(one.options.get(_LATE)) is is_late] for is_late in (True, False)
    )
    return late, begun


def _state_of_each(
    kept: Vault,
    late: Iterable[int],
    begun: Iterable[int],
    entries: Iterable[journal.Entry],
    matched: Mapping[ContentKey, str],
) -> dict[ContentKey, int]:
    """Return for each item the last state that was kept before the restore wrote to it; both sorts of states oldest first.

    What it never wrote to is as the first has it. *matched* has the live ids of what creates without an answer made.
    """
    writes: dict[ContentKey, list[journal.Entry]] = {}
    for entry in entries:
        found_since = is_create(entry) and entry.destination_id is None and entry.key in matched
        to = ContentKey(entry.key.content_type, matched[entry.key]) if found_since else written_to(entry)
        writes.setdefault(to, []).append(entry)
    found: dict[ContentKey, int] = {}
    for one in begun:
        kept_at, backup = kept.snapshot(one).started_at.isoformat(), Backup(kept, one)
        for key in _keys(kept, one):
            payload = backup.readable(key.content_type, key.id) if key in found else None
            parts = {key} | (nested_in(key.content_type, payload) if payload else set())
            of_key = [entry for part in parts for entry in writes.get(part, ())]
            earlier = (entry for entry in of_key if entry.started_at < kept_at)
            if key not in found or (of_key and not any(has_arrived(entry, key, payload) for entry in earlier)):
                found[key] = one
    lately: dict[ContentKey, int] = {}
    for one in late:
        lately = dict.fromkeys(_keys(kept, one), one) | lately
    return found | lately


def _keys(kept: Vault, snapshot_id: int) -> dict[ContentKey, None]:
    names = kept.snapshot(snapshot_id).types
    return dict.fromkeys(item.key for name in names for item in kept.items(name, snapshot_id))


def _trashed(before: Backup) -> set[ContentKey]:
    """Return what lay in the trash when its state was kept."""
    keys = (ContentKey(name, one) for name, facts in WRITES.items() if facts.undelete for one in before.rows(name))
    bodies = ((key, before.readable(key.content_type, key.id) or {}) for key in keys)
    return {key for key, body in bodies if lies_in_trash(body)}


def _vault_for(vault: Vault, session_id: str, base_url: str, stack: ExitStack) -> Vault:
    if vault.is_of(base_url):
        return vault
    other = stack.enter_context(Vault.create_or_open(undo_path(vault, session_id)))
    other.claim_instance(base_url)
    return other


def _keep(vault: Vault, options: dict[str, object], there: Mapping[ContentKey, Found], live: Live) -> int:
    by_type: dict[str, list[tuple[ContentKey, Found]]] = {}
    for key, one in there.items():
        by_type.setdefault(key.content_type, []).append((key, one))
    session = vault.begin_session(list(by_type), [SCOPE], options)
    for name, ones in by_type.items():
        vault.set_census(session.snapshot_id, name, [one.id for _, one in ones])
        for start in range(0, len(ones), _PAGE):
            items = [item for key, one in ones[start : start + _PAGE] if (item := _item(live, key, one)) is not None]
            span = Range(name, start, start + _PAGE)
            vault.plan_ranges(session.session_id, [span])
            volatile = CATALOG[name].volatile
            vault.keep_page(session.session_id, session.snapshot_id, span, items, [], span.stop, True, volatile)
    return vault.close_snapshot(session.session_id).snapshot_id


def _give_up_unfinished(vault: Vault) -> None:
    """End the states that killed restores had only begun to keep: one run at a time has the vault, so nobody keeps them now."""
    for one in vault.sessions():
        if one.restore is not None and one.status == "running":
            vault.fail_snapshot(one.session_id, "the restore was interrupted while it kept the state before it")
