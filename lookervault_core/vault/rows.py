"""The values that the vault returns. Sizes are in bytes, times UTC-aware, ids Looker's text."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lookervault_core.errors import BlobDamaged
from lookervault_core.model import Change, ContentKey, Hole, TypeCount


class PageCount(msgspec.Struct, frozen=True):
    """How many items of one page are new, changed or unchanged, compared with the snapshot that was visible when it was kept."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


class ItemRow(msgspec.Struct, frozen=True):
    """One item of one snapshot, without its payload. `size` is the payload's, `sha256` its hex digest.

    `read_at` is when it was read, if the snapshot took it over unread and nothing proved it unchanged; else None.
    """

    content_type: str
    id: str
    name: str
    folder_id: str | None
    owner_id: str | None
    updated_at: str | None
    captured_at: datetime
    version_id: int
    sha256: str
    size: int
    change: Change | None = None
    read_at: str | None = None

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


class VersionRow(msgspec.Struct, frozen=True):
    """One version of an item and the snapshots that hold it."""

    version_id: int
    name: str
    updated_at: str | None
    captured_at: datetime
    sha256: str
    size: int
    first_snapshot_id: int
    last_snapshot_id: int
    snapshots: int


class OpenHole(msgspec.Struct, frozen=True):
    """A hole as the vault keeps it; `healed_at` is None while it is open."""

    hole: Hole
    opened_at: datetime
    healed_at: datetime | None = None


class TypeStats(msgspec.Struct, frozen=True):
    """`raw_bytes` counts every version's payload, `stored_bytes` each compressed blob of the type once."""

    content_type: str
    items: int
    versions: int
    raw_bytes: int
    stored_bytes: int


class Stats(msgspec.Struct, frozen=True):
    types: tuple[TypeStats, ...]
    snapshots: int
    blobs: int
    blob_bytes: int
    file_bytes: int


class BlobCheck(msgspec.Struct, frozen=True):
    """The verdict on one version's payload: `damage` is None where its bytes match their SHA-256 and are those of the item."""

    key: ContentKey
    version_id: int
    sha256: str
    size: int
    damage: BlobDamaged | None = None


class Garbage(msgspec.Struct, frozen=True):
    """Counts of what a garbage collection deleted."""

    versions: int
    blobs: int
    items: int
    blob_bytes: int


class RequestCount(msgspec.Struct, frozen=True):
    """The calls of one session by operation and activity; what is recorded adds up over the parts of a resumed run."""

    operation: str
    activity: str = ""
    calls: int = 0
    retries: int = 0
    errors: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Held(msgspec.Struct, frozen=True):
    """The version of an item that a snapshot is to hold. A `carried` one was not read for it: `read_at` says when it was, None if
    a listing proved it unchanged."""

    item_id: int
    version_id: int
    change: int
    carried: bool = False
    read_at: str | None = None


class Closing(msgspec.Struct, frozen=True):
    """The counts of one type when its snapshot is closed, and whether the snapshot is complete for it."""

    count: TypeCount
    complete: bool
