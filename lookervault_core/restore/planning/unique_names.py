"""Names that Looker gives out once: which live object holds a name that another is to get, and whether it can give the name up.

Two dashboards that swapped titles cannot be put right one after the other: each title is taken until the other one is written.
So an object that the plan renames or removes gives up its name before anything else is written. Where the holder keeps its name,
an item that is there already gets everything back but the name; one that must be created or undeleted is blocked.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from lookervault_core.catalog import CATALOG, CONTENT, FOLDERS, WRITES, NaturalKey, WriteCall, lies_in_trash
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.families.roles.guard import leave
from lookervault_core.families.users.applying import SET_EMAIL
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.identity.by_natural_key import as_mark
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import FEW, Live
from lookervault_core.restore.planning.deletions import goes_to_trash

_KEEPS = {"blocked": "it is blocked itself", "conflict": "it has changed since the backup, and is left alone"}
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Held(msgspec.Struct, frozen=True):
    """A name that the item of `step` is to get while the live object `holder`, whose payload is `payload`, has it."""

    step: Step
    natural: NaturalKey
    mark: bytes
    holder: ContentKey
    payload: Mapping[str, Any]

    @property
    def field(self) -> str:
        return self.natural.fields[-1]


class UniqueNames:
    """Finds which live objects hold the names that a plan gives to others, in the listings that planning has read.

    *removable* says whether an exact restore would remove a live object that this one leaves. `blocked` are the steps that wait
    for a name; `given_up` says, by item and field, why the rest of an item comes back without it.
    """

    def __init__(
        self, backup: Backup, live: Live, destination: Destination, removable: Callable[[ContentKey], bool]
    ) -> None:
        self._backup = backup
        self._live = live
        self._destination = destination
        self._removable = removable
        self._searches: dict[tuple[str, ...], dict[str, bytes]] = {}
        self.blocked: dict[ContentKey, Step] = {}
        self.given_up: dict[ContentKey, dict[str, str]] = {}

    def given_out(self, plan: Plan) -> Plan | None:
        """Return *plan* in which each object that holds another item's name gives it up first.

        None if an object keeps such a name: `blocked` and `given_up` are then set, and the plan has to be made once more."""
        steps = _by_live_object(plan)
        names: dict[tuple[str, ContentKey], dict[str, str]] = {}
        kept: list[tuple[Held, Step | None]] = []
        for held in self._held_names(plan):
            of_holder = steps.get(held.holder, [])
            step = next((one for one in of_holder if self._renames_aside(held, one)), None)
            if step is None:
                kept.append((held, of_holder[0] if of_holder else None))
            elif call_for(step.content_type, held.field) is not None:
                names.setdefault((step.action, step.key), {})[held.field] = _for_the_time_being(held, step)
        if kept:
            self._do_without(kept)
            return None
        return Plan(tuple(_letting_go(step, names.get((step.action, step.key))) for step in plan.steps))

    def _do_without(self, kept: Sequence[tuple[Held, Step | None]]) -> None:
        everything = self._destination.everything()
        ours = {ContentKey(key.content_type, live_id): key.id for key, live_id in everything.items()}
        reasons: dict[ContentKey, dict[str, str]] = {}
        for held, step in kept:
            reason = f"{self._who(held)} has this {held.field}"
            if not held.natural.in_trash:
                reason += f"; {self._advice(held, step, ours)}"
            reasons.setdefault(held.step.key, {}).update(dict.fromkeys(held.natural.fields, reason))
        for step in {held.step.key: held.step for held, _ in kept}.values():
            names = reasons[step.key]
            more = step.action == "update" and any(change.path not in names for change in step.fields)
            if more or not self.is_owed(step.content_type, names):
                self.given_up.setdefault(step.key, {}).update(names)
            else:
                reason = "; ".join(dict.fromkeys(names.values()))
                self.blocked[step.key] = structs.replace(step, action="blocked", calls=0, reason=reason)

    def leave_out(self, one: Difference) -> None:
        """Take the names that another live object keeps out of a difference, and name them as lost."""
        for field, reason in self.given_up.get(ContentKey(one.content_type, one.source.id), {}).items():
            if one.live is not None or not self.is_owed(one.content_type, {field}):
                leave(one, field, reason)

    def is_owed(self, content_type: str, names: Container[str]) -> bool:
        """Return whether an object cannot do without one of the fields *names*; it can do without a slug."""
        return any(
            not natural_key.in_trash and natural_key.fields[-1] in names for natural_key in WRITES[content_type].natural
        )

    def _renames_aside(self, held: Held, step: Step) -> bool:
        """Return whether *step* gives the holder another name, or removes it."""
        if step.action == "remove":
            return True
        renamed = any(change.path in held.natural.fields for change in step.fields)
        return step.writes and renamed and as_mark(self._naming(step), held.natural.fields) != held.mark

    def _keeps_its_own(self, held: Held, step: Step) -> bool:
        return any(field in self.given_up.get(step.key, ()) for field in held.natural.fields)

    # Who has it -----------------------------------------------------------------------------------------------------------

    def _held_names(self, plan: Plan) -> Iterator[Held]:
        for name in plan.types():
            facts = WRITES[name]
            for natural in facts.natural:
                written = natural.fields[-1] in (*facts.writable, *facts.forced)
                if natural.unique and written and CATALOG[name].id_field == "id":
                    yield from self._held(name, natural, plan.of(name))

    def _held(self, name: str, natural: NaturalKey, steps: Iterable[Step]) -> Iterator[Held]:
        giving = [(self._naming(step), step) for step in steps if self._gives(step, natural)]
        needed = {as_mark(ours, natural.fields): step for ours, step in giving}
        texts = {str(ours[natural.fields[-1]]).casefold() for ours, _ in giving}
        for listing in self._listings(name, natural, [ours for ours, _ in giving]) if giving else ():
            for item_id, body in listing.items():
                holder = ContentKey(name, item_id)
                payload = self._if_called(holder, body, natural.fields[-1], texts)
                if payload is None:
                    continue
                mark = as_mark(self._destination.naming(name, payload, ours=False), natural.fields)
                if mark is not None and mark in needed and needed[mark].destination_id != item_id:
                    yield Held(needed[mark], natural, mark, holder, payload)

    def _gives(self, step: Step, natural: NaturalKey) -> bool:
        """Return whether *step* gives its object a name that it does not have yet."""
        if step.action == "create":
            return not self.given_up.get(step.key, {}).keys() & set(natural.fields)
        has_it = step.action == "update" or natural.in_trash  # else it lies in the trash, and its name is free
        return not has_it or any(change.path in natural.fields for change in step.fields)

    def _naming(self, step: Step) -> dict[str, Any]:
        """Return the fields that name the item of a step, as the destination is to have them."""
        return self._destination.naming(step.content_type, self._backup.wanted(step.key).decoded, ours=True)

    def _listings(self, name: str, natural: NaturalKey, ours: list[dict[str, Any]]) -> Iterator[Mapping[str, bytes]]:
        """Yield the listings of a type. Of a few dashboards or looks that are named one by one there is none yet: then only what
        is in the folders concerned."""
        values = {str(one[natural.fields[0]]) for one in ours}
        if self._live.is_listed(name) or name not in CONTENT or len(values) > FEW:
            yield self._live.rows(name)
            if natural.in_trash:
                yield self._live.trash(name)
            return
        for value in sorted(values):
            for deleted in ("false", "true") if natural.in_trash else ("false",):
                yield self._search(name, {natural.fields[0]: value, "deleted": deleted})

    def _search(self, name: str, where: dict[str, str]) -> dict[str, bytes]:
        asked = (name, *where.values())
        if asked not in self._searches:
            self._searches[asked] = self._live.searched(name, where, {"title", "folder_id", *where})
        return self._searches[asked]

    def _if_called(self, key: ContentKey, body: bytes, field: str, texts: set[str]) -> dict[str, Any] | None:
        """Return a live object decoded if its *field* may say one of *texts*; no more of it is decoded to learn that."""
        if not body:  # it equals the backup's
            is_called = self._backup.rows(key.content_type)[key.id].name.casefold() in texts
            whole = body_of(self._live, self._backup, key.content_type, key.id) if is_called else None
            return decode(whole) if whole else None
        value = _fields.decode(body).get(field)
        return decode(body) if value is not None and str(decode(bytes(value))).casefold() in texts else None

    # What to say of it ----------------------------------------------------------------------------------------------------

    def _advice(self, held: Held, step: Step | None, ours: Mapping[ContentKey, str]) -> str:
        if step is not None and step.action in _KEEPS:
            return f"it keeps it: {_KEEPS[step.action]}"
        if step is not None and self._keeps_its_own(held, step):
            return "it keeps it: the one that it had is taken as well"
        known_as = self._known_as(held, ours)
        if known_as:
            return f'in the backup it is "{known_as}": restore it too, or rename or remove it'
        if not held.natural.in_trash and self._removable(held.holder):
            return "rename or remove it, or use --exact, which removes it: the backup does not have it"
        return "rename or remove it, then try again"

    def _known_as(self, held: Held, ours: Mapping[ContentKey, str]) -> str:
        """Return what the backup calls the holder, or "" if it does not have it, or has it under the same name."""
        same_instance = self._destination.rules.same_instance
        item_id = ours.get(held.holder, held.holder.id if same_instance else "")
        row = self._backup.rows(held.holder.content_type).get(item_id)
        return row.name if row is not None and row.name != _name(held) else ""

    def _who(self, held: Held) -> str:
        folder_id = held.payload.get("folder_id") or held.payload.get("parent_id")
        where = f" in folder {self._folder(str(folder_id))}" if folder_id else ""
        trash = ", which lies in the trash," if lies_in_trash(held.payload) else ""
        return f'{CATALOG[held.holder.content_type].singular} {held.holder.id} "{_name(held)}"{where}{trash}'

    def _folder(self, folder_id: str) -> str:
        """Return a folder's id and, as far as that needs no call, its name."""
        body = self._live.rows(FOLDERS).get(folder_id) if self._live.is_listed(FOLDERS) else None
        row = self._backup.rows(FOLDERS).get(folder_id) if self._destination.rules.same_instance else None
        name = decode(body).get("name") if body else row.name if row is not None else ""
        return f'{folder_id} "{name}"' if name else folder_id


