"""What a family says while objects of its types are compared, beyond the row in the catalog. Pure."""

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
    """Functions of one type; where it has none, what holds for any plain object.

    Of a whole object: `within` returns of a live object what is to be compared, and by live id what of it is nested elsewhere in it
    now; `paired` sees the tree once it is settled which nested objects are the same, `compared` once all fields are compared.
    `fields` sees each object, a nested one too, once its own fields are.

    `more_calls` counts the calls that it takes to write a difference beside those for each object.

    Of nested objects: `elsewhere` returns by live id those that somebody moved out of their parent, `kept` by id in the backup
    those that keep what cannot be read, `likely` those that may be the same by what they hold. `impossible` returns why one cannot
    be compared at all, "" where nobody need know; `unmade` why one that is not there is not made, or ""; `goes` whether a live one
    that the backup lacks is to go, None where nothing special holds.
    """

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
