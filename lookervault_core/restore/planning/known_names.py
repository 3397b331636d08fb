"""What objects are called: by the backup, and by what a plan has read of Looker anyway. Nothing is asked for a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT
from lookervault_core.diff.describe import owner_key
from lookervault_core.diff.document import decode
from lookervault_core.diff.plan import Plan, Step
from lookervault_core.diff.words import kind_of, named
from lookervault_core.errors import NotFound
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.vault import ItemRow

_DELIVERED = {"dashboard_id": "dashboards", "look_id": "looks", "lookml_dashboard_id": "lookml_dashboards"}
_DEEPEST = 50  # folders that contain each other would never end


class KnownNames:
    """Names by type, id and side, as `diff.words.Names` has them. A folder is called by its path, a user by the e-mail address.

    On the backup's own instance an object is called as the backup has it, also where Looker calls it otherwise by now."""

    def __init__(self, backup: Backup, live: Live, *, same_instance: bool) -> None:
        self._backup, self._live, self._same_instance = backup, live, same_instance
        self._newest: dict[str, Mapping[str, ItemRow]] = {}
        self._users: dict[str, str] = {}
        self._titles: dict[str, Counter[str]] = {}

    def __call__(self, content_type: str, item_id: str, is_live: bool) -> str:
        if content_type not in CATALOG:
            return ""
        if content_type == "folders":
            return "/".join(reversed(list(self._path(item_id, is_live=is_live))))
        ours = self._in_backup(content_type, item_id) if self._same_instance or not is_live else ""
        if not ours and is_live and (body := self._live.known(content_type, item_id)):
            return name_in(content_type, decode(body))
        return ours

    def is_ambiguous(self, step: Step) -> bool:
        """Return whether the backup has more than one object of a type under the same title."""
        if step.content_type not in self._titles:
            names = (row.name for row in self._backup.rows(step.content_type).values())
            self._titles[step.content_type] = Counter(names)
        return self._titles[step.content_type][step.name] > 1

    def payload(self, step: Step) -> Any:
        """Return the object of a step, decoded: the backup's, or where that has none the live one as far as it was read."""
        if self._backup.has(step.content_type, step.id):
            return self._backup.readable(step.content_type, step.id)
        body = self._live.known(step.content_type, step.id)
        return decode(body) if body else None

    def _path(self, folder_id: str, *, is_live: bool) -> Iterator[str]:
        """Yield the names of a folder and of those above it."""
        for _ in range(_DEEPEST):
            name, parent = self._folder(folder_id, is_live=is_live)
            if not name:
                return
            yield name
            if not parent:
                return
            folder_id = parent

    def _folder(self, folder_id: str, *, is_live: bool) -> tuple[str, str]:
        row = self._row("folders", folder_id) if self._same_instance or not is_live else None
        if row is not None:
            return row.name, row.folder_id or ""
        body = self._live.known("folders", folder_id) if is_live else None
        folder = decode(body) if body else {}
        return str(folder.get("name") or ""), str(folder.get("parent_id") or "")

    def _in_backup(self, content_type: str, item_id: str) -> str:
        if content_type == "content_metadata":
            metadata = self._backup.readable(content_type, item_id) or {}
            folder_id = str(metadata.get("folder_id") or "")
            return (self("folders", folder_id, False) if folder_id else "") or str(metadata.get("name") or "")
        if content_type == "users":
            return self._user(item_id)
        row = self._row(content_type, item_id)
        return row.name if row is not None else ""

    def _user(self, user_id: str) -> str:
        if user_id not in self._users:
            row = self._row("users", user_id)
            user = self._backup.readable("users", user_id)
            self._users[user_id] = name_in("users", user) if user else row.name if row is not None else ""
        return self._users[user_id]

    def _row(self, content_type: str, item_id: str) -> ItemRow | None:
        """Return the row of an item in the backup, or of the vault's newest snapshot where the state before a restore lacks it."""
        row = self._backup.rows(content_type).get(item_id)
        if row is None:
            row = self._newest_rows(content_type).get(item_id)
        return row

    def _newest_rows(self, content_type: str) -> Mapping[str, ItemRow]:
        if content_type not in self._newest:
            try:
                rows = self._backup.vault.items(content_type)
            except NotFound:
                rows = []
            self._newest[content_type] = {row.id: row for row in rows}
        return self._newest[content_type]


def name_in(content_type: str, payload: Any) -> str:
    """Return what an object is called by its payload; an alert that nobody gave a title by what it watches."""
    if not isinstance(payload, Mapping):
        return ""
    fields = (
        ("email", *CATALOG[content_type].name_fields) if content_type == "users" else CATALOG[content_type].name_fields
    )
    name = next((str(payload[field]) for field in (*fields, "title", "name", "label") if payload.get(field)), "")
    if not name and content_type == "alerts":
        watched = (payload.get("field") or {}).get("title") or ""
        return " ".join(filter(None, (watched, str(payload.get("comparison_type") or "").lower().replace("_", " "))))
    return name


def told_by_name(plan: Plan, names: KnownNames) -> Plan:
    """Return *plan* with the names of lists, which are those of their owners, and with where things are that share a title."""
    return Plan(tuple(_told(step, names) for step in plan.steps))


def _told(step: Step, names: KnownNames) -> Step:
    if step.is_as_in_backup and not step.lost:
        return step
    return msgspec.structs.replace(step, name=step.name or _name(step, names), where=_where(step, names))


def _name(step: Step, names: KnownNames) -> str:
    """Return what to call an object that has no name of its own: a list by its owner, an alert by what it watches."""
    owner = owner_key(step.content_type, step.id)
    if owner != step.key or step.content_type == "content_metadata":
        return names(owner.content_type, owner.id, False)
    return name_in("alerts", names.payload(step)) if step.content_type == "alerts" else ""


def _where(step: Step, names: KnownNames) -> str:
    """Return in words where an object is or what it is about, if its name alone does not say so."""
    if step.content_type == "folders" or (step.content_type in CONTENT and names.is_ambiguous(step)):
        payload = names.payload(step) or {}
        parent = payload.get("parent_id") if step.content_type == "folders" else payload.get("folder_id")
        path = names("folders", str(parent), False) if parent else ""
        return f"in {path}" if path else ""
    if step.content_type == "scheduled_plans":
        payload = names.payload(step) or {}
        sent = [(kind, str(payload[field])) for field, kind in _DELIVERED.items() if payload.get(field)]
        return " ".join(f"of {kind_of(kind)} {named(kind, one, names, live=False)}" for kind, one in sent)
    return ""
