"""Say in words how a value differs: objects by name with their id, lists by their rows, long values by what differs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec
from msgspec.structs import replace

from lookervault_core.catalog import CATALOG, COLORED, WRITES
from lookervault_core.diff.difference import NEW
from lookervault_core.values import canonical

ABSENT = "(absent)"
# What an object is called, by its type, its id and whether that is the id in Looker (else it is the backup's); "" if not known.
Names = Callable[[str, str, bool], str]

# The backup's own rows of a list, before their ids were mapped, by the canonical form of what became of them.
Sources = Mapping[bytes, Sequence[Any]]

WIDTH, AROUND, ROWS_SHOWN = 80, 16, 8


def nameless(_content_type: str, _item_id: str, _live: bool) -> str:
    """Return "" for every object: for differences that nobody reads."""
    return ""


class Place(msgspec.Struct, frozen=True):
    """The place of a value: its path in an object of a type, and `label`, the path in words. `owner` is the name of the object
    that a list belongs to, `gone` are ids that the value lacks because their objects do not exist."""

    content_type: str
    path: str
    label: str
    owner: str = ""
    gone: Collection[str] = ()

    def below(self, key: str) -> Place:
        """Return the place of the value under *key* in the value at this place."""
        return replace(self, path=f"{self.path}.{key}", label=f"{self.label}.{key}")


def changed(place: Place, old: Any, new: Any, source: Any, names: Names) -> str:
    """Return how *new* differs from *old*, what Looker has; *source* is the backup's own value, before its ids were mapped."""
    if isinstance(old, list) or isinstance(new, list):
        return _lists(place, old or [], new or [], source if isinstance(source, Mapping) else {}, names)
    kind = _named_at(place, "")
    if kind:
        was, becomes = named(kind, old, names), named(kind, new, names, source)
        return f"{place.label}: {was} → {becomes}"
    return f"{place.label}: {pair(old, new)}"


def named(kind: str, item_id: Any, names: Names, source: Any = None, *, live: bool = True) -> str:
    """Return an object by its name and, in brackets, its id: `Finance (16)`. *source* is its id in the backup, if that is known."""
    if item_id is None or item_id == "":
        return CATALOG[kind].nobody if kind in CATALOG else "nothing"
    ours = names(kind, str(source), False) if source is not None else ""
    if item_id == NEW:
        return f"{ours or 'one'} that this restore makes" if not ours else f"{ours} (made by this restore)"
    name = names(kind, str(item_id), live) or ours
    return f"{name} ({item_id})" if name else f"{kind_of(kind)} {item_id}"


def titled(item_id: str, name: str, where: str = "") -> str:
    """Return an object by its title, with its id and where it is: `Weekly Revenue (12) in Shared/Finance`."""
    called = f"{shortened(name)} ({item_id})" if name and name != item_id else item_id
    return " ".join(filter(None, (called, where)))


def kind_of(content_type: str) -> str:
    """Return the singular of a type for people: `dashboard`; also for nested types, which have no row in the catalog."""
    singular = CATALOG[content_type].singular if content_type in CATALOG else content_type.removesuffix("s")
    return singular.replace("_", " ")


def pair(old: Any, new: Any) -> str:
    """Return two values, and of long ones the part in which they differ."""
    was, becomes = plain(old), plain(new)
    if len(was) <= WIDTH and len(becomes) <= WIDTH:
        return f"{was} → {becomes}"
    same = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(was, becomes, strict=False)))
    start = max(0, same - AROUND)
    return f"{_cut(was, start)} → {_cut(becomes, start)}"


def plain(value: Any) -> str:
    """Return a value as JSON has it, and `nothing` for null."""
    if value is None:
        return "nothing"
    if value == ABSENT:
        return "no such key"
    return msgspec.json.encode(value).decode().replace(f'"{NEW}"', "one that this restore makes")


def blank_kept(kept: Any, sent: Any) -> str:
    """Return why a blank that was written is not as in the backup: Looker has made another one of it."""
    return f"Looker keeps {plain(kept)} where it was sent {plain(sent)}"


def shortened(text: str) -> str:
    """Return *text*, cut off where it is long."""
    return _cut(text, 0)


def _cut(text: str, start: int) -> str:
    stop = start + WIDTH
    return f"{'…' if start else ''}{text[start:stop]}{'…' if stop < len(text) else ''}"


def _named_at(place: Place, below: str) -> str:
    """Return the type of what is named at a place, or below it in its rows; "" if nothing is."""
    path = place.path + below
    for ref in WRITES[place.content_type].references:
        if ref.kind == "id" and ref.path == path:
            return ref.to
    return COLORED.get(path.rpartition(".")[2], "") if ".color_application." in path else ""


