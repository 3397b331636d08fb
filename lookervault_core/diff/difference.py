"""The difference between a live object and the backup, and the rules of the comparison. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.api.learned import Learned
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve, rewrite
from lookervault_core.diff.known import Known
from lookervault_core.looker.instance import Address, Site
from lookervault_core.model import ContentKey, RefusedValue, Unkept

NEW = "(new)"
# The fields that list nested objects in order, and the type of those.
ORDERS = {child.order: child.content_type for facts in WRITES.values() for child in facts.children if child.order}
# What is nested in another object.
SIBLINGS = frozenset(child.content_type for facts in WRITES.values() for child in facts.children)
# A row of a list by the type and the live id of the list's owner and by what tells it apart; a nested object by its type and id.
Row = tuple[str, ...]


class Rules(msgspec.Struct, frozen=True):
    """How to compare. `learned` says what the destination takes; `site` is where links to ours lead;
    `owner` is the live id of the user who is to own everything, None if each object keeps its own owner.

    `exact` removes live rows and nested objects that the backup lacks; with `made`, in an undo, only those in `made`, and only
    nested objects among `removed` are created in a live object. Nested objects in `kept` stay: people have edited them since.
    `unsure` are nested objects of the backup, by type and id, that an interrupted attempt may have created: they are not matched
    by likeness, for a create without an answer is looked into before it is sent again. On the `same_instance` equal ids are the
    same object. `permissions` are those that this release has. `copied` are the live ids of access lists into which Looker copied
    the rows of the folder above when a restore made them private: none of these rows stays. `onto` is the address of another
    instance, where links and colours get the ids of their matches. `unkept` are the values that the destination is known not to
    keep, `refused` those that it has refused. `known` are the answers found about other objects."""

    exact: bool = False
    made: frozenset[Row] | None = None
    removed: frozenset[Row] = frozenset()
    kept: Container[Row] = frozenset()
    unsure: frozenset[Row] = frozenset()
    same_instance: bool = True
    learned: Learned = msgspec.field(default_factory=Learned)
    permissions: frozenset[str] | None = None
    site: Site | None = None
    owner: str | None = None
    copied: Container[str] = ()
    onto: Address | None = None
    unkept: frozenset[Unkept] = frozenset()
    refused: Mapping[RefusedValue, str] = {}
    known: Known = msgspec.field(default_factory=Known)

    def removes(self, *row: str) -> bool:
        """Return whether a live row or nested object that the backup lacks is to be removed; *row* is its type and live id."""
        if self.known.is_held(row[0], row[1]) or row in self.kept:
            return False
        return self.is_copied(row[0], row[1]) or (self.exact and (self.made is None or row in self.made))

    def is_copied(self, content_type: str, live_id: str) -> bool:
        """Return whether a live object is an access list into which Looker copied rows."""
        return live_id in self.copied and content_type in WRITES and WRITES[content_type].filled

    def leaves_out(self, parent: Difference, kind: str, item_id: str) -> bool:
        """Return whether a nested object that Looker lacks is not to be created: an undo creates only what its restore removed."""
        stood = parent.live is not None and parent.live.id == parent.source.id
        return self.made is not None and stood and not WRITES[kind].made_with and (kind, item_id) not in self.removed


class Lack(msgspec.Struct, frozen=True):
    """An object that a field names, at `path` in it, and that the destination does not have, or has in the trash since."""

    content_type: str
    id: str
    field: str
    path: str
    optional: bool = False
    trashed: bool = False


class Difference(msgspec.Struct):
    """What one object lacks to be as in the backup. `live` is None where it must be created.

    `changed` holds the new values with references mapped; `lost` says by field why it cannot be as in the backup; `lacks` are the
    missing objects without which this one cannot be written, `absent` those that it can be written without, `dangling` those of
    both that it names on both sides alike although they are gone since the backup, or in the trash. `children` are the nested
    objects of the backup. Live ones that it lacks: `extras` are removed, `beyond` stay because the restore is not exact, `kept`
    stay although the undone restore made them, `added` were added by people since that restore. `waits` says that the object
    names one that is still to be created."""

    content_type: str
    source: Doc
    live: Doc | None
    changed: dict[str, Any] = {}
    lost: dict[str, str] = {}
    lacks: list[Lack] = []
    absent: list[Lack] = []
    dangling: list[Lack] = []
    children: list[Difference] = []
    extras: list[tuple[str, Doc]] = []
    beyond: list[tuple[str, Doc]] = []
    kept: list[tuple[str, Doc]] = []
    added: list[tuple[str, Doc]] = []
    waits: bool = False

    @property
    def empty(self) -> bool:
        return self.live is not None and not self.changed and not self.extras and all(c.empty for c in self.children)

    def of(self, content_type: str) -> list[Difference]:
        return [child for child in self.children if child.content_type == content_type]

    def trashed(self, content_type: str) -> set[str]:
        """Return the ids of the live nested objects in the trash: the parent's order of ids still names them."""
        there = self.live.children.get(content_type, {}) if self.live else {}
        return {key for key, doc in there.items() if doc.trashed}

    def walk(self) -> Iterator[Difference]:
        """Yield this object and everything nested in it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def mapped(
    content_type: str,
    fields: dict[str, Any],
    resolve: Resolve,
    rules: Rules,
    leading: Resolve | None = None,
    waiting: set[str] | None = None,
) -> dict[str, Any]:
    """Return *fields* with every reference replaced by the destination's id, if it is known.

    *leading* gives the ids behind links and colours; without it the rules do. Fields that name an object still to be created are
    added to *waiting*."""
    for ref in WRITES[content_type].references:
        if rules.owner and ref.is_owner and fields.get(ref.field):
            fields = {**fields, ref.field: rules.owner}
        elif ref.field in fields:
            led = leading or (rules.known.leads_to if rules.onto is not None else rules.known.renamed)
            ids = resolve if ref.kind in ("id", "hub") else led
            fields = rewrite(fields, (ref,), _noting(ids, ref.field, waiting), rules.site, rules.onto)
    return fields


def _noting(resolve: Resolve, field: str, waiting: set[str] | None) -> Resolve:
    """Return *resolve*, adding *field* to those *waiting* when an object is still to be made."""
    if waiting is None:
        return resolve

    def noted(content_type: str, item_id: str) -> str | None:
        new = resolve(content_type, item_id)
        if new == NEW:
            waiting.add(field)
        return new

    return noted


def parts_to_make(difference: Difference) -> Iterator[ContentKey]:
    """Yield the nested objects that must be created."""
    return (ContentKey(part.content_type, part.source.id) for part in _parts(difference) if part.live is None)


def parts_matched(difference: Difference, rules: Rules) -> Iterator[tuple[ContentKey, str]]:
    """Yield the nested objects that match one of the backup under another id, or on another instance, with their live ids."""
    for part in _parts(difference):
        if part.live is not None and (part.live.id != part.source.id or not rules.same_instance):
            yield ContentKey(part.content_type, part.source.id), part.live.id


def _parts(difference: Difference) -> Iterator[Difference]:
    return (part for part in difference.walk() if part is not difference)