def _by_live_object(plan: Plan) -> dict[ContentKey, list[Step]]:
    """Return the steps of each live object: of one that an undo writes and removes, the removal before the other."""
    found: dict[ContentKey, list[Step]] = {}
    for step in sorted(plan.steps, key=lambda step: step.action != "remove"):
        if step.destination_id:
            found.setdefault(ContentKey(step.content_type, step.destination_id), []).append(step)
    return found


def _letting_go(step: Step, names: dict[str, str] | None) -> Step:
    if not names:
        return step
    at_once = step.action == "remove" and goes_to_trash(step.content_type)
    fields = " and ".join(names)
    why = f"it goes first, for its {fields}" if at_once else f"it lets go of its {fields} first, which"
    reason = "; ".join(filter(None, (step.reason, f"{why} is to be another one's")))
    calls = step.calls + any(is_let_go_of(step, field) for field in names)
    return structs.replace(step, reason=reason, renamed_aside=tuple(names.items()), calls=calls)


def is_let_go_of(step: Step, field: str) -> bool:
    """Return whether *step* must rename its object in *field*; an object that goes into the trash frees all names but its slug."""
    if step.action != "remove" or not goes_to_trash(step.content_type):
        return True
    return any(
        natural_key.in_trash and natural_key.fields[-1] == field for natural_key in WRITES[step.content_type].natural
    )


def call_for(content_type: str, field: str) -> WriteCall | None:
    """Return the call that gives an object of a type another name in *field*, if there is one."""
    if field == "email":
        return SET_EMAIL
    return WRITES[content_type].update if field in WRITES[content_type].writable else None


def _for_the_time_being(held: Held, step: Step) -> str:
    name = held.payload[held.field]
    return f"restoring_{step.id}_{name}" if held.field == "email" else f"{name}_restoring_{step.id}"


def _name(held: Held) -> str:
    fields = CATALOG[held.holder.content_type].name_fields
    return next((str(held.payload[field]) for field in fields if held.payload.get(field)), "")
