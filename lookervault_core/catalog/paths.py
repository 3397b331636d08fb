"""Which objects a write call names in its path and its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookervault_core.catalog.rows import WRITES
from lookervault_core.catalog.vocabulary import WriteCall

Named = tuple[str, str]

# The part of a path before an id says what the id is of, where it is not the type itself.
_TYPES = {
    "attribute_values": "user_attributes",
    "content_metadata_access": "content_metadata_accesses",
    "service_accounts": "users",
}
_FIELDS: Mapping[str, str] = {
    "board_id": "boards",
    "board_section_id": "board_sections",
    "content_metadata_id": "content_metadata",
} | {
    ref.path.rpartition(".")[2]: ref.to
    for facts in WRITES.values()
    for ref in facts.references
    if ref.kind == "id" and not ref.path.endswith("[]")
}


def named_by(call: WriteCall, destination_id: str, other: str, body: Any) -> Iterator[Named]:
    """Yield the type and id of each object that a write call names in its path or in its *body*."""
    parts = call.path.partition("?")[0].split("/")
    for at, part in enumerate(parts):
        if part in ("{id}", "{other}"):
            yield _type(parts[at - 1]), destination_id if part == "{id}" else other
    for row in body if isinstance(body, list) else [body]:
        if isinstance(row, Mapping):
            yield from ((_FIELDS[field], str(value)) for field, value in row.items() if field in _FIELDS and value)
        elif row is not None:  # a list of members
            yield _type(parts[-1]), str(row)


def _type(part: str) -> str:
    return _TYPES.get(part, part)
