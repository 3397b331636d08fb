"""The way back: what a restore is about to change is captured first, and `undo` puts that back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog_writes import WRITES, restore_order
from lookervault_core.columns import columns, item_of
from lookervault_core.differences import NEW
from lookervault_core.documents import decode
from lookervault_core.errors import Invalid, Missing
from lookervault_core.model import ContentKey, Item, Range
from lookervault_core.plan import Found
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.preflight import same_host
from lookervault_core.restore.surplus import remove, trash
from lookervault_core.restore.writer import ADOPTED, DONE, Writer
from lookervault_core.vault import Vault, journal


class Taken(NamedTuple):
    """How many objects were removed again, and in words which were not."""

    removed: int
    kept: tuple[str, ...]


# A snapshot that is narrowed is never the one that speaks for a type.
SCOPE = "state before a restore"
# What stands on something goes before it.
_NESTED = ("dashboard_elements", "dashboard_filters", "dashboard_layouts", "board_items", "board_sections")
_MARK = "before_restore"


def keep_live_state(
    vault: Vault, session_id: str, found: Mapping[ContentKey, Found | None], live: Live, base_url: str
) -> int | None:
    """Keep the live payload of everything that is there and will be written, as a snapshot of its own; return its id.

    An instance that is not the vault's own has its ids in a file of its own beside it (see `undo_path`).
    """
    by_type: dict[str, list[Item]] = {}
    for key, one in found.items():
        payload = _payload(live, key, one)
        if one is not None and payload:
            by_type.setdefault(key.content_type, []).append(_item(key.content_type, one.id, payload))
    if not by_type:
        return None
    with ExitStack() as stack:
        kept = _vault_for(vault, session_id, base_url, stack)
        return _keep(kept, session_id, by_type)


def _item(content_type: str, live_id: str, payload: bytes) -> Item:
    """Return a live payload as an item with all its columns: a later snapshot may hold this very version."""
    row = CATALOG[content_type]
    if row.is_part and not row.many and row.shape == "plain":
        return Item(content_type, live_id, payload)
    return msgspec.structs.replace(item_of(row, columns(row, payload), payload), id=live_id)


def undo_path(vault: Vault, session_id: str) -> Path:
    """Return where the state of another instance is kept before a restore onto it."""
    return vault.path.with_name(f"{vault.path.stem}.undo-{session_id}.db")


def states_before(vault: Vault, session_id: str) -> list[tuple[int, tuple[ContentKey, ...]]]:
    """Return the snapshots that a restore made before it wrote, oldest first, each with what no older one has.

    A restore that was resumed has kept the state once for each time that it began.
    """
    made = [one.snapshot_id for one in vault.sessions() if one.options.get(_MARK) == session_id]
    seen: set[ContentKey] = set()
    states = []
    for snapshot_id in reversed(made):
        names = vault.snapshot(snapshot_id).types
        keys = [item.key for name in names for item in vault.items(name, snapshot_id) if item.key not in seen]
        seen.update(keys)
        states.append((snapshot_id, tuple(keys)))
    return [(snapshot_id, keys) for snapshot_id, keys in states if keys]


def take_back(writer: Writer, entries: Iterable[journal.Entry], trashed: Mapping[ContentKey, str]) -> Taken:
    """Remove what the *entries* of a restore's journal made, last things first, and trash what it took out of the trash.

    Dashboards and looks go to the trash, where they can still be found. A folder that holds something else by now stays, and
    so does everything that people have added since.
    """
    made = [(entry.key, str(entry.destination_id)) for entry in entries if _is_create(entry)]
    order = restore_order()
    ours = {key: live_id for key, live_id in made if key.content_type in order and WRITES[key.content_type].delete}
    nested = {key: live_id for key, live_id in made if key.content_type in _NESTED}
    for kind in _NESTED:
        for key, live_id in nested.items():
            if key.content_type == kind:
                _remove_nested(writer, key, live_id)
    doomed = sorted(ours.items(), key=lambda pair: order.index(pair[0].content_type))
    doomed.reverse()
    kept = [key for key, live_id in doomed if key.content_type == "folders" and not _is_empty(writer, live_id, ours)]
    gone = [remove(writer, key, live_id) for key, live_id in doomed if key not in kept]
    gone += [trash(writer, key, live_id) for key, live_id in trashed.items()]
    return Taken(sum(gone), tuple(f"{key}: it stays, because it holds what the restore did not make" for key in kept))


def _is_create(entry: journal.Entry) -> bool:
    """A POST may also add a login, a member or a row to what was there before: that is not ours to remove."""
    facts = WRITES.get(entry.key.content_type)
    creates = {facts.create.operation} if facts and facts.create else set()
    if entry.key.content_type == "users":
        creates |= {"create_embed_user", "create_service_account"}
    return entry.step in creates and entry.outcome in (DONE, ADOPTED) and bool(entry.destination_id)


def _remove_nested(writer: Writer, key: ContentKey, live_id: str) -> None:
    try:
        remove(writer, key, live_id)
    except Invalid:
        if key.content_type != "dashboard_layouts":  # the tab that is active stays; it is empty by now
            raise


def _is_empty(writer: Writer, folder_id: str, ours: Mapping[ContentKey, str]) -> bool:
    """Return whether a folder, with the folders below it, holds nothing but what the restore made."""
    made = {(key.content_type, live_id) for key, live_id in ours.items()}
    waiting = [folder_id]
    while waiting:
        one = quote(waiting.pop(), safe="")
        try:
            folder = decode(writer.looker.get("folder", f"/folders/{one}", item=folder_id).body)
        except Missing:
            continue
        for kind in ("dashboards", "looks"):
            held = [row for row in folder.get(kind) or () if not row.get("deleted")]
            if any((kind, str(row["id"])) not in made for row in held):
                return False
        if folder.get("child_count"):
            children = decode(writer.looker.get("folder_children", f"/folders/{one}/children", {"fields": "id"}).body)
            waiting += [str(row["id"]) for row in children]
            if any(("folders", one) not in made for one in waiting):
                return False
    return True


def trashed_before(vault: Vault, snapshot_id: int, keys: Iterable[ContentKey]) -> dict[ContentKey, str]:
    """Return those of *keys* that lay in the trash when the state was kept, with their ids."""
    names = [name for name in ("dashboards", "looks") if name in vault.snapshot(snapshot_id).types]
    items = (item for name in names for item in vault.iter_payloads(name, snapshot_id))
    wanted = set(keys)
    return {item.key: item.id for item in items if item.key in wanted and is_trashed(item.payload)}


def _payload(live: Live, key: ContentKey, found: Found | None) -> bytes | None:
    if found is None or found.id == NEW:
        return None
    return found.payload or live.read(key.content_type, found.id)


def _vault_for(vault: Vault, session_id: str, base_url: str, stack: ExitStack) -> Vault:
    if same_host(vault.instance_url, base_url):
        return vault
    other = stack.enter_context(Vault.create_or_open(undo_path(vault, session_id)))
    other.claim_instance(base_url)
    return other


def _keep(vault: Vault, session_id: str, by_type: dict[str, list[Item]]) -> int:
    session = vault.begin_session(list(by_type), [SCOPE], {_MARK: session_id})
    for name, items in by_type.items():
        span = Range(name, 0, len(items))
        vault.plan_ranges(session.session_id, [span])
        vault.set_census(session.snapshot_id, name, [item.id for item in items])
        volatile = CATALOG[name].volatile
        vault.keep_page(session.session_id, session.snapshot_id, span, items, [], span.stop, True, volatile)
    return vault.close_snapshot(session.session_id).snapshot_id
