"""Compare a document of the backup with the live one, children included: which fields to send, to which object.

Matching comes first and goes level by level, because the fields of a tile name filters and tabs, and the place of a tile
names the tile. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from lookervault_core.catalog_writes import WRITES
from lookervault_core.documents import Doc, canonical
from lookervault_core.references import Ref, Reference, Resolve, action_of, find, rewrite
from lookervault_core.releases import NOT_TAKEN, QUERIES, as_taken
from lookervault_core.writes import Collection, WriteFacts

NEW = "(new)"
Writable = Callable[[str], frozenset[str] | None]
Resolvable = Callable[[str, str], bool]
# A row of a list by the type and the live id of the list's owner and by what tells it apart; a nested object by its type and id.
Row = tuple[str, ...]


class Rules(msgspec.Struct, frozen=True):
    """How to compare. `writable` says what the destination takes of a type (None: everything); `host` is our own in links.

    `exact` leaves nothing that the backup lacks; with `made` only what is named there goes, and the rest stays. Then only what is
    among the `removed` comes back into an object that is there.
    `unsure` are nested objects of the backup, by type and id, that an interrupted attempt may have made: nobody guesses which ones
    they are, for the create that had no answer is looked into before it is sent again.
    On the `same_instance` equal ids are the same object. `renamed` gives the ids that changed for sure, without asking
    Looker: links and colours follow those alone, for they may point at what was gone before the backup. `permissions` are those
    that this release has; `in_backup` knows what the backup could bring along. `copied` are the live ids of access lists that
    Looker filled when a restore made them private, with the rows of the folder above: none of those stays. `still` knows that
    no object of a type has or gets another id.
    """

    exact: bool = False
    made: frozenset[Row] | None = None
    removed: frozenset[Row] = frozenset()
    unsure: frozenset[Row] = frozenset()
    same_instance: bool = True
    writable: Writable = lambda _: None
    renamed: Resolve = lambda *_: None
    permissions: frozenset[str] | None = None
    host: str | None = None
    still: Callable[[str], bool] = lambda _: False
    in_backup: Resolvable = lambda *_: False
    copied: Container[str] = ()

    def removes(self, *row: str) -> bool:
        """Return whether a row or a nested object that the backup lacks is to go."""
        return self.is_copied(row[0], row[1]) or (self.exact and (self.made is None or row in self.made))

    def is_copied(self, content_type: str, live_id: str) -> bool:
        """Return whether an object is an access list with rows that Looker copied into it."""
        return content_type == "content_metadata_accesses" and live_id in self.copied

    def leaves_out(self, parent: Difference, kind: str, item_id: str) -> bool:
        """Return whether a nested object that is not there is to stay away: an undo brings back what the restore removed."""
        stood = parent.live is not None and parent.live.id == parent.source.id
        return self.made is not None and stood and kind != _PLACE and (kind, item_id) not in self.removed


class Lack(msgspec.Struct, frozen=True):
    """An object that a field names and that the destination does not have."""

    content_type: str
    id: str
    field: str
    optional: bool = False


class Difference(msgspec.Struct):
    """What one object lacks to be as in the backup. `live` is None where it must be created.

    `changed` holds the new values with references mapped; `lost` says by field why it cannot be as in the backup; `lacks`
    are the objects without which this one cannot be written, `absent` those that it can be written without.
    `children` are the nested objects that the backup has, `extras` live ones that it does not have.
    """

    content_type: str
    source: Doc
    live: Doc | None
    changed: dict[str, Any] = {}
    lost: dict[str, str] = {}
    lacks: list[Lack] = []
    absent: list[Lack] = []
    children: list[Difference] = []
    extras: list[tuple[str, Doc]] = []

    @property
    def empty(self) -> bool:
        return self.live is not None and not self.changed and not self.extras and all(c.empty for c in self.children)

    def of(self, content_type: str) -> list[Difference]:
        return [child for child in self.children if child.content_type == content_type]

    def walk(self) -> Iterator[Difference]:
        """Yield this object and everything nested in it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def compare(content_type: str, source: Doc, live: Doc | None, resolve: Resolve, rules: Rules) -> Difference:
    """Return what makes *live* equal *source*; *resolve* gives the destination's id of anything outside of this object."""
    found: dict[tuple[str, str], str] = {}
    nested = {child.content_type for one in _nested(content_type) for child in WRITES[one].children}

    def scoped(kind: str, item_id: str) -> str | None:
        return found.get((kind, item_id)) if kind in nested else resolve(kind, item_id)

    tree = Difference(content_type, source, live)
    level = [tree]
    while level:
        level = [child for one in level for child in _match_children(one, found, scoped, rules)]
    _hide_what_had_no_place(tree)
    for one in tree.walk():
        _set_fields(one, scoped, rules)
    return tree


