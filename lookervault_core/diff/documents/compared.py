"""Which fields of a payload are compared, and which schema of Looker's description has them. Pure."""

from __future__ import annotations

from functools import cache

from lookervault_core.catalog import CATALOG, DOCUMENTS, MADE_BY, WRITES
from lookervault_core.catalog.uncompared import why


def schema_of(content_type: str) -> str:
    """Return the name of the schema with the writable fields of a type, or of a document of settings; "" if there is none."""
    if content_type in DOCUMENTS:
        return DOCUMENTS[content_type].schema
    return CATALOG[content_type].payload if content_type in MADE_BY else WRITES[content_type].schema


def read_schema_of(content_type: str) -> str:
    """Return the name of the schema of a type's payloads as they are read, or ""."""
    row = CATALOG.get(content_type)
    return (row.payload if row is not None else "") or schema_of(content_type)


@cache
def is_compared(content_type: str, field: str) -> bool:
    """Return whether a field of a payload is compared: only the table in `catalog/uncompared.py` leaves fields out."""
    schema = read_schema_of(content_type)
    return not schema or why(schema, field) is None
