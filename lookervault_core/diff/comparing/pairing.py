"""Pair the nested objects of the backup with live ones: by id, by natural key, by equal content. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import ORDERS, Rules, mapped
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.values import canonical, is_blank


def live_id_of(kind: str, key: str, rules: Rules) -> str | None:
    """Return the live id of a nested object of the backup, as the id map or this run has it; without one, on its own instance the
    same id, else None."""
    return rules.known.renamed(kind, key) or (key if rules.same_instance else None)


def match(
    kind: str,
    wanted: Mapping[str, Doc],
    there: Mapping[str, Doc],
    resolve: Resolve,
    rules: Rules,
    likely: Iterable[tuple[str, str]] | None = None,
    *,
    known: Mapping[str, str] = {},
) -> dict[str, str]:
    """Return the live id that matches each of *wanted*, by its id in the backup.

    Tried in this order: the pairs in *known*, equal ids, on another instance the *likely* pairs, natural keys, equal content."""
    pairs = dict(known)
    taken_by_others = set(known.values())
    for key in wanted:
        live_id = live_id_of(kind, key, rules)
        if key not in pairs and live_id in there and live_id not in taken_by_others:
            pairs[key] = str(live_id)
    for key, live_id in (likely or ()) if not rules.same_instance else ():
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
    if facts.made_along:
        yield lambda doc, _: b"made along" if doc.fields.get(facts.made_along) else None
