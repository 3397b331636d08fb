"""All rows, in restore order; a part follows the type that it completes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lookervault_core.catalog import (
    access,
    agents,
    appearance,
    archive,
    boards,
    connected,
    content,
    delivery,
    folders,
    instance,
    models,
    people,
)
from lookervault_core.catalog.payloads import volatile_of
from lookervault_core.catalog.vocabulary import ContentType, WriteFacts

ROWS = (
    *people.ROWS,
    *access.ROWS,
    *folders.ROWS,
    *models.ROWS,
    *content.ROWS,
    delivery.ALERTS,
    *boards.ROWS,
    delivery.SCHEDULED_PLANS,
    *appearance.ROWS,
    models.CONNECTIONS,
    *instance.ROWS,
    *agents.ROWS,
    *connected.ROWS,
    *archive.ROWS,
)
CATALOG: Mapping[str, ContentType] = {row.name: replace(row, volatile=volatile_of(row)) for row in ROWS}


def _facts() -> Iterator[WriteFacts]:
    for row in ROWS:
        if row.writes:
            yield replace(row.writes, name=row.name)
    yield from content.NESTED
    yield from boards.NESTED
    yield from agents.NESTED


# How everything that can be written is written, by its type; what is nested in others has a row of its own here.
WRITES: Mapping[str, WriteFacts] = {facts.name: facts for facts in _facts()}