def mapped(content_type: str, fields: dict[str, Any], resolve: Resolve, rules: Rules) -> dict[str, Any]:
    """Return *fields* with every reference replaced by the destination's id, as far as it is known."""
    for ref in WRITES[content_type].references:
        if ref.field in fields:
            fields = rewrite(fields, (ref,), resolve if ref.kind == "id" else rules.renamed, rules.host)
    return fields


def _nested(content_type: str) -> Iterator[str]:
    yield content_type
    for child in WRITES[content_type].children:
        yield from _nested(child.content_type)


def same(facts: WriteFacts, field: str, new: Any, old: Any) -> bool:
    """Return whether two values of *field* mean the same to Looker, which returns "" for null and sets in any order."""
    if new == old or (_empty(new) and _empty(old)):
        return True
    if field in facts.sets:
        return sorted(new or ()) == sorted(old or ())
    collection = _collection(facts, field)
    if collection is not None:
        return _rows(collection, new) == _rows(collection, old)
    if isinstance(new, msgspec.Raw) or isinstance(old, msgspec.Raw):
        return _number(new) == _number(old)
    return canonical(new) == canonical(old) if isinstance(new, (dict, list)) else False


def _match_children(
    one: Difference, found: dict[tuple[str, str], str], resolve: Resolve, rules: Rules
) -> list[Difference]:
    below: list[Difference] = []
    for child in WRITES[one.content_type].children:
        kind = child.content_type
        wanted = {
            key: doc for key, doc in one.source.children.get(kind, {}).items() if not doc.trashed or kind == _PLACE
        }
        there = dict(one.live.children.get(kind, {})) if one.live else {}
        for key in [key for key, doc in wanted.items() if _is_impossible(kind, doc, found, resolve)]:
            doc = wanted.pop(key)
            if doc.fields.get("sql_query_id"):
                one.lost[f"{kind}[{key}]"] = (
                    "its hand-written SQL cannot be read through the API, and is not on this instance"
                )
        pairs = match(kind, wanted, there, resolve, rules)
        for key, doc in wanted.items():
            live = there.get(pairs.get(key, ""))
            gone = next(_gone_for_good(kind, doc, resolve, rules), None) if live is None else None
            if gone is not None:
                one.lost[f"{kind}[{key}]"] = (
                    f"{gone.content_type} {gone.id} is not there, and this backup cannot bring it back"
                )
                continue
            if live is None and rules.leaves_out(one, kind, key):
                one.lost[f"{kind}[{key}]"] = "removed since the restore: it stays so"
                continue
            if live is None and kind == _PLACE and not _has_place_for_it(one, rules):
                one.lost[f"{kind}[{key}]"] = "this release of Looker puts every tile on the tab that is active"
                continue
            found[kind, key] = live.id if live else NEW
            below.append(Difference(kind, doc, live))
        if WRITES[kind].delete:
            taken = set(pairs.values())
            rest = [doc for key, doc in there.items() if key not in taken and not doc.trashed]
            one.extras += [(kind, doc) for doc in rest if _goes(kind, doc, one.source, rules)]
    one.children = below
    return below


def _has_place_for_it(tab: Difference, rules: Rules) -> bool:
    """Return whether a tile can be put on a tab: on any one only by naming that, which older releases do not take."""
    taken = rules.writable("dashboard_elements")
    return taken is None or "dashboard_layout_id" in taken or bool(tab.source.fields.get("active"))


def _hide_what_had_no_place(tree: Difference) -> None:
    """Looker gives every tile that it makes a place; a tile that the backup has without one, beside others that have
    theirs, is not shown."""
    tabs = tree.source.children.get("dashboard_layouts", {}).values()
    placed = {place.fields.get("dashboard_element_id") for tab in tabs for place in _places_on(tab)}
    tiles = [tile for tile in tree.of("dashboard_elements") if tile.source.id not in placed]
    hidden = {tile.live.id for tile in tiles if tile.live is not None}
    for tab in tree.of("dashboard_layouts") if hidden and placed else ():
        for place in _places_on(tab.live) if tab.live is not None else ():
            if place.fields.get("dashboard_element_id") in hidden and not place.trashed:
                tab.children.append(Difference(_PLACE, Doc(place.id, place.name, {"deleted": True}), place))


