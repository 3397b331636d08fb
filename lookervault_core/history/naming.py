"""Which object somebody means: by its id, its address in a browser, its slug, its title, or the path to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import PERSON, shown_at
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.history.holders import Holders
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

CHOICES_SHOWN = 20


class Choice(msgspec.Struct, frozen=True):
    """One of several objects that have the same name."""

    content_type: str
    id: str
    name: str
    folder: str
    owner: str
    updated_at: str | None


class Ambiguous(UsageError):
    """A name that several objects have; `choices` lists them."""

    def __init__(self, message: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(message)
        self.choices = choices


def find_object(vault: Vault, content_type: str, text: str, snapshot_id: int | None = None) -> ContentKey:
    """Return the object of a type that *text* names in a snapshot, else in any other snapshot.

    *text* is tried as an id or address, then as a slug, a title, a path. Raises Ambiguous if several objects have that name,
    NotFound if none has, UsageError for the address of an object of another type."""
    with vault.read() as db:
        if _is_known(db, content_type, text):
            return ContentKey(content_type, text)
        if "://" in text:
            return _at_address(vault, db, content_type, text)
        for fitting in (_by_slug, _by_title, _by_path):
            found = fitting(db, content_type, text, snapshot_id)
            if found:
                return _only(db, content_type, text, found)
    raise NotFound(
        f"{content_type} {text[:200]}: no snapshot holds it; `lookervault list {content_type}` says what there is"
    )


def _is_known(db: sqlite3.Connection, content_type: str, text: str) -> bool:
    row = db.execute("SELECT 1 FROM content_items WHERE content_type = ? AND id = ?", (content_type, text)).fetchone()
    return row is not None


def _at_address(vault: Vault, db: sqlite3.Connection, content_type: str, text: str) -> ContentKey:
    """Return the object that a browser shows at an address."""
    try:
        place = urlsplit(text)
    except ValueError as exc:
        raise UsageError(f"{text[:200]}: this is no address") from exc
    ours = urlsplit(vault.instance_url or "")
    if ours.hostname and place.hostname != ours.hostname:
        raise UsageError(f"{text[:200]}: this is the address of another instance; the vault is of {ours.hostname}")
    kind, name = next(_named_in(place.path), ("", ""))
    if not kind:
        raise UsageError(f"{text[:200]}: no object is at this address")
    if kind != content_type:
        raise UsageError(f"{text[:200]}: this is one of {kind}, not of {content_type}")
    if _is_known(db, kind, name):
        return ContentKey(kind, name)
    found = _by_slug(db, kind, name, None)
    if found:
        return ContentKey(kind, found[0])
    raise NotFound(f"{kind} {name[:200]}: no snapshot holds it; `lookervault list {kind}` says what there is")


def _named_in(path: str) -> Iterator[tuple[str, str]]:
    parts = [unquote(part) for part in path.split("/") if part]
    for kind, name in pairwise(parts):
        if shown_at(kind) is not None:
            yield str(shown_at(kind)), name


def _by_slug(db: sqlite3.Connection, content_type: str, text: str, _snapshot_id: int | None) -> list[str]:
    """Return what has the slug now, or had it last."""
    rows = db.execute(
        "SELECT i.id FROM version_slugs s JOIN content_versions v USING (version_id) JOIN content_items i USING (item_id)"
        " WHERE s.slug = ? AND i.content_type = ? ORDER BY version_id DESC LIMIT 1",
        (text, content_type),
    )
    return [item_id for (item_id,) in rows]


def _by_title(db: sqlite3.Connection, content_type: str, text: str, snapshot_id: int | None) -> list[str]:
    """Return what is called so in the snapshot, to the letter; else what was called so last; else both in any case, and what was
    ever called so."""
    (held, within), (ever, of_type) = _within(content_type, snapshot_id)
    last = " AND v.version_id = (SELECT max(version_id) FROM content_versions WHERE item_id = i.item_id)"
    for statement, given, named in (
        (held, within, "v.name = ?"),
        (ever + last, of_type, "v.name = ?"),
        (held, within, "v.name = ? COLLATE NOCASE"),
        (ever, of_type, "v.name = ?"),
        (ever, of_type, "v.name = ? COLLATE NOCASE"),
    ):
        rows = db.execute(f"{statement} AND {named}", (*given, text))
        found = list(dict.fromkeys(item_id for item_id, *_ in rows))
        if found:
            return found
    return []


def _by_path(db: sqlite3.Connection, content_type: str, text: str, snapshot_id: int | None) -> list[str]:
    """Return what is at the end of a path of folders, which need not begin at the top."""
    said = text.strip("/")
    if "/" not in said:
        return []
    holders = Holders(db, snapshot_id)
    for statement, within in _within(content_type, snapshot_id):
        rows = db.execute(f"{statement} AND ? LIKE '%/' || v.name COLLATE NOCASE", (*within, said))
        found = [item_id for item_id, name, folder in rows if _is_at(holders.path(folder), said, name)]
        if found:
            return list(dict.fromkeys(found))
    return []


def _is_at(path: str, said: str, name: str) -> bool:
    wanted = said[: -len(name) - 1].casefold() if name else ""
    return bool(name) and f"/{path}".casefold().endswith(f"/{wanted}")


def _within(content_type: str, snapshot_id: int | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield where to look for names: in the snapshot, or the one that speaks; then in all that the vault has."""
    held = (
        "SELECT i.id, v.name, v.folder_id FROM snapshot_items s JOIN content_items i USING (item_id)"
        " JOIN content_versions v USING (version_id) WHERE i.content_type = ? AND s.snapshot_id = "
    )
    if snapshot_id is not None:
        yield f"{held}?", (content_type, snapshot_id)
    else:
        visible = "(SELECT snapshot_id FROM visible_snapshots WHERE content_type = ?)"
        yield f"{held}{visible}", (content_type, content_type)
    ever = "SELECT i.id, v.name, v.folder_id FROM content_items i JOIN content_versions v USING (item_id)"
    yield f"{ever} WHERE i.content_type = ?", (content_type,)


def _only(db: sqlite3.Connection, content_type: str, text: str, found: Sequence[str]) -> ContentKey:
    if len(found) == 1:
        return ContentKey(content_type, found[0])
    choices = tuple(_choices(db, content_type, found[:CHOICES_SHOWN]))
    ids = ", ".join(choice.id for choice in choices) + (" …" if len(found) > len(choices) else "")
    singular = CATALOG[content_type].singular
    raise Ambiguous(
        f"{len(found)} {content_type} are called {text[:200]!r}: name the {singular} by its id ({ids})", choices
    )


def _choices(db: sqlite3.Connection, content_type: str, found: Sequence[str]) -> Iterator[Choice]:
    holders = Holders(db)
    for item_id in found:
        name, folder, owner, updated_at = db.execute(
            "SELECT v.name, v.folder_id, v.owner_id, v.updated_at FROM content_items i"
            " JOIN content_versions v USING (item_id) WHERE i.content_type = ? AND i.id = ?"
            " ORDER BY version_id DESC LIMIT 1",
            (content_type, item_id),
        ).fetchone()
        who = holders.name(PERSON, owner)
        yield Choice(content_type, item_id, name, holders.path(folder), who, updated_at)
