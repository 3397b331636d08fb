"""Match sections and items that somebody moved to another place of a board: a restore moves them back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from lookervault_core.diff.comparing.pairing import live_id_of
from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.families.comparison import Comparison, Docs

SECTION, ITEM = "board_sections", "board_items"


def _without_misplaced(board: Doc, live: Doc, rules: Rules) -> tuple[Doc, Docs]:
    """Return a live board with nothing in it that the backup has elsewhere, and by live id the items among that which are its own.

    What somebody put into another section, or with that onto another board, is the same still, and goes back.
    """
    homes = {
        live_id_of(ITEM, item, rules): live_id_of(SECTION, section, rules)
        for section, doc in board.children.get(SECTION, {}).items()
        for item in doc.children.get(ITEM, {})
    }
    there = live.children.get(SECTION, {})
    items = [(key, item, doc) for key, section in there.items() for item, doc in section.children[ITEM].items()]
    astray = {item: doc for key, item, doc in items if homes.get(item, key) != key}
    sections = {}
    for key, section in there.items():
        if not rules.known.is_of_another(SECTION, key, board.id):
            kept = {i: d for i, d in section.children[ITEM].items() if i not in astray}
            kept = {i: d for i, d in kept.items() if not rules.known.is_of_another(ITEM, i, board.id)}
            sections[key] = _holding(section, ITEM, kept, "item_order")
    return _holding(live, SECTION, sections, "section_order"), astray


def _holding(doc: Doc, kind: str, inside: dict[str, Doc], order: str) -> Doc:
    """Return *doc* with only what is *inside* nested in it and named by its *order*."""
    fields = doc.fields
    if fields.get(order) is not None:
        fields = {**fields, order: [one for one in fields[order] if one in inside]}
    return msgspec.structs.replace(doc, fields=fields, children={**doc.children, kind: inside})


def _elsewhere(kind: str) -> Callable[[Iterable[str], Docs, Docs, Rules], Docs]:
    def elsewhere(wanted: Iterable[str], there: Docs, astray: Docs, rules: Rules) -> Docs:
        """Return by live id what of a board is on it no more, or not in its section, because somebody moved it."""
        ids = {live_id for key in wanted if (live_id := live_id_of(kind, key, rules)) and live_id not in there}
        docs = {live_id: astray.get(live_id) or rules.known.elsewhere(kind, live_id) for live_id in sorted(ids)}
        return {live_id: doc for live_id, doc in docs.items() if doc is not None}

    return elsewhere


def _bring_sections_home(board: Difference, _rules: Rules) -> None:
    """A section that is on another board now goes back; and nothing that was in it is one too many where it comes from."""
    there = board.live.children[SECTION] if board.live is not None else {}
    for section in board.of(SECTION):
        if section.live is not None and section.live.id not in there:
            section.changed["board_id"] = board.live.id if board.live is not None else NEW
            section.waits |= board.live is None
    taken = {(part.content_type, part.live.id) for part in board.walk() if part.live is not None}
    for part in board.walk():
        part.extras = [(kind, doc) for kind, doc in part.extras if (kind, doc.id) not in taken]
        part.beyond = [(kind, doc) for kind, doc in part.beyond if (kind, doc.id) not in taken]


COMPARISONS = {
    "boards": Comparison(within=_without_misplaced, compared=_bring_sections_home),
    SECTION: Comparison(elsewhere=_elsewhere(SECTION)),
    ITEM: Comparison(elsewhere=_elsewhere(ITEM)),
}