def _places_on(tab: Doc) -> Iterable[Doc]:
    return tab.children[_PLACE].values()


def _goes(kind: str, doc: Doc, source: Doc, rules: Rules) -> bool:
    """Return whether a nested object that the backup lacks is to go. One that holds what is to stay does not, but for the tiles
    of the backup, which get the places back that they had."""
    if rules.made is None:
        return rules.exact
    if kind == _PLACE:
        tile = str(doc.fields.get("dashboard_element_id"))
        known = tile in source.children.get("dashboard_elements", {})
        return doc.trashed or known or rules.removes("dashboard_elements", tile)
    below = ((name, child) for name, children in doc.children.items() for child in children.values())
    return rules.removes(kind, doc.id) and all(_goes(name, child, source, rules) for name, child in below)


def _is_impossible(kind: str, doc: Doc, found: dict[tuple[str, str], str], resolve: Resolve) -> bool:
    """A tile of hand-written SQL can only name its query, which is no use elsewhere; and no tile means no place for it."""
    if kind == "dashboard_elements" and doc.fields.get("sql_query_id"):
        return resolve("sql_queries", str(doc.fields["sql_query_id"])) is None
    return kind == _PLACE and (("dashboard_elements", str(doc.fields.get("dashboard_element_id"))) not in found)


def _gone_for_good(kind: str, doc: Doc, resolve: Resolve, rules: Rules) -> Iterator[Reference]:
    """Yield what a nested object cannot be made without and nobody can bring back: it was gone before the backup, or is LookML."""
    refs = [ref for ref in WRITES[kind].references if ref.kind == "id" and not ref.optional and ref.to not in _SIBLINGS]
    for one in find(doc.fields, refs):
        if resolve(one.content_type, one.id) is None and not rules.in_backup(one.content_type, one.id):
            yield one


_PLACE = "dashboard_layout_components"
ORDERS = {"section_order": "board_sections", "item_order": "board_items"}
# What texts and other values lead to that hold ids of no single kind.
_LEADS_TO = {
    "links": ("dashboards", "looks", "boards", "folders"),
    "colors": ("color_collections", "color_palettes"),
    "hub": ("integration_hubs",),
}
_SIBLINGS = frozenset(child.content_type for facts in WRITES.values() for child in facts.children)


def match(
    kind: str, wanted: Mapping[str, Doc], there: Mapping[str, Doc], resolve: Resolve, rules: Rules
) -> dict[str, str]:
    """Return, by id in the backup, the live child that each one is: by id, by natural key, then by equal content."""
    pairs: dict[str, str] = {}
    for key in wanted:
        live_id = rules.renamed(kind, key) or (key if rules.same_instance else None)
        if live_id in there:
            pairs[key] = str(live_id)
    for fingerprint in _fingerprints(kind, resolve, rules):
        if len(pairs) == len(wanted):
            break
        taken = set(pairs.values())
        free: dict[bytes | None, list[str]] = {}
        for key, doc in there.items():
            if key not in taken:
                free.setdefault(fingerprint(doc, False), []).append(key)
        for key, doc in wanted.items():
            mark = None if key in pairs or (kind, key) in rules.unsure else fingerprint(doc, True)
            if mark is not None and free.get(mark):
                pairs[key] = free[mark].pop(0)
    return pairs


