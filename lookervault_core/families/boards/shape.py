"""What of a board is compared: in its orders only what is there. Pure."""

from __future__ import annotations

from lookervault_core.diff.doc import Doc, text_of
from lookervault_core.families.shape import Shape


def _order_what_is_there(doc: Doc) -> None:
    """Order lists may name what is long gone; only what is there can be ordered."""
    for field, content_type in (("section_order", "board_sections"), ("item_order", "board_items")):
        if doc.fields.get(field) is not None and content_type in doc.children:
            there = doc.children[content_type]
            doc.fields[field] = [text_of(key) for key in doc.fields[field] if text_of(key) in there]


SHAPES = {
    "boards": Shape(renamed=frozenset({"deleted_at"}), settle=_order_what_is_there),
    "board_sections": Shape(settle=_order_what_is_there),
}