def _lists(place: Place, old: Sequence[Any], new: Sequence[Any], source: Sources, names: Names) -> str:
    """Return the rows that come and go; of rows with nothing to tell them by, what differs in each."""
    have, want = [canonical(row) for row in old], [canonical(row) for row in new]
    if sorted(have) == sorted(want):
        return f"{place.label}: in another order: {_some([_row(place, row, None, names) for row in new])}"
    if _is_by_position(place, old, new):
        told = [
            text
            for at, (was, becomes) in enumerate(zip(old, new, strict=True))
            for text in _within(place, f"[{at + 1}]", was, becomes, names)
        ]
        return f"{place.label}{told[0]}" if len(told) == 1 else f"{place.label}: {_some(told)}"
    ours = {form: iter(rows) for form, rows in source.items()}
    comes = [
        (row, next(ours.get(form, iter(())), None)) for row, form in zip(new, want, strict=True) if form not in have
    ]
    goes = [row for row, form in zip(old, have, strict=True) if form not in want]
    added = [_row(place, row, its_source, names) for row, its_source in comes]
    removed = [_row(place, row, None, names) for row in goes]
    joins = WRITES[place.content_type].joins
    if joins is not None and "." not in place.label:
        told = [joins[0].format(row, place.owner) for row in added]
        return _some(told + [joins[1].format(row, place.owner) for row in removed], "; ")
    known = {_key(place, row): row for row in goes}
    told = [
        f"{text} (now {plain(known.pop(_key(place, row))['value'])})"
        if isinstance(row, Mapping) and "value" in row and _key(place, row) in known
        else f"+ {text}"
        for (row, _), text in zip(comes, added, strict=True)
    ]
    told += [f"- {text}" for row, text in zip(goes, removed, strict=True) if _key(place, row) in known]
    return f"{place.label}: {_some(told)}"


def _key(place: Place, row: Any) -> tuple[str, ...]:
    """Return what tells a row from the others of its list; the row itself where nothing in it does."""
    keys = next(
        (collection.keys for collection in WRITES[place.content_type].collections if collection.field == place.path), ()
    )
    if keys and isinstance(row, Mapping):
        return tuple(str(row.get(key)) for key in keys)
    return (canonical(row).decode(),)


def _is_by_position(place: Place, old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Return whether the rows are identified by their position: objects as many as there were, and without a key."""
    keyed = any(
        collection.field == place.path and collection.keys for collection in WRITES[place.content_type].collections
    )
    return not keyed and len(old) == len(new) and all(isinstance(row, Mapping) for row in (*old, *new))


def _within(place: Place, path: str, old: Mapping[str, Any], new: Mapping[str, Any], names: Names) -> Iterator[str]:
    """Yield what differs in two objects, however deep in them it is."""
    for key in dict.fromkeys((*new, *old)):
        was, becomes, below = old.get(key), new.get(key), f"{path}.{key}"
        if was == becomes:
            continue
        if isinstance(was, Mapping) and isinstance(becomes, Mapping):
            yield from _within(place, below, was, becomes, names)
        else:
            yield changed(replace(place, path=f"{place.path}{below}", label=below), was, becomes, None, names)


def sources(place: Place, new: Any, source: Any) -> Any:
    """Return the backup's rows of a list by the canonical form of the row in *new* that each became; no list returns *source*.

    *new* has the backup's rows first, in their order, without those that the destination lacks."""
    if not isinstance(new, list) or not isinstance(source, list):
        return source
    kind = _named_at(place, "[]")
    rows = [row for row in source if not (kind and str(row) in place.gone)]
    found: dict[bytes, list[Any]] = {}
    if len(rows) <= len(new):
        for row, ours in zip(new, rows, strict=False):
            found.setdefault(canonical(row), []).append(ours)
    return found


def _row(place: Place, row: Any, source: Any, names: Names) -> str:
    kind = _named_at(place, "[]")
    if kind:
        return named(kind, row, names, source)
    if not isinstance(row, Mapping):
        return shortened(row if isinstance(row, str) else plain(row))
    ours = source if isinstance(source, Mapping) else {}
    who = [
        named(kind, value, names, ours.get(key))
        for key, value in row.items()
        if value is not None and (kind := _named_at(place, f"[].{key}"))
    ]
    rest = {key: value for key, value in row.items() if value is not None and not _named_at(place, f"[].{key}")}
    facts = WRITES[place.content_type]
    is_listed = any(place.path == collection.field for collection in facts.collections)
    if is_listed and (row_text := facts.row_text):
        return f"{' '.join(who)} {row_text.format(**row)}"
    if set(rest) == {"value"}:
        return f"{' '.join(who)} = {shortened(plain(rest['value']))}"
    return shortened(" ".join([*who, *(f"{key} {plain(value)}" for key, value in rest.items())]))


def _some(rows: Sequence[str], between: str = ", ") -> str:
    more = [f"… and {len(rows) - ROWS_SHOWN} more"] if len(rows) > ROWS_SHOWN else []
    return between.join([*rows[:ROWS_SHOWN], *more])
