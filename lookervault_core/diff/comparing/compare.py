"""Compare a document of the backup with the live one, children included: which fields to send, to which object.

Which nested objects are the same is settled first. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from lookervault_core.catalog import HUBS, LEADS_TO, STRUCTURES, WRITES, Collection, Ref, WriteFacts
from lookervault_core.diff.comparing.dangling import dangling
from lookervault_core.diff.comparing.match import match_children
from lookervault_core.diff.comparing.taken import refusal, taken
from lookervault_core.diff.comparing.unkept import leave_refused, leave_unkept
from lookervault_core.diff.comparing.unmapped import unmapped
from lookervault_core.diff.difference import ORDERS, SIBLINGS, Difference, Lack, Rules, mapped
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.edited import is_edited
from lookervault_core.diff.documents.fields import equal, same
from lookervault_core.diff.documents.references import Resolve, action_of, find, hub_of
from lookervault_core.diff.known import Answers, Known
from lookervault_core.diff.rows import among, name_beyond, row_key
from lookervault_core.families.comparisons import comparison_of
from lookervault_core.families.delivery.applied_filters import APPLIED, without_untitled

NEVER_CHANGED = "this release of Looker takes it only while such an object is made"
NO_ORDER = "nobody had set an order then, and Looker keeps the one that it has"
NOT_ITS_OWN = "it belongs to the API user, by --owner me"
UNREADABLE = "Looker hides the value by now: one that is there is not overwritten, for nobody can read what it is"


def compared(content_type: str, source: Doc, live: Doc | None, answers: Answers, rules: Rules) -> Difference:
    """Return the difference that makes *live* equal *source*, once *answers* has said all that comparing asks of other objects.

    It compares again until no question is open, two or three times; payloads with equal bytes are not compared at all.
    """
    known = Known()
    while True:
        difference = compare(content_type, source, live, known, rules)
        if not known.asked:
            return difference
        found = {question: answers.answer(question.ask, *question.about) for question in known.asked}
        known = Known(known.answers | found)


def compare(content_type: str, source: Doc, live: Doc | None, known: Known, rules: Rules) -> Difference:
    """Return the difference that makes *live* equal *source*; *known* has what was found out about other objects."""
    rules, resolve = msgspec.structs.replace(rules, known=known), known.resolve
    found: dict[tuple[str, str], str] = {}
    nested = {child.content_type for one in _nested(content_type) for child in WRITES[one].children}

    def scoped(kind: str, item_id: str) -> str | None:
        return found.get((kind, item_id)) if kind in nested else resolve(kind, item_id)

    special, astray = comparison_of(content_type), {}
    if live is not None:
        live, astray = special.within(source, live, rules)
    tree = Difference(content_type, source, live)
    level = [tree]
    while level:
        level = [child for one in level for child in match_children(one, found, astray, scoped, rules)]
    special.paired(tree, rules)
    for one in tree.walk():
        _set_fields(one, scoped, rules)
        comparison_of(one.content_type).fields(one, resolve, rules)
    special.compared(tree, rules)
    leave_unkept(tree, rules.unkept)
    leave_refused(tree, rules.refused)
    return tree


def _nested(content_type: str) -> Iterator[str]:
    yield content_type
    for child in WRITES[content_type].children:
        yield from _nested(child.content_type)


def _set_fields(one: Difference, resolve: Resolve, rules: Rules) -> None:
    facts = WRITES[one.content_type]
    one.changed = {}
    if _stands_as_it_was(facts, one, resolve, rules):
        return
    old_values = one.live.fields if one.live else {}
    differing = {f: v for f, v in one.source.fields.items() if not _untouched(facts, one, f, rules)}
    known, lacks = _without_lacking(one, differing, resolve, rules)
    one.lacks = [lack for lack in lacks if not lack.optional]
    # What is missing in an order is a part that could not be made, and is named as that.
    one.absent = [lack for lack in lacks if lack.optional and lack.field not in ORDERS]
    one.lost |= {lack.path: f"{lack.content_type} {lack.id} is not there" for lack in one.absent}
    one.lost |= _given_away(one, resolve, rules)
    one.lost |= unmapped(one.content_type, known, rules)
    one.dangling = list(dangling(one, lacks, rules))
    waiting: set[str] = set()
    for field, value in mapped(one.content_type, known, resolve, rules, waiting=waiting).items():
        if field == "permissions" and rules.permissions is not None:
            value = _known_permissions(one, value, rules.permissions.union(old_values.get(field) or ()))
        if field == APPLIED:
            value, untitled = without_untitled(value, old_values.get(field))
            one.lost |= untitled
        fit = taken(one, field, value, old_values.get(field), rules)
        one.lost |= fit.lost
        new, old = _with_extras(one, field, fit.new, resolve, rules), fit.old
        if not rules.same_instance and any(ref.kind == "hub" for ref in _refs_of(facts.name).get(field, ())):
            new = _with_live_hubs(one, field, new, old, resolve)
        if one.live is None:
            if new is None:  # what is not sent is null
                continue
        elif same(one.content_type, field, new, old, rules.learned.free_form(one.content_type, field)) or _same_query(
            one, field, new, resolve, rules
        ):
            continue
        if field in facts.unsent:
            if new or one.live is not None:
                one.lost[field] = facts.unsent[field]
        elif field in ORDERS and one.live is not None and one.source.fields[field] is None:
            one.lost[field] = NO_ORDER
        elif reason := refusal(one.content_type, field, rules):
            one.lost[field] = reason
        elif one.live is not None and field in rules.learned.never_changed(one.content_type):
            one.lost[field] = NEVER_CHANGED
        elif one.live is not None and field in facts.fixed and not _takes_back(one, field, new, rules):
            one.lost[field] = facts.fixed[field]
        elif old_values.get(field) and field in facts.lasting:
            one.lost[field] = facts.lasting[field]
        elif (
            new is None
            and field in facts.additions
            and one.live
            and not rules.removes(one.content_type, one.live.id, field)
        ):
            one.lost[field] = facts.additions[field]
        else:
            one.changed[field] = fit.body if new is fit.new else new
    one.waits = not waiting.isdisjoint(one.changed)
    trashed = one.live is not None and one.live.trashed
    one.lacks = [lack for lack in one.lacks if lack.field in one.changed or trashed]
    one.lost |= _lost_secrets(facts, one.changed)
    if one.changed.get("enabled") and _goes_through_unknown_hub(one, resolve):
        del one.changed["enabled"]
        one.lost["enabled"] = "it goes through an action hub that is not known here: look at it, then switch it on"


def _given_away(one: Difference, resolve: Resolve, rules: Rules) -> dict[str, str]:
    """Return the loss of the owner where an object is to belong to somebody else."""
    owners = ((ref, one.source.fields.get(ref.field)) for ref in WRITES[one.content_type].references if ref.is_owner)
    lost = (ref.field for ref, owner in owners if owner and resolve(ref.to, str(owner)) != rules.owner)
    return dict.fromkeys(lost, NOT_ITS_OWN) if rules.owner else {}


def _with_live_hubs(one: Difference, field: str, new: Any, old: Any, resolve: Resolve) -> Any:
    """The number of an action hub that is not known on another instance means nothing there: a destination of the same action
    keeps the hub that it has there, and one that is made anew is named as lost."""
    hubs = {action_of(row.get("type")): row["type"] for row in old or () if action_of(row.get("type"))}
    rows = []
    for number, (row, ours) in enumerate(zip(new or (), one.source.fields[field] or (), strict=True)):
        action, hub = action_of(row.get("type")), hub_of(ours.get("type"))
        unknown = hub is not None and resolve(HUBS, hub) is None
        if unknown and action not in hubs:
            one.lost[f"{field}[{number}].type"] = "its action hub is not known here: choose the action again"
        rows.append({**row, "type": hubs[action]} if unknown and action in hubs else row)
    return rows


def _goes_through_unknown_hub(one: Difference, resolve: Resolve) -> bool:
    refs = [ref for ref in WRITES[one.content_type].references if ref.kind == "hub"]
    return any(resolve(hub.content_type, hub.id) is None for hub in find(one.source.fields, refs))


def _known_permissions(one: Difference, wanted: list[str], known: frozenset[str]) -> list[str]:
    """Return the permissions among those *known*, and name the others as lost. What a set has there is known, listed or not."""
    unknown = [name for name in wanted if name not in known]
    if unknown:
        one.lost["permissions"] = f"this release of Looker does not have {', '.join(unknown)}"
    return [name for name in wanted if name in known]


def _lost_secrets(facts: WriteFacts, changed: Mapping[str, Any]) -> dict[str, str]:
    """Rows that are sent replace all that are there, and their secrets with them."""
    return {
        f"{field}[{number}].secret_parameters": f"the secret of its {row['type']} destination is in no backup: Looker never "
        "shows it; enter it again, or deliveries fail"
        for field, kinds in facts.secrets.items()
        for number, row in enumerate(changed.get(field) or ())
        if row.get("type") in kinds
    }


def _stands_as_it_was(facts: WriteFacts, one: Difference, resolve: Resolve, rules: Rules) -> bool:
    """Return whether an object is as in the backup and all that it names has the id that it had: no field need be looked at."""
    if one.live is None or one.live.trashed or not rules.same_instance or not equal(one.source.fields, one.live.fields):
        return False
    siblings, others = _named_by(facts.name)
    if not all(map(rules.known.still, others)):
        return False
    return all(resolve(named.content_type, named.id) == named.id for named in find(one.source.fields, siblings))


@cache
def _named_by(content_type: str) -> tuple[tuple[Ref, ...], tuple[str, ...]]:
    """Return the references of a type to parts of the same object, and the types of everything else that it names by id."""
    refs = WRITES[content_type].references
    others = (ref for ref in refs if ref.to not in SIBLINGS and ref.kind != "name")
    kinds = (kind for ref in others for kind in LEADS_TO.get(ref.kind, (ref.to,)))
    return tuple(ref for ref in refs if ref.to in SIBLINGS), tuple(dict.fromkeys(kinds))


def _untouched(facts: WriteFacts, one: Difference, field: str, rules: Rules) -> bool:
    """On one instance an equal value names the same objects, so nobody need be asked whether they are there, unless one of
    them got another id. What lies in the trash does not hold what it needs, such as its folder."""
    if not rules.same_instance or one.live is None or not equal(one.source.fields[field], one.live.fields.get(field)):
        return False
    refs = _refs_of(facts.name).get(field)
    if refs is None:
        return True
    if any(ref.to in SIBLINGS or not all(map(rules.known.still, LEADS_TO.get(ref.kind, ()))) for ref in refs):
        return False
    if one.live.trashed and not all(ref.optional for ref in refs):
        return False
    named = [ref for ref in refs if ref.kind not in LEADS_TO]
    return not any(_is_off(r.content_type, r.id, rules) for r in find(one.source.fields, named))


def _is_off(content_type: str, item_id: str, rules: Rules) -> bool:
    """Return whether an object is not there any more under the id that it had, or lies in the trash since."""
    if rules.known.renamed(content_type, item_id) not in (None, item_id):
        return True
    known = rules.known
    return not known.still(content_type) and (known.gone(content_type, item_id) or known.trashed(content_type, item_id))


@cache
def _refs_of(content_type: str) -> dict[str, list[Ref]]:
    """Return the references of a type by the field that holds them."""
    found: dict[str, list[Ref]] = {}
    for ref in WRITES[content_type].references:
        found.setdefault(ref.field, []).append(ref)
    return found


def _without_lacking(
    one: Difference, fields: dict[str, Any], resolve: Resolve, rules: Rules
) -> tuple[dict[str, Any], list[Lack]]:
    """Return *fields* without the references to what is not there that need not be written, and everything that is not there.

    A nested object that is there goes on naming what it names now, where nobody can bring back what it named. So does what an undo
    cannot put back, because it was gone before the restore already.
    """
    lacks: list[Lack] = []
    stands = one.live is not None and one.content_type in SIBLINGS
    undoes = one.live is not None and rules.made is not None
    for ref in WRITES[one.content_type].references:
        if ref.kind != "id" or ref.field not in fields or (rules.owner and ref.is_owner):
            continue
        gone = {r.id for r in find(fields, (ref,)) if resolve(r.content_type, r.id) is None}
        nobody = _names_nobody(one.live, ref, resolve) if gone and undoes else ""
        if nobody:
            if gone != {nobody}:
                one.lost[ref.path] = (
                    f"{ref.to} {', '.join(sorted(gone))} is not there; it names {nobody}, which is gone as well"
                )
            fields = _dropped(fields, ref, gone, one.live)
            continue
        spared = {
            name for name in gone if ref.optional or undoes or (stands and not rules.known.in_backup(ref.to, name))
        }
        if spared and ref.needs_one and not _dropped(fields, ref, spared, one.live).get(ref.field):
            spared = set()
        path = ref.path if isinstance(fields[ref.field], Mapping) else ref.field
        lacks += [Lack(ref.to, name, ref.field, path, name in spared) for name in sorted(gone)]
        if spared:
            fields = _dropped(fields, ref, spared, one.live)
    return fields, lacks


def _names_nobody(live: Doc | None, ref: Ref, resolve: Resolve) -> str:
    """Return what is gone and a live object names where there is room for one id, "" if there is nothing of the kind: it is as good
    as anything else that is gone."""
    now = live.fields.get(ref.field) if live is not None else None
    if isinstance(now, Mapping):
        now = now.get(ref.path.rpartition(".")[2])
    is_gone = bool(now) and isinstance(now, (str, int)) and resolve(ref.to, str(now)) is None
    return str(now) if is_gone else ""


def _dropped(fields: dict[str, Any], ref: Ref, gone: set[str], live: Doc | None) -> dict[str, Any]:
    """Return *fields* without what names those that are *gone*: the field, the rows of a list, or what stands inside of an object,
    which goes on naming what it names now."""
    value = fields[ref.field]
    rest = {key: one for key, one in fields.items() if key != ref.field}
    last = ref.path.rpartition(".")[2] if "." in ref.path else ""
    if isinstance(value, Mapping):
        now = (live.fields.get(ref.field) or {}).get(last) if live is not None else None
        return {**rest, ref.field: {**value, last: now}}
    if not isinstance(value, list):
        return rest
    return {**rest, ref.field: [row for row in value if str(row.get(last) if last else row) not in gone]}


def _same_query(one: Difference, field: str, new: Any, resolve: Resolve, rules: Rules) -> bool:
    """Queries never change, so an equal id is an equal query, unless its colours moved to another collection, or somebody has
    edited the query in an export: then what it says is a new query."""
    if field not in STRUCTURES or one.live is None or new != one.source.fields.get(field):
        return False
    if "sources" in one.live.fields and not one.live.fields.get(field):
        return False  # the query behind the look that the tile shows now is not its own
    if field == "query" and rules.same_instance and is_edited(new, one.live.fields.get(field)):
        return False
    ours, theirs = ((doc.query_id if field == "query" else doc.merge_id) for doc in (one.source, one.live))
    return bool(theirs) and resolve(STRUCTURES[field], ours) == theirs


def _with_extras(one: Difference, field: str, new: Any, resolve: Resolve, rules: Rules) -> Any:
    """Return the rows to write: those that only the live side has stay, at the end, unless they are to go."""
    collection = _collection(WRITES[one.content_type], field)
    old = one.live.fields.get(field) if one.live else None
    if collection is None or one.live is None or not isinstance(new, list) or not isinstance(old, list):
        return new
    new = _without_unreadable(one, collection, new)
    have = {row_key(collection, row) for row in new}
    owner = (ORDERS[field],) if field in ORDERS else (one.content_type, one.live.id)
    kept = _unread(one, collection, resolve, rules) | {(key,) for key in one.trashed(ORDERS.get(field, ""))}
    rest = [row for row in old if row_key(collection, row) not in have]
    staying = [row for row in rest if (key := row_key(collection, row)) in kept or not rules.removes(*owner, *key)]
    if field in ORDERS:
        return among(new, staying, old, rules)
    if field not in WRITES[one.content_type].fixed:
        name_beyond(one, collection, [row for row in staying if row_key(collection, row) not in kept], rules)
    return new + staying


def _takes_back(one: Difference, field: str, new: Any, rules: Rules) -> bool:
    """Return whether an undo only takes rows out of a list, all of which the restore has put in."""
    is_list = _collection(WRITES[one.content_type], field) is not None
    return rules.made is not None and is_list and set(new) <= set(one.live.fields.get(field) or () if one.live else ())


def _without_unreadable(one: Difference, collection: Collection, rows: list[Any]) -> list[Any]:
    """Return *rows* without those of which Looker does not show by now what is in them: nothing could bring that back if it were
    overwritten."""
    unreadable = {(str(key),) for key in one.live.fields.get(collection.unread) or ()} if one.live else set()
    readable = [row for row in rows if row_key(collection, row) not in unreadable]
    if len(readable) < len(rows):
        one.lost[collection.field] = UNREADABLE
    return readable


def _unread(one: Difference, collection: Collection, resolve: Resolve, rules: Rules) -> set[tuple[Any, ...]]:
    """Return the keys of the rows that the backup knows of without what is in them."""
    if not collection.unread:
        return set()
    fields = {collection.unread: one.source.fields.get(collection.unread) or []}
    return {(str(key),) for key in mapped(one.content_type, fields, resolve, rules)[collection.unread]}


def _collection(facts: WriteFacts, field: str) -> Collection | None:
    return next((c for c in facts.collections if c.field == field), None)
