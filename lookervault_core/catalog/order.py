"""Which types refer to which, and the order of restoring that follows from this."""

from __future__ import annotations

import functools

from lookervault_core.catalog.links import LEADS_TO
from lookervault_core.catalog.rows import CATALOG, WRITES
from lookervault_core.catalog.vocabulary import Ref


@functools.cache
def links_of(content_type: str) -> tuple[Ref, ...]:
    """Return every reference of *content_type* and of its nested objects, except those that the second pass writes."""
    facts = WRITES[content_type]
    own = tuple(ref for ref in facts.references if ref.field not in facts.late)
    return own + tuple(ref for child in facts.children for ref in links_of(child.content_type))


@functools.cache
def late_references(content_type: str) -> tuple[Ref, ...]:
    """Return the references of *content_type* to other types that are written in the second pass only."""
    facts = WRITES[content_type]
    return tuple(ref for ref in facts.references if ref.field in facts.late and ref.to != content_type)


def restore_order() -> tuple[str, ...]:
    """Return the types that are written, each after those it refers to; the catalog's order decides between equals."""
    names = [name for name in CATALOG if name in WRITES]
    waiting = {name: _needs(name) & set(names) - {name} for name in names}
    order: list[str] = []
    while waiting:
        ready = next((name for name in names if name in waiting and not waiting[name] - set(order)), None)
        if ready is None:
            raise ValueError(f"the references between {', '.join(waiting)} form a cycle that no `late` field breaks")
        order.append(ready)
        del waiting[ready]
    return tuple(order)


def _needs(name: str) -> set[str]:
    """Return the types that must stand before *name*: the owners of its parts and what its ids name."""
    needs = {owner_of(ref.to) for ref in links_of(name) if ref.to}
    if any(ref.kind == "colors" for ref in links_of(name)):
        needs.update(set(LEADS_TO["colors"]) & CATALOG.keys())
    parent = CATALOG[name].targets_from if CATALOG[name].is_part else None
    return needs | ({parent} if parent else set())


@functools.cache
def owner_of(content_type: str) -> str:
    """Return the content type whose payload holds objects of *content_type*: itself, or the parent of a nested one."""
    for facts in WRITES.values():
        if any(child.content_type == content_type for child in facts.children):
            return owner_of(facts.name)
    return content_type
