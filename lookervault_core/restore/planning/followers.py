"""What names an object that is made anew and is no item to restore itself: it follows, that is, it gets the new id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile

import msgspec

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.calls import calls_of
from lookervault_core.diff.describe import describe, losses
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.naming import kinds_named
from lookervault_core.diff.plan import Found, Plan, Step, Wanted, make_plan
from lookervault_core.families.identities import identity_of
from lookervault_core.families.rooms import room_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.second_pass import Burying
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.changed_ids import Pending, nested_in
from lookervault_core.restore.planning.referrers import Referrer, Referrers
from lookervault_core.restore.planning.sides import Sides
from lookervault_core.vault import Vault, id_map, restorations

_NAMED = 3
_KINDS = frozenset().union(*map(kinds_named, WRITES))


class Followers:
    """Knows who is to follow. `replaced` are the ids that this restore replaces, `names` the live objects that are written for it,
    also those that are restored and name one of them in a part that the backup does not have."""

    def __init__(self, sides: Sides, vault: Vault, session_id: str | None) -> None:
        self.replaced: frozenset[ContentKey] = frozenset()
        self.names: dict[ContentKey, str] = {}
        self.found: dict[ContentKey, Found] = {}
        self._left_out: list[ContentKey] = []
        self._sides = sides
        self._half_done = _half_done(vault, sides.target, session_id) if sides.same_instance else frozenset()

    def add(self, plan: Plan, allowed: Iterable[str], *, undoes: bool) -> Plan:
        """Return *plan* with a step for everybody who is to follow, of the types *allowed*."""
        self.names, self.found, self._left_out = {}, {}, []
        made = _to_be_made(self._sides.destination.pending, self._sides.backup, plan)
        outgrown = self._sides.destination.outgrown
        made |= {
            ContentKey(key.content_type, one) for key in made for one in outgrown(key)
        }  # Looker names it by the last
        self.replaced = (
            frozenset(made if undoes else made | self._half_done) if self._sides.same_instance else frozenset()
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

    @property
    def writes_logins(self) -> bool:
        return self._sides.writes_logins

    def left_out(self) -> Iterator[str]:
        """Yield a line if there are some of types that are left out: they go on naming what is gone."""
        if self._left_out:
            more = ", …" if len(self._left_out) > _NAMED else ""
            names = ", ".join(map(str, self._left_out[:_NAMED]))
            yield (
                f"{len(self._left_out)} of the types that are left out name what is made anew and go on naming what is gone "
                f"({names}{more}): leave those types in, and they follow"
            )

    def write(self, ctx: Context, workers: int, burying: Burying, done: Callable[[ContentKey], None]) -> None:
        """Let everybody follow, and tell *done* of each; what fails is left to *burying*."""

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
        """Return the new ids of what is made by now."""
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
    unfinished = id_map.load(vault, target, {*(one.session_id for one in since), session_id or ""})
    return frozenset(key for key, one in unfinished.items() if key.id != one and key.content_type in _KINDS)
