"""Write a snapshot into a directory, touching only the files that differ.

The new manifest is written first, under another name, and takes its place last. So a killed export leaves behind the list of
what it may have made: an import sees that it was not finished, and the next export finishes it and removes what is too many.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from lookervault_core.errors import BlobDamaged, ExportError, NotFound, UsageError
from lookervault_core.exchange.checking import is_intact
from lookervault_core.exchange.manifest import (
    DESCRIPTION,
    MANIFEST,
    UNFINISHED,
    Entry,
    Manifest,
    read_manifest,
    write_manifest,
)
from lookervault_core.exchange.selecting import selected
from lookervault_core.looker.instance import same
from lookervault_core.model import Hole
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions

# Told of each file: the content type, and how many of them there are.
Watch = Callable[[str, int], None]

_PART = ".part"
_ATTRIBUTES = ".gitattributes"
_AS_THEY_ARE = b"* -text\n"  # git would else change line ends, and so the bytes


class ExportReport(msgspec.Struct, frozen=True):
    """What an export did; its fields are the keys of `export --json`.

    `status` is `partial` if something is missing that the snapshots should hold: it is in `holes`, and in `damaged` if its
    payload cannot be read any more; an earlier export's file of the very same bytes then stays. `types` counts items, written
    and unchanged ones of each type; `bytes` are payloads. `structure` says what is wrong with the vault's file: what is not listed
    because of it is not here either.
    """

    status: str
    directory: str
    instance_url: str | None
    snapshots: list[int]
    types: dict[str, dict[str, int]]
    items: int
    written: int
    unchanged: int
    removed: int
    bytes: int
    holes: list[dict[str, Any]]
    damaged: list[dict[str, str]]
    structure: list[str]
    duration_seconds: float


def export_directory(
    vault: Vault,
    directory: Path,
    types: Sequence[str] = (),
    snapshot_id: int | None = None,
    watch: Watch = lambda _name, _total: None,
) -> ExportReport:
    """Make *directory* the export of *types* (none: all) of a snapshot, or of the visible one of each type.

    Files of an earlier export that are not of this one go; nothing else there is touched. UsageError if the directory is
    neither empty nor an export, or is another instance's; ExportError if it cannot be written. A payload that is damaged in
    the vault is left out and told.
    """
    started_s = time.perf_counter()
    manifest = selected(vault, types, snapshot_id)
    with _writing(directory), _alone(directory):
        before = _earlier_files(directory, manifest.instance_url)
        _put_manifest(directory, UNFINISHED, manifest)
        written, damaged = _put_items(vault, directory, manifest, watch)
        manifest = _without(manifest, (one for one in damaged if not is_intact(directory, one)))
        removed = _remove(directory, before - manifest.files)
        _put_description(vault, directory, manifest)
        _put(directory, _ATTRIBUTES, _AS_THEY_ARE, only_if_absent=True)
        _put_manifest(directory, MANIFEST, manifest)
        (directory / UNFINISHED).unlink()
    faults = vault.check_structure()  # an index that lost a key lists less than there is
    return _report(directory, manifest, written, removed, damaged, faults, time.perf_counter() - started_s)


@contextmanager
def _writing(directory: Path) -> Generator[None]:
    """Raise what the file system says as an ExportError."""
    try:
        yield
    except OSError as exc:
        where = exc.filename2 or exc.filename or directory
        raise ExportError(
            f"{where}: it cannot be written ({exc.strerror}); mend that and run the export again"
        ) from exc


@contextmanager
def _alone(directory: Path) -> Generator[None]:
    """Hold the directory, made if there is none: for its owner's eyes only, as the vault is."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(directory, os.O_RDONLY)
    try:
        _lock(held, directory)
        yield
    finally:
        os.close(held)


