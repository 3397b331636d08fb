"""The functions that a family adds to the comparison of its types, beyond the row in the catalog. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve

Found = Mapping[tuple[str, str], str]
Docs = Mapping[str, Doc]


class Kept(NamedTuple):
    """A live object that matches one of the backup: `source` is the document to compare it with, and what it cannot get back."""

    live_id: str
    source: Doc
    lost: dict[str, str]


class Comparison(msgspec.Struct, frozen=True):
    """The functions of one type; a function that is not set does what suits a plain object.

    For a whole object: `within` returns the live document to compare, and by live id the nested objects that are elsewhere in it
    now. `paired` is called with the difference once nested objects are matched, `compared` once all fields are compared, `fields`
    for each object, nested ones too, once its own fields are.

    `more_calls` returns how many calls a difference takes beside those for each object.

    For nested objects: `elsewhere` returns by live id those that somebody moved out of their parent; `kept` by id in the backup
    those that keep what cannot be read; `likely` pairs that may match by what they hold. `impossible` returns why one cannot be
    compared at all, "" if nobody need know; `unmade` why a missing one is not created, or ""; `goes` whether a live one that the
    backup lacks is removed, None for the usual rule."""

    within: Callable[[Doc, Doc, Rules], tuple[Doc, Docs]] = lambda _source, live, _rules: (live, {})
    paired: Callable[[Difference, Rules], None] = lambda *_: None
    fields: Callable[[Difference, Resolve, Rules], None] = lambda *_: None
    compared: Callable[[Difference, Rules], None] = lambda *_: None
    more_calls: Callable[[Difference], int] = lambda _: 0
    elsewhere: Callable[[Iterable[str], Docs, Docs, Rules], Docs] = lambda *_: {}
    kept: Callable[[Docs, Docs, Resolve, Rules], Mapping[str, Kept]] = lambda *_: {}
    likely: Callable[[Difference, Found], Iterable[tuple[str, str]]] = lambda *_: ()
    impossible: Callable[[Doc, Found, Resolve], str | None] = lambda *_: None
    unmade: Callable[[Difference, Doc, Rules], str] = lambda *_: ""
    goes: Callable[[Doc, Doc, Rules], bool | None] = lambda *_: None