def _fingerprints(kind: str, resolve: Resolve, rules: Rules) -> Iterator[Callable[[Doc, bool], bytes | None]]:
    facts = WRITES[kind]

    def fields(doc: Doc, ours: bool) -> dict[str, Any]:
        return mapped(kind, doc.fields, resolve, rules) if ours else doc.fields

    def by_key(keys: tuple[str, ...]) -> Callable[[Doc, bool], bytes | None]:
        def mark(doc: Doc, ours: bool) -> bytes | None:
            values = {key: fields(doc, ours).get(key) for key in keys}
            return canonical(values) if any(values.values()) else None

        return mark

    def by_content(doc: Doc, ours: bool) -> bytes:
        rest = {key: value for key, value in fields(doc, ours).items() if not _empty(value)}
        return canonical({key: value for key, value in rest.items() if key not in ORDERS})

    yield from (by_key(natural.fields) for natural in facts.natural if natural.unique)
    yield by_content
    if not rules.same_instance:  # on its own instance a child of the same name is another one, that somebody made since
        yield from (by_key(natural.fields) for natural in facts.natural if not natural.unique)
    if kind == "dashboard_layouts":
        # Looker makes one active layout together with the dashboard: it is the one that the backup has as active.
        yield lambda doc, _: b"active" if doc.fields.get("active") else None


def _set_fields(one: Difference, resolve: Resolve, rules: Rules) -> None:
    facts = WRITES[one.content_type]
    one.changed = {}
    if _stands_as_it_was(facts, one, resolve, rules):
        return
    allowed = rules.writable(one.content_type)
    old_values = one.live.fields if one.live else {}
    differing = {f: v for f, v in one.source.fields.items() if not _untouched(facts, one, f, rules)}
    known, lacks = _without_lacking(one, differing, resolve, rules)
    one.lacks = [lack for lack in lacks if not lack.optional]
    # What is missing in an order is a part that could not be made, and is named as that.
    one.absent = [lack for lack in lacks if lack.optional and lack.field not in ORDERS]
    one.lost |= {lack.field: f"{lack.content_type} {lack.id} is not there" for lack in one.absent}
    for field, value in mapped(one.content_type, known, resolve, rules).items():
        if field == "permissions" and rules.permissions is not None:
            value = _known_permissions(one, value, rules.permissions.union(old_values.get(field) or ()))
        if field in QUERIES:
            value, missed = as_taken(field, value, old_values.get(field), rules.writable)
            one.lost |= missed
        new = _with_extras(one, field, value, resolve, rules)
        if not rules.same_instance and any(ref.kind == "hub" for ref in _refs_of(facts.name).get(field, ())):
            new = _with_live_hubs(one, field, new, old_values.get(field))
        if one.live is None:
            if new is None:  # what is not sent is null
                continue
        elif same(facts, field, new, old_values.get(field)) or _same_query(one, field, new, resolve):
            continue
        if allowed is not None and field not in allowed and field not in facts.forced:
            one.lost[field] = NOT_TAKEN
        elif one.live is not None and field in facts.fixed:
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
            one.changed[field] = new
    trashed = one.live is not None and one.live.trashed
    one.lacks = [lack for lack in one.lacks if lack.field in one.changed or trashed]
    one.lost |= _lost_secrets(facts, one.changed)
    if one.changed.get("enabled") and not rules.same_instance and _goes_through_hub(one):
        del one.changed["enabled"]
        one.lost["enabled"] = "it goes through an action hub of another instance: look at it, then switch it on"


def _with_live_hubs(one: Difference, field: str, new: Any, old: Any) -> Any:
    """The number of an action hub means nothing on another instance: a destination of the same action keeps the hub that it
    has there, and one that is made anew is named as lost."""
    hubs = {action_of(row.get("type")): row["type"] for row in old or () if action_of(row.get("type"))}
    rows = []
    for number, row in enumerate(new or ()):
        action = action_of(row.get("type"))
        if action and action not in hubs:
            one.lost[f"{field}[{number}].type"] = "its action hub has another number here: choose the action again"
        rows.append({**row, "type": hubs[action]} if action in hubs else row)
    return rows


def _goes_through_hub(one: Difference) -> bool:
    refs = [ref for ref in WRITES[one.content_type].references if ref.kind == "hub"]
    rows = (row for ref in refs for row in one.source.fields.get(ref.field) or ())
    return any(action_of(row.get("type")) for row in rows)


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
    if one.live is None or one.live.trashed or not rules.same_instance or one.source.fields != one.live.fields:
        return False
    for ref in facts.references:
        if ref.to in _SIBLINGS:
            if any(resolve(named.content_type, named.id) != named.id for named in find(one.source.fields, (ref,))):
                return False
        elif ref.kind != "name" and not all(map(rules.still, _LEADS_TO.get(ref.kind, (ref.to,)))):
            return False
    return True


