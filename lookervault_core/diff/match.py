"""Which nested object of the live side is which one of the backup: by id, by natural key, by equal content.

It goes level by level, because the fields of a tile name filters and tabs, and the place of a tile names the tile. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import NEW, ORDERS, PLACE, SIBLINGS, Difference, Rules, mapped
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.references import Reference, Resolve, find
from lookervault_core.families.dashboards.shape import is_group, shows_nothing
from lookervault_core.families.dashboards.tile_groups import NOT_MADE, by_members, name_too_many
from lookervault_core.values import canonical, is_blank

REMOVED_SINCE = "removed since the restore: it stays so"
SHOWED_NOTHING = "it showed nothing any more, and Looker takes no such tile"
UNREADABLE_SQL = "its hand-written SQL cannot be read through the API"
SQL_STAYS = f"{UNREADABLE_SQL}: the tile that is there keeps the one that it has"
TAB, TILE, SECTION, ITEM = "dashboard_layouts", "dashboard_elements", "board_sections", "board_items"


def match_children(
    one: Difference, found: dict[tuple[str, str], str], astray: Mapping[str, Doc], resolve: Resolve, rules: Rules
) -> list[Difference]:
    """Give *one* its children and extras and return the children; *found* is told which live object each stands for. *astray* are
    the items of the same board that are in another section now, by live id."""
    below: list[Difference] = []
    for child in WRITES[one.content_type].children:
        kind = child.content_type
        wanted = dict(one.source.children.get(kind, {}))
        there = dict(one.live.children.get(kind, {})) if one.live else {}
        there |= _strays(kind, wanted, there, astray, rules)
        for key in [key for key, doc in wanted.items() if doc.trashed and not _is_still(kind, key, there, rules)]:
            del wanted[key]
            if "deleted_at" in WRITES[kind].writable:
                one.lost[f"{kind}[{key}]"] = "it lay in the trash when it was backed up"
        kept_sql = _sql_there(wanted, there, resolve, rules) if kind == TILE else {}
        for key, live_id in kept_sql.items():
            wanted[key] = _with_sql_of(there[live_id], wanted[key])
        for key in [key for key in wanted if key not in kept_sql and _is_impossible(kind, wanted[key], found, resolve)]:
            if wanted.pop(key).fields.get("sql_query_id"):
                one.lost[f"{kind}[{key}]"] = f"{UNREADABLE_SQL}, and is not on this instance"
        by_tiles = _tabs_by_tiles(one) if kind == TAB else by_members(one, TILE, found) if kind == PLACE else None
        pairs = match(kind, wanted, there, resolve, rules, by_tiles, known=kept_sql)
        for key, doc in wanted.items():
            live = there.get(pairs.get(key, ""))
            if live is None and kind == TILE and shows_nothing(doc):
                one.lost[f"{kind}[{key}]"] = SHOWED_NOTHING
                continue
            gone = next(_gone_for_good(kind, doc, resolve, rules), None) if live is None else None
            if gone is not None:
                one.lost[f"{kind}[{key}]"] = (
                    f"{gone.content_type} {gone.id} is not there, and this backup cannot bring it back"
                )
                continue
            if live is None and rules.leaves_out(one, kind, key):
                one.lost[f"{kind}[{key}]"] = REMOVED_SINCE
                continue
            if live is None and kind == PLACE and is_group(doc):
                one.lost[f"{kind}[{key}]"] = NOT_MADE
                continue
            if live is None and kind == PLACE and not _has_place_for_it(one, rules):
                one.lost[f"{kind}[{key}]"] = "this release of Looker puts every tile on the tab that is active"
                continue
            found[kind, key] = live.id if live else NEW
            below.append(Difference(kind, doc, live, lost={"sql_query_id": SQL_STAYS} if key in kept_sql else {}))
        if WRITES[kind].delete:
            taken = set(pairs.values())
            rest = [doc for key, doc in there.items() if key not in taken and not doc.trashed]
            one.extras += [
                (kind, doc) for doc in rest if _goes(kind, doc, one.source, rules) or _unlinks(kind, doc, one, rules)
            ]
            if not rules.exact and rules.made is None:
                one.beyond += [(kind, doc) for doc in rest if not rules.is_held(kind, doc.id)]
        elif kind == PLACE:
            name_too_many(one, set(pairs.values()), rules)
    one.children = below
    return below


def without_strays(board: Doc, live: Doc, rules: Rules) -> tuple[Doc, dict[str, Doc]]:
    """Return a live board with nothing in it that the backup has elsewhere, and by live id the items among that which are its own.

    What somebody put into another section, or with that onto another board, is the same still, and goes back.
    """
    homes = {
        _live_id(ITEM, item, rules): _live_id(SECTION, section, rules)
        for section, doc in board.children.get(SECTION, {}).items()
        for item in doc.children.get(ITEM, {})
    }
    there = live.children.get(SECTION, {})
    items = [(key, item, doc) for key, section in there.items() for item, doc in section.children[ITEM].items()]
    astray = {item: doc for key, item, doc in items if homes.get(item, key) != key}
    sections = {}
    for key, section in there.items():
        if not rules.is_of_another(SECTION, key, board.id):
            kept = {i: d for i, d in section.children[ITEM].items() if i not in astray}
            kept = {i: d for i, d in kept.items() if not rules.is_of_another(ITEM, i, board.id)}
            sections[key] = _holding(section, ITEM, kept, "item_order")
    return _holding(live, SECTION, sections, "section_order"), astray


def _holding(doc: Doc, kind: str, inside: dict[str, Doc], order: str) -> Doc:
    """Return *doc* with only what is *inside* nested in it and named by its *order*."""
    fields = doc.fields
    if fields.get(order) is not None:
        fields = {**fields, order: [one for one in fields[order] if one in inside]}
    return msgspec.structs.replace(doc, fields=fields, children={**doc.children, kind: inside})


def _strays(
    kind: str, wanted: Iterable[str], there: Container[str], astray: Mapping[str, Doc], rules: Rules
) -> dict[str, Doc]:
    """Return by live id what of a board is on it no more, or not in its section, because somebody moved it."""
    if kind not in (SECTION, ITEM):
        return {}
    ids = {one for key in wanted if (one := _live_id(kind, key, rules)) and one not in there}
    docs = {one: astray.get(one) or rules.elsewhere(kind, one) for one in sorted(ids)}
    return {one: doc for one, doc in docs.items() if doc is not None}


def _is_still(kind: str, key: str, there: Mapping[str, Doc], rules: Rules) -> bool:
    """Return whether what lay in the trash can be as it was: nothing is made for it, and nothing of its name stands for it."""
    return kind == PLACE or ("deleted_at" in WRITES[kind].writable and _live_id(kind, key, rules) in there)


def _live_id(kind: str, key: str, rules: Rules) -> str | None:
    return rules.renamed(kind, key) or (key if rules.same_instance else None)


def _has_place_for_it(tab: Difference, rules: Rules) -> bool:
    """Return whether a tile can be put on a tab: on any one only by naming that, which older releases do not take."""
    taken = rules.learned.takes("dashboard_elements")
    return taken is None or "dashboard_layout_id" in taken or bool(tab.source.fields.get("active"))


def hide_what_had_no_place(tree: Difference) -> None:
    """Looker gives every tile that it makes a place; a tile that the backup has without one, beside others that have
    theirs, is not shown."""
    tabs = tree.source.children.get("dashboard_layouts", {}).values()
    placed = {place.fields["dashboard_element_id"] for tab in tabs for place in _places_on(tab) if not is_group(place)}
    tiles = [tile for tile in tree.of("dashboard_elements") if tile.source.id not in placed]
    hidden = {tile.live.id for tile in tiles if tile.live is not None}
    for tab in tree.of("dashboard_layouts") if hidden and placed else ():
        for place in _places_on(tab.live) if tab.live is not None else ():
            if place.fields.get("dashboard_element_id") in hidden and not place.trashed:
                tab.children.append(Difference(PLACE, Doc(place.id, place.name, {"deleted": True}), place))


def _places_on(tab: Doc) -> Iterable[Doc]:
    return tab.children[PLACE].values()


def _goes(kind: str, doc: Doc, source: Doc, rules: Rules) -> bool:
    """Return whether a nested object that the backup lacks is to go. One that holds what is to stay does not, but for the tiles
    of the backup, which get the places back that they had."""
    if kind == PLACE and rules.made is not None:
        tile = str(doc.fields.get("dashboard_element_id"))
        known = is_group(doc) or tile in source.children.get("dashboard_elements", {})
        return doc.trashed or known or rules.removes("dashboard_elements", tile)
    below = ((name, child) for name, children in doc.children.items() for child in children.values())
    return rules.removes(kind, doc.id) and all(_goes(name, child, source, rules) for name, child in below)


def _unlinks(kind: str, doc: Doc, parent: Difference, rules: Rules) -> bool:
    """Return whether an undo takes off the object what the restore had only linked to it."""
    return parent.live is not None and rules.made is not None and rules.removes(kind, doc.id, parent.live.id)


def _sql_there(wanted: Mapping[str, Doc], there: Mapping[str, Doc], resolve: Resolve, rules: Rules) -> dict[str, str]:
    """Return, by id in the backup, the live tiles of hand-written SQL that stand for those whose own SQL is not known here."""
    unknown = {key: doc for key, doc in wanted.items() if _is_impossible(TILE, doc, {}, resolve)}
    theirs = {key: doc for key, doc in there.items() if doc.fields.get("sql_query_id") and not doc.trashed}
    return match(TILE, unknown, theirs, resolve, rules) if unknown else {}


def _with_sql_of(live: Doc, tile: Doc) -> Doc:
    return msgspec.structs.replace(tile, fields={**tile.fields, "sql_query_id": live.fields["sql_query_id"]})


def _is_impossible(kind: str, doc: Doc, found: Mapping[tuple[str, str], str], resolve: Resolve) -> bool:
    """A tile of hand-written SQL can only name its query, which is no use elsewhere; and no tile means no place for it."""
    if kind == TILE and doc.fields.get("sql_query_id"):
        return resolve("sql_queries", str(doc.fields["sql_query_id"])) is None
    return kind == PLACE and not is_group(doc) and ((TILE, str(doc.fields.get("dashboard_element_id"))) not in found)


def _gone_for_good(kind: str, doc: Doc, resolve: Resolve, rules: Rules) -> Iterator[Reference]:
    """Yield what a nested object cannot be made without and nobody can bring back: it was gone before the backup, or is LookML."""
    refs = [ref for ref in WRITES[kind].references if ref.kind == "id" and not ref.optional and ref.to not in SIBLINGS]
    for one in find(doc.fields, refs):
        if resolve(one.content_type, one.id) is None and not rules.in_backup(one.content_type, one.id):
            yield one


def match(
    kind: str,
    wanted: Mapping[str, Doc],
    there: Mapping[str, Doc],
    resolve: Resolve,
    rules: Rules,
    by_tiles: Iterable[tuple[str, str]] | None = None,
    *,
    known: Mapping[str, str] = {},
) -> dict[str, str]:
    """Return, by id in the backup, the live child that each one is: as is *known*, by id, on another instance *by_tiles* as far as
    those tell, by natural key, then by equal content."""
    pairs = dict(known)
    taken_by_others = set(known.values())
    for key in wanted:
        live_id = _live_id(kind, key, rules)
        if key not in pairs and live_id in there and live_id not in taken_by_others:
            pairs[key] = str(live_id)
    for key, live_id in (by_tiles or ()) if not rules.same_instance else ():
        if key not in pairs and live_id not in pairs.values() and (kind, key) not in rules.unsure:
            pairs[key] = live_id
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


def _tabs_by_tiles(dashboard: Difference) -> Iterator[tuple[str, str]]:
    """Yield which tab may be which live one, by how many tiles of the same names are on both, most first.

    That is for tabs that no label tells: the active one need not be the same tab, for somebody may have added one since."""
    if dashboard.live is None:
        return
    ours, theirs = (
        {key: doc.fields for key, doc in one.children[TAB].items()} for one in (dashboard.source, dashboard.live)
    )
    labels = {tab.get("label") for tab in ours.values()} & {tab.get("label") for tab in theirs.values()} - {None, ""}
    untold = [
        key for key, tab in ours.items() if not tab.get("label") or (tab.get("active") and tab["label"] not in labels)
    ]
    free = [key for key, tab in theirs.items() if tab.get("label") not in labels]
    names, live_names = _names_on_tabs(dashboard.source), _names_on_tabs(dashboard.live)
    shared = {(key, other): (names[key] & live_names[other]).total() for key in untold for other in free}
    yield from sorted((pair for pair in shared if shared[pair]), key=lambda pair: -shared[pair])


def _names_on_tabs(dashboard: Doc) -> dict[str, Counter[tuple[Any, ...]]]:
    """Return what the tiles on each tab of a dashboard are called."""
    tiles = dashboard.children["dashboard_elements"]
    keys = WRITES["dashboard_elements"].natural[0].fields
    return {
        tab.id: Counter(
            tuple(tile.fields.get(key) for key in keys)
            for place in _places_on(tab)
            if (tile := tiles.get(str(place.fields.get("dashboard_element_id")))) is not None
        )
        for tab in dashboard.children[TAB].values()
    }


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
        rest = {key: value for key, value in fields(doc, ours).items() if not is_blank(value)}
        return canonical({key: value for key, value in rest.items() if key not in ORDERS})

    yield from (by_key(natural.fields) for natural in facts.natural if natural.unique)
    yield by_content
    if not rules.same_instance:  # on its own instance a child of the same name is another one, that somebody made since
        yield from (by_key(natural.fields) for natural in facts.natural if not natural.unique)
    if kind == TAB:
        # Looker makes one active layout together with the dashboard: it is the one that the backup has as active.
        yield lambda doc, _: b"active" if doc.fields.get("active") else None
