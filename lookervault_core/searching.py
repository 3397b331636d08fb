"""Find the objects of a snapshot that hold a text, and say where they hold it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.document import decode
from lookervault_core.errors import NotFound
from lookervault_core.vault import Vault

NAME = "name"


class Hit(msgspec.Struct, frozen=True):
    """An object that holds a text; `where` is `name`, or the path of the first field that holds it."""

    content_type: str
    id: str
    name: str
    where: str


def holding(vault: Vault, names: Sequence[str], snapshot_id: int | None, text: str) -> Iterator[Hit]:
    """Yield the objects of the types *names* with *text* in their name, and then those with it in a value of their payload."""
    wanted, shown = text.casefold(), set[tuple[str, str]]()
    for name in (name for name in names if not CATALOG[name].is_part):
        for row in _rows(vault, name, snapshot_id):
            if wanted in row.name.casefold():
                shown.add((name, row.id))
                yield Hit(name, row.id, row.name, NAME)
    for name in names:
        yield from (hit for hit in _in_payloads(vault, name, snapshot_id, wanted) if (name, hit.id) not in shown)


def _rows(vault: Vault, name: str, snapshot_id: int | None) -> Sequence[Any]:
    try:
        return vault.items(name, snapshot_id)
    except NotFound:
        if snapshot_id is not None:
            raise
        return []  # no snapshot of the type is finished


def _in_payloads(vault: Vault, name: str, snapshot_id: int | None, wanted: str) -> Iterator[Hit]:
    if CATALOG[name].list.media or (snapshot_id is None and vault.visible_snapshot(name) is None):
        return
    escaped = json.dumps(wanted)[1:-1].casefold()
    for item in vault.iter_payloads(name, snapshot_id):
        payload = item.payload.decode(errors="replace").casefold()
        if wanted in payload or escaped in payload:
            where = first_place(decode(item.payload), wanted)
            if where is not None:
                yield Hit(name, item.id, item.name, where)


def first_place(value: Any, wanted: str, path: str = "") -> str | None:
    """Return the path of the first value that holds *wanted*, such as `dashboard_elements[2].title`, or None: names of fields are
    no values."""
    if isinstance(value, Mapping):
        below = ((f"{path}.{key}" if path else str(key), one) for key, one in value.items())
    elif isinstance(value, list):
        below = ((f"{path}[{at}]", one) for at, one in enumerate(value))
    else:
        return path if value is not None and wanted in _text(value).casefold() else None
    return next((found for name, one in below if (found := first_place(one, wanted, name)) is not None), None)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else json.dumps(value)