def _untouched(facts: WriteFacts, one: Difference, field: str, rules: Rules) -> bool:
    """On one instance an equal value names the same objects, so nobody need be asked whether they are there, unless one of
    them got another id. What lies in the trash does not hold what it needs, such as its folder."""
    if not rules.same_instance or one.live is None or one.source.fields[field] != one.live.fields.get(field):
        return False
    refs = _refs_of(facts.name).get(field)
    if refs is None:
        return True
    if any(ref.to in _SIBLINGS or not all(map(rules.still, _LEADS_TO.get(ref.kind, ()))) for ref in refs):
        return False
    if one.live.trashed and not all(ref.optional for ref in refs):
        return False
    named = [ref for ref in refs if ref.kind not in _LEADS_TO]
    return all(rules.renamed(r.content_type, r.id) in (None, r.id) for r in find(one.source.fields, named))


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
    stands = one.live is not None and one.content_type in _SIBLINGS
    undoes = one.live is not None and rules.made is not None
    for ref in WRITES[one.content_type].references:
        if ref.kind != "id" or ref.field not in fields:
            continue
        gone = {r.id for r in find(fields, (ref,)) if resolve(r.content_type, r.id) is None}
        spared = {name for name in gone if ref.optional or undoes or (stands and not rules.in_backup(ref.to, name))}
        lacks += [Lack(ref.to, name, ref.field, name in spared) for name in sorted(gone)]
        if spared:
            fields = _dropped(fields, ref, spared)
    return fields, lacks


def _dropped(fields: dict[str, Any], ref: Ref, gone: set[str]) -> dict[str, Any]:
    value = fields[ref.field]
    rest = {key: one for key, one in fields.items() if key != ref.field}
    if not isinstance(value, list):
        return rest
    last = ref.path.rpartition(".")[2] if "." in ref.path else ""
    return {**rest, ref.field: [row for row in value if str(row.get(last) if last else row) not in gone]}


def _same_query(one: Difference, field: str, new: Any, resolve: Resolve) -> bool:
    """Queries never change, so an equal id is an equal query, unless its colours moved to another collection."""
    if field not in ("query", "merge_query") or one.live is None or new != one.source.fields.get(field):
        return False
    if "sources" in one.live.fields and not one.live.fields.get(field):
        return False  # the query behind the look that the tile shows now is not its own
    if field == "query":
        return bool(one.live.query_id) and resolve("queries", one.source.query_id) == one.live.query_id
    return bool(one.live.merge_id) and resolve("merge_queries", one.source.merge_id) == one.live.merge_id


def _with_extras(one: Difference, field: str, new: Any, resolve: Resolve, rules: Rules) -> Any:
    """Rows that only the live side has stay, at the end, unless they are to go."""
    collection = _collection(WRITES[one.content_type], field)
    old = one.live.fields.get(field) if one.live else None
    if collection is None or one.live is None or not isinstance(new, list) or not isinstance(old, list):
        return new
    have = {row_key(collection, row) for row in new}
    owner = (ORDERS[field],) if field in ORDERS else (one.content_type, one.live.id)
    unread = _unread(one, collection, resolve, rules)
    rest = [row for row in old if row_key(collection, row) not in have]
    return new + [row for row in rest if (key := row_key(collection, row)) in unread or not rules.removes(*owner, *key)]


def _unread(one: Difference, collection: Collection, resolve: Resolve, rules: Rules) -> set[tuple[Any, ...]]:
    """Return the keys of the rows that the backup knows of without what is in them."""
    if not collection.unread:
        return set()
    fields = {collection.unread: one.source.fields.get(collection.unread) or []}
    return {(str(key),) for key in mapped(one.content_type, fields, resolve, rules)[collection.unread]}


def _collection(facts: WriteFacts, field: str) -> Collection | None:
    return next((c for c in facts.collections if c.field == field), None)


def row_key(collection: Collection, row: Any) -> tuple[Any, ...]:
    """Return what tells a row of a list from the others."""
    return tuple(str(row.get(key) or "") for key in collection.keys) if collection.keys else (str(row),)


def _rows(collection: Collection, rows: Any) -> list[bytes]:
    forms = [canonical(row) for row in rows or ()]
    return forms if collection.ordered else sorted(forms)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _number(value: Any) -> float | None:
    try:
        return float(bytes(value)) if isinstance(value, msgspec.Raw) else float(value)
    except (TypeError, ValueError):
        return None
