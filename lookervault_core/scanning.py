"""Find the objects with a text in any value, by reading all payloads, and say where the text is."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.document import decode
from lookervault_core.errors import BlobDamaged, CodecError, NotFound
from lookervault_core.history.documents import Documents, decoded
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

NAME = "name"
Fold = Callable[[str], str]  # how texts are compared: in which form
AROUND = 40  # characters on each side of what was found


class Hit(msgspec.Struct, frozen=True):
    """An object that holds a text. `where` is `name`, or the path of the first field with it, `snippet` the text around it there.

    `snapshot_id` is set for an object that no longer holds the text: the last snapshot in which it did."""

    content_type: str
    id: str
    name: str
    where: str
    snippet: str = ""
    snapshot_id: int | None = None


def holding(vault: Vault, names: Sequence[str], snapshot_id: int | None, text: str) -> Iterator[Hit]:
    """Yield the objects of the types *names* with *text* in their name, and then those with it in a value of their payload."""
    wanted, shown = text.casefold(), set[tuple[str, str]]()
    for name in (name for name in names if not CATALOG[name].is_part):
        for row in _rows(vault, name, snapshot_id):
            if wanted in row.name.casefold():
                shown.add((name, row.id))
                yield Hit(name, row.id, row.name, NAME, around(row.name, wanted))
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
            found = next(places(decode(item.payload), wanted), None)
            if found is not None:
                yield Hit(name, item.id, item.name, found[0], around(found[1], wanted))


def held_before(vault: Vault, names: Sequence[str], text: str, shown: Container[tuple[str, str]]) -> Iterator[Hit]:
    """Yield the objects that held *text* in an earlier version, each by the last such version, without those in *shown*.

    Damaged versions are skipped."""
    wanted = text.casefold()
    for name in names:
        done = set[str]()
        for version_id, item_id, title in _versions(vault, name):
            if item_id in done or (name, item_id) in shown:
                continue
            found = _place_in(vault, version_id, title, wanted)
            if found is not None:
                done.add(item_id)
                last = next(one for one in vault.history(ContentKey(name, item_id)) if one.version_id == version_id)
                yield Hit(name, item_id, title, found[0], around(found[1], wanted), last.last_snapshot_id)


def _versions(vault: Vault, name: str) -> list[tuple[int, str, str]]:
    """Return every version of a type that a snapshot holds, the newest first."""
    with vault.read() as db:
        return db.execute(
            "SELECT v.version_id, i.id, v.name FROM content_items i JOIN content_versions v USING (item_id)"
            " WHERE i.content_type = ?1 AND v.version_id IN (SELECT version_id FROM held_spans"
            " WHERE lane_id IN (SELECT lane_id FROM lanes WHERE content_type = ?1))"
            " ORDER BY v.version_id DESC",
            (name,),
        ).fetchall()


def _place_in(vault: Vault, version_id: int, title: str, wanted: str) -> tuple[str, str] | None:
    if wanted in title.casefold():
        return NAME, title
    with vault.read() as db:
        try:
            payload = Documents(db).payload(version_id)[1]
            escaped, folded = json.dumps(wanted)[1:-1].casefold(), payload.decode(errors="replace").casefold()
            return next(places(decoded(payload), wanted), None) if wanted in folded or escaped in folded else None
        except (BlobDamaged, CodecError):
            return None


def around(text: str, wanted: str, fold: Fold = str.casefold) -> str:
    """Return the part of *text* around *wanted*, on one line."""
    at = max(0, fold(text).find(wanted))
    start, stop = max(0, at - AROUND), at + len(wanted) + AROUND
    return f"{'…' if start else ''}{' '.join(text[start:stop].split())}{'…' if stop < len(text) else ''}"


def places(
    value: Any, wanted: str, path: str = "", fold: Fold = str.casefold, *, texts_only: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each value that contains *wanted*, such as `dashboard_elements[2].title`; names of fields do not
    count, with *texts_only* numbers and truth values neither."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from places(below, wanted, f"{path}.{key}" if path else str(key), fold, texts_only=texts_only)
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from places(below, wanted, f"{path}[{at}]", fold, texts_only=texts_only)
    elif value is not None and not (texts_only and not isinstance(value, str)) and wanted in fold(_text(value)):
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else json.dumps(value)
