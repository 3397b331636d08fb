"""The manifest: what an export holds, of which snapshots, and what it lacks. One line an item, so that git shows what changed."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import ExportError, NotFound
from lookervault_core.exchange.names import file_of
from lookervault_core.model import ContentKey, Hole, SnapshotStatus

FORMAT = 1
_LARGEST = 1 << 30  # three million items
MANIFEST = "manifest.json"
UNFINISHED = ".manifest.json.unfinished"
# What the instance says of its own API.
DESCRIPTION = "api_description.json"


class Source(msgspec.Struct, frozen=True):
    """A snapshot that the export was made of."""

    snapshot_id: int
    status: SnapshotStatus
    started_at: datetime
    closed_at: datetime | None
    release: str


class TypePart(msgspec.Struct, frozen=True):
    """One content type of the export: its snapshot and its number of items.

    `missing` are ids that an independent listing named and the snapshot lacks, `unlisted` those that it holds and the
    listing did not name; `surveyed` is False where there was no such listing.
    """

    content_type: str
    snapshot_id: int
    items: int
    surveyed: bool = True
    missing: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """One item. `sha256` is the hex digest of the payload's bytes, which are those of `file`; `size` is their number."""

    content_type: str
    id: str
    name: str
    sha256: str
    size: int
    captured_at: datetime | None
    file: str

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


class Described(msgspec.Struct, frozen=True):
    """The file with what the instance says of its own API: the hex digest of its bytes, and their number."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, dict=True):
    """The contents of one export. `folders` narrows it as it does a snapshot; `holes` are those of its snapshots, with reasons.
    `description` is the API description of the newest of these snapshots that has one."""

    format: int
    lookervault: str
    instance_url: str | None
    folders: tuple[str, ...]
    snapshots: tuple[Source, ...]
    types: tuple[TypePart, ...]
    holes: tuple[Hole, ...]
    items: tuple[Entry, ...]
    description: Described | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether every exported snapshot was complete and no item of them is missing in the export."""
        return not self.holes and all(snapshot.status == "complete" for snapshot in self.snapshots)

    @cached_property
    def source(self) -> dict[str, Source]:
        """Return the snapshot from which each content type was exported."""
        by_id = {snapshot.snapshot_id: snapshot for snapshot in self.snapshots}
        return {content_type.content_type: by_id[content_type.snapshot_id] for content_type in self.types}

    @property
    def files(self) -> set[str]:
        return {item.file for item in self.items}


class _Head(msgspec.Struct, frozen=True):
    format: int
    lookervault: str = "a newer LookerVault"


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write *manifest* to *path*. OSError if that fails; the file may then be cut short."""
    with path.open("wb") as file:
        file.writelines(_lines(manifest))


def read_manifest(directory: Path, name: str = MANIFEST) -> Manifest:
    """Return the manifest of the export in *directory*, checked: each item once, in the one file that is its own.

    NotFound if there is none; ExportError if it is not one that an export wrote, or a newer LookerVault did.
    """
    path = directory / name
    try:
        _require_readable(path)
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{directory}: there is no export here ({name} is missing)") from None
    except OSError as exc:
        raise ExportError(f"{path}: it cannot be read ({exc.strerror})") from exc
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.format > FORMAT:
            raise ExportError(
                f"{path}: LookerVault {head.lookervault} wrote it in format {head.format}; upgrade to read it"
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except NOT_JSON as exc:
        raise ExportError(f"{path}: this is not the manifest of an export ({exc})") from exc
    fault = _fault(manifest)
    if fault:
        raise ExportError(f"{path}: this is not as an export writes it: {fault}")
    return manifest


def _require_readable(path: Path) -> None:
    """Raise ExportError for what an export does not write: a link, a pipe, a device, or more than memory should take."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise ExportError(f"{path}: it is no regular file")
    if found.st_size > _LARGEST:
        raise ExportError(f"{path}: it is larger than the manifest of any export ({found.st_size:,} bytes)")


def _fault(manifest: Manifest) -> str | None:
    """Return in words what no export would have written."""
    unknown = [content_type.content_type for content_type in manifest.types if content_type.content_type not in CATALOG]
    if unknown:
        return f"{', '.join(unknown)} is no content type known here"
    if not {content_type.snapshot_id for content_type in manifest.types} <= {
        snapshot.snapshot_id for snapshot in manifest.snapshots
    }:
        return "a content type is of a snapshot that it does not describe"
    seen: dict[str, int] = {content_type.content_type: 0 for content_type in manifest.types}
    if len(seen) != len(manifest.types):
        return "a content type is described twice"
    keys = set[ContentKey]()
    for item in manifest.items:
        if item.content_type not in seen or item.key in keys:
            return f"{item.key} is named twice, or is of a type that is not described"
        if item.file != file_of(item.key):
            return f"{item.key} belongs into {file_of(item.key)}, not into {item.file!r}"
        keys.add(item.key)
        seen[item.content_type] += 1
    for part in manifest.types:
        if part.items != seen[part.content_type]:
            return f"it says {part.items} {part.content_type} and names {seen[part.content_type]}"
    return None


def _lines(manifest: Manifest) -> Iterator[bytes]:
    yield b"{"
    comma = b"\n"
    for field in manifest.__struct_fields__:
        value = getattr(manifest, field)
        yield comma + b'"' + field.encode() + b'": '
        yield from _rows(value) if isinstance(value, tuple) else (msgspec.json.encode(value),)
        comma = b",\n"
    yield b"\n}\n"


def _rows(values: Iterable[object]) -> Iterator[bytes]:
    between = b"[\n  "
    for value in values:
        yield between + msgspec.json.encode(value)
        between = b",\n  "
    yield b"[]" if between.startswith(b"[") else b"\n]"
