"""The values that the layers hand to each other. All frozen; times are UTC-aware, durations in seconds, sizes in bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

SnapshotStatus = Literal["running", "complete", "partial", "failed", "interrupted"]
Change = Literal["new", "changed", "unchanged"]


class ContentKey(msgspec.Struct, frozen=True, order=True):
    """What identifies an item: ids repeat across types, so an id never travels without its type."""

    content_type: str
    id: str

    def __str__(self) -> str:
        return f"{self.content_type} {self.id}"


class Item(msgspec.Struct, frozen=True):
    """One payload exactly as Looker sent it, with the few columns that the vault indexes.

    `links` are the objects that complete it and that Looker gives by id only.
    """

    content_type: str
    id: str
    payload: bytes
    name: str = ""
    folder_id: str | None = None
    owner_id: str | None = None
    updated_at: str | None = None
    captured_at: datetime | None = None
    links: tuple[ContentKey, ...] = ()

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


OPEN_END = 1_000_000  # rows; a range of so many ends where its listing does


class Range(msgspec.Struct, frozen=True):
    """A span of offsets `[start, stop)` of one content type: the unit of work of one extract task.

    The offsets count rows of a paged listing, or positions in the session's stored list of targets (see
    `extraction_targets`) where a type is fetched object by object. `next_offset` is where to go on: between `start` and
    `stop`, and beyond `stop` never.
    """

    content_type: str
    start: int
    stop: int
    next_offset: int = 0
    done: bool = False

    def __str__(self) -> str:
        if self.stop - self.start >= OPEN_END:
            return f"{self.content_type} from {self.start}"
        # A hyphen, because the timeline of the Prefect UI has no glyph for a dash: `0–59` would read `059` there.
        span = f" {self.start}-{self.stop - 1}" if self.stop - self.start > 1 else ""
        return f"{self.content_type}{span}"


class Receipt(msgspec.Struct, frozen=True):
    """What a range task returns and Prefect persists: never payloads."""

    content_type: str
    start: int
    stop: int
    items: int
    first_id: str | None = None
    last_id: str | None = None
    holes: int = 0
    exhausted: bool = False


class Hole(msgspec.Struct, frozen=True):
    """Something the snapshot should hold and does not. `id` is None where a whole type could not be read."""

    content_type: str
    id: str | None
    reason: str
    status: int = 0


class Note(msgspec.Struct, frozen=True):
    """A limit of what a snapshot knows, which makes it no less complete. `id` is empty if the note is about a whole type.

    `listing`: a listing leaves out what another one names. `unreadable`: it can never be read, and never could. `unlisted`:
    Looker lists some states of a type only. `volatile`: a field seems to change by itself. `unknown`: how many operations of
    Looker's release no account has; its type is `api`. `only_here`: nothing but Looker has what objects are for."""

    content_type: str
    id: str
    kind: Literal["listing", "unreadable", "unlisted", "volatile", "unknown", "only_here"]
    detail: str


class Unkept(msgspec.Struct, frozen=True, order=True):
    """A value that an instance does not keep: it was `sent` at `path` in an object of a type and came back as `kept`, both JSON.
    The path is a field, with keys below it by dots, and `[]` for any row of a list."""

    content_type: str
    path: str
    sent: str
    kept: str


class RefusedValue(msgspec.Struct, frozen=True, order=True):
    """A value that an instance refused for one field of a live object, a nested one too; `sha256` is that of the value's JSON."""

    content_type: str
    live_id: str
    field: str
    sha256: str


class Snapshot(msgspec.Struct, frozen=True):
    """One point-in-time capture of an instance. `types` is its scope; `folders` narrows it to some folders."""

    snapshot_id: int
    session_id: str
    status: SnapshotStatus
    started_at: datetime
    closed_at: datetime | None
    types: tuple[str, ...]
    folders: tuple[str, ...] = ()
    release: str = ""

    @property
    def folder_ids(self) -> tuple[str, ...]:
        """Return the ids of the folders that narrow the snapshot; none for the state before a restore, which has words there
        instead."""
        return tuple(folder for folder in self.folders if " " not in folder)


class TypeCount(msgspec.Struct, frozen=True):
    """What one snapshot did for one content type.

    `listed` is the number of ids of the independent listing; `deleted` counts items of the snapshot before that are gone.
    `carried` were taken over from that one and not read; nothing in the snapshot is older than `oldest_read_at`.
    """

    content_type: str
    listed: int = 0
    captured: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    holes: int = 0
    carried: int = 0
    oldest_read_at: str | None = None


class Session(msgspec.Struct, frozen=True):
    """One extraction run; its id is what `--resume` takes."""

    session_id: str
    snapshot_id: int
    status: SnapshotStatus
    started_at: datetime
    ended_at: datetime | None
    options: dict[str, object]

    @property
    def is_import(self) -> bool:
        """Return whether its snapshot was imported from an export: such a session is never resumed."""
        return "import" in self.options

    @property
    def restore(self) -> str | None:
        """Return the restore's session id if this snapshot is the state before a restore, else None; such a one is never
        resumed."""
        found = self.options.get("before_restore")
        return None if found is None else str(found)
