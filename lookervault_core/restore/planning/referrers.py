"""Which objects name which: items that a plan's items need and that it can include; and followers, live objects that name a
recreated object by its old id. A follower gets the new id, whether or not the restore includes it, in the trash too.

Looker cannot be asked who names an object, so the listings of the types that can are read, whole pages of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Any

import msgspec

from lookervault_core.catalog import (
    CATALOG,
    CONTENT,
    LEADS_TO,
    WRITES,
    lies_in_trash,
    restore_order,
)
from lookervault_core.diff.api.learned import Learned
from lookervault_core.diff.comparing.compare import compared
from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.document import decode, document, encode, known_shape
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.known import FromIds
from lookervault_core.diff.planning.calls import calls_of
from lookervault_core.diff.planning.plan import Plan, Step, make_plan
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.wording.describe import called, describe, losses
from lookervault_core.diff.wording.naming import Mention, kinds_named, may_name, mentions
from lookervault_core.diff.wording.words import Names
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.folders.backed_up import owners_of_personal
from lookervault_core.families.identities import identity_of
from lookervault_core.families.referring import referring_of
from lookervault_core.families.rooms import room_of
from lookervault_core.families.settings.leaving import leave_logins
from lookervault_core.looker.instance import Site
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.passes import Burying
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.identity.changed_ids import Pending, nested_in
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.planning.sides import Sides
from lookervault_core.restore.request import item_of, with_own_parts
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, journal, restorations

# What queries name.
_QUERIED = frozenset((*LEADS_TO["links"], *LEADS_TO["colors"]))


class Referrer(msgspec.Struct):
    """A live object that names a recreated one: `mentions` are the places, and the fields to write."""

    key: ContentKey
    name: str
    body: bytes
    trashed: bool
    mentions: tuple[Mention, ...]
    difference: Difference

    @property
    def names(self) -> tuple[ContentKey, ...]:
        return tuple(dict.fromkeys(one.key for one in self.mentions))


class Referrers:
    """Finds those who name one of *replaced*, the old ids, each with the new one. Safe for any number of threads.

    Without *logins*, login settings are left alone, and a field in them that still names an old id is a loss.
    """

    def __init__(
        self,
        live: Live,
        backup: Backup,
        replaced: Mapping[ContentKey, str],
        site: Site | None,
        learned: Learned,
        *,
        logins: bool,
    ) -> None:
        self._live, self._backup, self._site, self._logins = live, backup, site, logins
        self.replaced = replaced
        self._ids: dict[str, set[str]] = {}
        for key in replaced:
            self._ids.setdefault(key.content_type, set()).add(key.id)
        self.rules = Rules(learned=learned, site=site)
        self.answers = FromIds(self.resolve, self._renamed, lambda kind: kind not in self._ids)

    def all(self) -> Iterator[Referrer]:
        """Yield every live object that names one of the replaced ids, type by type."""
        for name in self.types():
            if not self._live.is_listed(name):
                self._live.expect(name, self._backup.digests(name))
            for source in (self._live.rows(name), self._live.trash(name)):
                for item_id in list(source):
                    found = self._of(ContentKey(name, item_id), source[item_id])
                    if found is not None:
                        yield found

    def again(self, key: ContentKey) -> Referrer | None:
        """Return the live state of an object that names a replaced id; None if it names none, or is gone."""
        body = self._live.read(key.content_type, key.id, again=True)
        return self._of(key, body) if body else None

    def types(self) -> list[str]:
        """Return the types that have a listing and can name one of the replaced ids."""
        rows = (CATALOG[name] for name in restore_order())
        listed = [row.name for row in rows if not (row.is_part or row.single)]
        return [name for name in listed if kinds_named(name) & self._ids.keys()]

    def resolve(self, content_type: str, item_id: str) -> str | None:
        """Return the new id of a recreated object; any other object has its own id."""
        return self.replaced.get(ContentKey(content_type, item_id), item_id)

    def _renamed(self, content_type: str, item_id: str) -> str | None:
        return self.replaced.get(ContentKey(content_type, item_id))

    def _of(self, key: ContentKey, listed: bytes) -> Referrer | None:
        body = listed or body_of(self._live, self._backup, key.content_type, key.id)
        if body is None:
            return None
        ids = {one for kind in kinds_named(key.content_type) for one in self._ids.get(kind, ())}
        backup = self._backup_of(key) if listed else None
        if backup is None and not may_name(body + self._behind(key, body), ids):
            return None
        try:
            with known_shape(key):
                return self._judged(key, body, backup)
        except CodecError:  # whatever is of no known shape is told of by its own step
            return None

    def _backup_of(self, key: ContentKey) -> Doc | None:
        """Return an object as the backup has it, if a part of it showed something that has a new id."""
        showed = self._ids.get(referring_of(key.content_type).showed)
        if not showed or not self._backup.has(key.content_type, key.id):
            return None
        try:
            payload = self._backup.payload(key.content_type, key.id)
            return document(key.content_type, decode(payload), key.id) if may_name(payload, showed) else None
        except (BlobDamaged, CodecError):
            return None

    def _behind(self, key: ContentKey, body: bytes) -> bytes:
        """Return what a payload names and does not show, and what holds ids too: merge queries, the query of a listed look."""
        if not self._ids.keys() & _QUERIED:
            return b""
        return referring_of(key.content_type).behind(self._live, self._backup, key, body)

    def merge(self, merge_id: str) -> Any:
        """Return a merge query by structure: from the backup if it has it, as merge queries never change, else from Looker."""
        return self._backup.readable_merge(merge_id) or self._live.merge(merge_id)

    def _judged(self, key: ContentKey, body: bytes, backup: Doc | None) -> Referrer | None:
        payload, referring = decode(body), referring_of(key.content_type)
        if self._ids.keys() & _QUERIED:
            payload = referring.whole(self._live, self._backup, key, payload)
        ours, theirs = (document(key.content_type, payload, key.id, self.merge) for _ in range(2))
        found = [one for one in mentions(key.content_type, theirs, self._site) if one.key in self.replaced]
        if backup is not None:
            found += referring.refilled(ours, theirs, backup, self._ids.get(referring.showed, ()))
        if not found:
            return None
        for doc in (ours, theirs):
            doc.trashed = False  # nothing takes it out of the trash, nor needs what it lacks there
        difference = compared(key.content_type, ours, theirs, self.answers, self.rules)
        if not self._logins:
            leave_logins(difference, found)
        trashed = lies_in_trash(payload)
        return Referrer(key, theirs.name, encode(payload), trashed, tuple(found), difference)


_NAMED = 3
_KINDS = frozenset().union(*map(kinds_named, WRITES))


class Followers:
    """Knows the followers: live objects that name a recreated object. `replaced` are the old ids, `names` the live objects that
    are written because of them, among them restored ones that name one in a nested object which the backup lacks."""

    def __init__(self, sides: Sides, vault: Vault, session_id: str | None) -> None:
        self.replaced: frozenset[ContentKey] = frozenset()
        self.names: dict[ContentKey, str] = {}
        self.found: dict[ContentKey, Found] = {}
        self._left_out: list[ContentKey] = []
        self._sides = sides
        self._half_done = _half_done(vault, sides.target, session_id) if sides.same_instance else frozenset()
        self._own = _made_by(vault, sides.target, {session_id}) if sides.same_instance and session_id else frozenset()
        self._unanswered = journal.unknown_creates(vault, sides.target)
        self._session_id = session_id

    def add(self, plan: Plan, allowed: Iterable[str], *, undoes: bool) -> Plan:
        """Return *plan* with a step for each follower of the types *allowed*."""
        self.names, self.found, self._left_out = {}, {}, []
        made = _to_be_made(self._sides.destination.pending, self._sides.backup, plan)
        made |= set(self._found_since(undoes=undoes))
        outgrown = self._sides.destination.outgrown
        made |= {
            ContentKey(key.content_type, one) for key in made for one in outgrown(key)
        }  # Looker names it by the last
        self.replaced = (
            frozenset(made | (self._own if undoes else self._half_done)) if self._sides.same_instance else frozenset()
        )
        if not self.replaced:
            return plan
        following: dict[ContentKey, Step] = {}
        steps = {_live_key(step): step for step in sorted(plan.steps, key=lambda step: step.writes)}
        types = set(allowed)
        for one in self._referrers(
            {key: self._sides.renamed(key.content_type, key.id) or NEW for key in self.replaced}
        ).all():
            step = steps.get(one.key)
            if step is not None and step.writes:
                if self._is_beyond(one, step.key):
                    self.names[one.key] = one.name
            elif step is None and one.key.content_type not in types:
                self._left_out.append(one.key)
            elif step is None or step.action == "skip":
                following[one.key] = _with_losses_of(step, self._step(one))
        self.names |= {step.key: step.name for step in following.values() if step.follows}
        others = (step for step in plan.steps if step.writes or _live_key(step) not in following)
        return make_plan([*others, *following.values()])

    def _found_since(self, *, undoes: bool) -> Iterator[ContentKey]:
        """Yield what was made by creates without an answer, and found since: nobody has followed it. The items of an undo are those
        of before it: what others have made says nothing of them."""
        for one in self._unanswered:
            found = self._sides.renamed(one.key.content_type, one.key.id)
            ours = not undoes or one.session_id == self._session_id
            if ours and one.key.content_type in _KINDS and found not in (None, one.key.id):
                yield one.key

    @property
    def writes_logins(self) -> bool:
        return self._sides.writes_logins

    def left_out(self) -> Iterator[str]:
        """Yield at most one line: followers of types that the restore leaves out, which go on naming deleted objects."""
        if self._left_out:
            more = ", …" if len(self._left_out) > _NAMED else ""
            names = ", ".join(map(str, self._left_out[:_NAMED]))
            yield (
                f"{len(self._left_out)} of the types that are left out name what is made anew and go on naming what is gone "
                f"({names}{more}): leave those types in, and they follow"
            )

    def write(self, ctx: Context, workers: int, burying: Burying, done: Callable[[ContentKey], None]) -> None:
        """Write the new ids into all followers and call *done* for each; a failure is left to *burying*."""

        def write(key: ContentKey) -> None:
            with burying(key, self.names[key]):
                self._write(ctx, key)
                done(key)

        with ThreadPoolExecutor(workers, thread_name_prefix="follow") as pool:
            list(pool.map(write, self.names))

    def _write(self, ctx: Context, key: ContentKey) -> None:
        """Give a live object the new ids of what it names, as it is now; nothing else of it is written."""
        referrers = self._referrers(self.known())
        one = referrers.again(key)
        if one is None or one.difference.empty:
            return
        wanted = Wanted(key, one.body, one.name)
        wanted._source = one.difference.source
        inner = ctx.following(referrers.resolve, referrers.answers, referrers.rules, referrers.merge)
        room_of(key.content_type).apply(inner, wanted, Found(key.id, one.body))

    def known(self) -> dict[ContentKey, str]:
        """Return the new ids of the objects that have been recreated so far."""
        met = {key: self._sides.destination.renamed(key.content_type, key.id) for key in self.replaced}
        return {key: one for key, one in met.items() if one is not None and one not in (key.id, NEW)}

    def _referrers(self, replaced: Mapping[ContentKey, str]) -> Referrers:
        rules = self._sides.rules()
        live, backup = self._sides.live, self._sides.backup
        return Referrers(live, backup, replaced, rules.site, rules.learned, logins=self._sides.writes_logins)

    def _is_beyond(self, one: Referrer, key: ContentKey) -> bool:
        payload = self._sides.backup.readable(key.content_type, key.id)
        ours = {one.key} | (nested_in(key.content_type, payload) if payload else set())
        return any(mention.holder not in ours for mention in one.mentions)

    def _step(self, one: Referrer) -> Step:
        self.found[one.key] = Found(one.key.id, one.body, one.trashed).small()
        names = [f"{CATALOG[key.content_type].singular if key.content_type in CATALOG else key.content_type} {key.id}"
                 for key in one.names]  # fmt: skip
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        where = "it lies in the trash and names" if one.trashed else "it names"
        step = Step(
            one.key.content_type,
            one.key.id,
            one.name,
            "skip" if one.difference.empty else "update",
            one.key.id,
            describe(one.difference),
            f"{where} {', '.join(names[:_NAMED])}{more}, made anew",
            lost=losses(one.difference),
            follows=not one.difference.empty,
        )
        return msgspec.structs.replace(step, calls=calls_of(one.difference, trashed=False))


def _with_losses_of(planned: Step | None, step: Step) -> Step:
    """Return the step of who is to follow with what else of it cannot be as in the backup."""
    told = dict(step.lost)
    others = tuple(row for row in planned.lost if row[0] not in told) if planned is not None else ()
    return msgspec.structs.replace(step, lost=step.lost + others)


def _live_key(step: Step) -> ContentKey:
    return ContentKey(step.content_type, step.destination_id or step.id)


def _to_be_made(pending: Pending, backup: Backup, plan: Plan) -> set[ContentKey]:
    """Return everything that a plan makes and that others can name, nested objects and palettes too."""
    idle = {step.key for step in plan.steps if not step.writes}
    made = {ContentKey(kind, one) for kind in _KINDS for one in pending.of(kind)} - idle
    return made.union(*(identity_of(k.content_type).inner(backup.readable(k.content_type, k.id) or {}) for k in made))


def _half_done(vault: Vault, target: str, session_id: str | None) -> frozenset[ContentKey]:
    """Return what restores made anew that ended before everything followed: those since the last one that came to its end, which
    followed for all before it, and the one that goes on now."""
    known = id_map.load(vault, target)
    if not known:
        return frozenset()
    sessions = restorations.newest_first(vault)
    since = takewhile(lambda one: one.status not in ("completed", "partial"), sessions)
    return _made_by(vault, target, {*(one.session_id for one in since), session_id or ""})


def _made_by(vault: Vault, target: str, sessions: set[str]) -> frozenset[ContentKey]:
    """Return what restores have made anew under another id."""
    made = id_map.load(vault, target, sessions)
    return frozenset(key for key, one in made.items() if key.id != one and key.content_type in _KINDS)


def in_trash(backup: Backup, destination: Destination, plan: Plan) -> dict[ContentKey, list[ContentKey]]:
    """Return for each item that the plan creates or undeletes the dashboards and looks that it names and that were trashed since
    the backup."""
    named = {
        step.key: [one for one in destination.checked(backup.wanted(step.key)) if one.content_type in CONTENT]
        for step in plan.steps
        if step.action in ("create", "undelete")
    }
    comes = {step.key for step in plan.steps}
    asked = {one for ones in named.values() for one in ones if backup.has(one.content_type, one.id)} - comes
    for name in CONTENT:
        destination.read(name, [one.id for one in asked if one.content_type == name])
    trashed = {one for one in asked if _is_trashed_since(backup, destination, one)}
    found = {key: [one for one in ones if one in trashed] for key, ones in named.items()}
    return {key: ones for key, ones in found.items() if ones}


def _is_trashed_since(backup: Backup, destination: Destination, key: ContentKey) -> bool:
    try:
        wanted = backup.wanted(key)
    except (BlobDamaged, CodecError):
        return False
    found = destination.find(wanted)
    return found is not None and found.trashed and not lies_in_trash(wanted.decoded)


def told_of_trash(trashed: Mapping[ContentKey, Sequence[ContentKey]], names: Names) -> Iterator[str]:
    """Yield a warning for each object in *trashed*: it names content that lies in the trash."""
    for key, ones in trashed.items():
        shown = ", ".join(called(one.content_type, one.id, names) for one in ones)
        whole = called(key.content_type, key.id, names)
        yield f"{whole}: what it shows lies in the trash ({shown}); restore that too, or use --with-dependencies"


def dependencies(destination: Destination, plan: Plan, asked: set[ContentKey]) -> list[ContentKey]:
    """Return the items of the backup that steps of *plan* need and that are not among those *asked* for."""
    backup = destination.backup
    needed = {item_of(backup, key) for step in plan.steps for key in step.needs}
    needed |= {key for keys in in_trash(backup, destination, plan).values() for key in keys}
    items = [key for key in needed if key is not None and key.content_type in WRITES]
    items += owners_of_personal(backup, items)
    return sorted({part for key in items for part in with_own_parts(backup, key)} - asked)