def _lock(held: int, directory: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise ExportError(f"{directory}: another export is writing there; wait for it") from exc


def _is_same(one: str | None, other: str | None) -> bool:
    return one == other or bool(one and other and same(one, other))


def _earlier_files(directory: Path, instance_url: str | None) -> set[str]:
    """Return the files that exports have made here, finished or not; hidden entries such as `.git` are nobody's concern."""
    earlier = [found for name in (MANIFEST, UNFINISHED) if (found := _manifest(directory, name))]
    if not earlier and any(not one.name.startswith(".") for one in directory.iterdir()):
        raise UsageError(f"{directory}: it is neither empty nor an export; name a directory of its own for the export")
    for one in earlier:
        if not _is_same(one.instance_url, instance_url):
            raise UsageError(f"{directory}: it is an export of {one.instance_url}, not of {instance_url}; name another")
    return {file for one in earlier for file in one.files}


def _manifest(directory: Path, name: str) -> Manifest | None:
    try:
        return read_manifest(directory, name)
    except NotFound:
        return None


def _put_items(
    vault: Vault, directory: Path, manifest: Manifest, watch: Watch
) -> tuple[Counter[str], dict[Entry, BlobDamaged]]:
    """Write the files that differ; return how many of each type that were, and the items whose payload is damaged."""
    written, damaged = Counter[str](), dict[Entry, BlobDamaged]()
    totals = {part.content_type: part.items for part in manifest.types if part.items}
    for name in totals:
        _make_folder(directory / name)
    for entry in manifest.items:
        try:
            payload = vault.listed_payload(entry.key, manifest.source[entry.content_type].snapshot_id)
            written[entry.content_type] += _put(directory, entry.file, payload)
        except BlobDamaged as exc:
            damaged[entry] = exc
        watch(entry.content_type, totals[entry.content_type])
    return written, damaged


def _put_description(vault: Vault, directory: Path, manifest: Manifest) -> None:
    """Write what the instance says of its own API, or take away what an earlier export had of that."""
    path = directory / DESCRIPTION
    raw = descriptions.newest(vault, (snapshot.snapshot_id for snapshot in manifest.snapshots))
    if raw is not None:
        _put(directory, DESCRIPTION, raw)
    elif path.is_symlink() or path.is_file():
        path.unlink()


def _make_folder(path: Path) -> None:
    if path.is_symlink():
        raise ExportError(f"{path}: it is a link, and an export writes nowhere but into its directory; remove it")
    path.mkdir(exist_ok=True)


def _put(directory: Path, file: str, payload: bytes, *, only_if_absent: bool = False) -> bool:
    """Give *file* these bytes, whole or not at all; return whether it had others."""
    path, part = directory / file, directory / _PART
    if path.is_file() and not path.is_symlink() and (only_if_absent or _holds(path, payload)):
        return False
    part.write_bytes(payload)
    os.replace(part, path)
    return True


def _holds(path: Path, payload: bytes) -> bool:
    return path.stat().st_size == len(payload) and path.read_bytes() == payload


def _put_manifest(directory: Path, name: str, manifest: Manifest) -> None:
    path, part = directory / name, directory / _PART
    write_manifest(part, manifest)
    if path.is_file() and _holds(path, part.read_bytes()):
        part.unlink()
    else:
        os.replace(part, path)


def _without(manifest: Manifest, damaged: Iterable[Entry]) -> Manifest:
    """Return *manifest* with a hole in the place of each damaged item."""
    lost = {one: Hole(one.content_type, one.id, "its payload is damaged in the vault") for one in damaged}
    count = Counter(one.content_type for one in lost)
    types = [
        msgspec.structs.replace(content_type, items=content_type.items - count[content_type.content_type])
        for content_type in manifest.types
    ]
    return msgspec.structs.replace(
        manifest,
        types=tuple(types),
        holes=manifest.holes + tuple(lost.values()),
        items=tuple(item for item in manifest.items if item not in lost),
    )


def _remove(directory: Path, files: set[str]) -> int:
    """Remove what earlier exports made, and the folders that are empty then; return how many files that were."""
    folders = {directory / file.partition("/")[0] for file in files}
    mine = {folder for folder in folders if folder.is_dir() and not folder.is_symlink()}
    paths = [path for file in files if (path := directory / file).parent in mine]
    gone = [path for path in paths if path.is_symlink() or path.is_file()]
    for path in gone:
        path.unlink()
    for folder in mine:
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(gone)


def _report(
    directory: Path,
    manifest: Manifest,
    written: Counter[str],
    removed: int,
    damaged: dict[Entry, BlobDamaged],
    faults: list[str],
    seconds: float,
) -> ExportReport:
    items = {content_type.content_type: content_type.items for content_type in manifest.types}
    types = {
        name: {"items": count, "written": written[name], "unchanged": count - written[name]}
        for name, count in items.items()
    }
    return ExportReport(
        status="complete" if manifest.is_complete else "partial",
        directory=str(directory),
        instance_url=manifest.instance_url,
        snapshots=[snapshot.snapshot_id for snapshot in manifest.snapshots],
        types=types,
        items=len(manifest.items),
        written=written.total(),
        unchanged=len(manifest.items) - written.total(),
        removed=removed,
        bytes=sum(item.size for item in manifest.items),
        holes=[msgspec.to_builtins(hole) for hole in manifest.holes],
        damaged=[{"content_type": e.content_type, "id": e.id, "error": str(exc)} for e, exc in damaged.items()],
        structure=faults,
        duration_seconds=round(seconds, 3),
    )
