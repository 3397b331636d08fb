"""Compare the files of an export with its manifest, reading one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from lookervault_core.catalog import CATALOG, ContentType
from lookervault_core.codec import LARGEST, canonical, digest
from lookervault_core.columns import Columns, columns
from lookervault_core.errors import CodecError
from lookervault_core.exchange.manifest import DESCRIPTION, MANIFEST, Described, Entry, Manifest
from lookervault_core.exchange.names import SUFFIXES, file_of, key_of
from lookervault_core.model import ContentKey

Kind = Literal["edited", "missing", "extra", "unusable"]


class Problem(msgspec.Struct, frozen=True):
    """One file that is not as the export left it.

    An `edited` or `extra` file can be accepted: `entry` then describes it as it is now. For a `missing` file `entry` is that of
    the manifest, for an `unusable` one None."""

    file: str
    kind: Kind
    detail: str
    entry: Entry | None = None


def differences(directory: Path, manifest: Manifest) -> Iterator[Problem | Entry]:
    """Yield each entry of the manifest whose file is unchanged, and a problem for each other entry; then one for each extra file.

    Extra is every file below *directory* with the name of an item that the manifest does not have; hidden directories are left
    out."""
    for entry in manifest.items:
        yield _judged(directory, entry)
    yield from _described(directory, manifest)
    named = manifest.files | {MANIFEST, DESCRIPTION}
    for file in _json_files(directory):
        if file not in named:
            yield _added(directory, file)


def description(directory: Path, manifest: Manifest) -> bytes | None:
    """Return the instance's API description as it was exported; None if its file was changed, or if there was none."""
    raw = read(directory, DESCRIPTION) if manifest.description is not None else None
    return raw if raw is not None and Described(digest(raw).hex(), len(raw)) == manifest.description else None


def _described(directory: Path, manifest: Manifest) -> Iterator[Problem]:
    """Yield a problem if the description is not as it was exported: nobody edits what an instance says."""
    if manifest.description is not None and description(directory, manifest) is None:
        what = "was edited" if is_own_file(directory / DESCRIPTION) else "is missing"
        yield Problem(DESCRIPTION, "edited", f"the description of the API {what}")


def is_intact(directory: Path, entry: Entry) -> bool:
    """Return whether the file of *entry* holds the very bytes that the entry says."""
    return read(directory, entry.file, entry) is not None


def read(directory: Path, file: str, entry: Entry | None = None) -> bytes | None:
    """Return the bytes of a regular file; None if there is none, if it is too large, or if they are not those of *entry*."""
    path = directory / file
    if not is_own_file(path) or _is_too_large(path) or (entry and path.stat().st_size != entry.size):
        return None
    payload = path.read_bytes()
    return None if entry and digest(payload).hex() != entry.sha256 else payload


def columns_of(key: ContentKey, payload: bytes) -> Columns:
    """Return the columns that an extraction would read from the payload of *key*: a part goes by the id of what it completes.

    Raises CodecError if the payload is no JSON object where one should be.
    """
    row = CATALOG[key.content_type]
    if not _is_answer(row) or (row.shape != "plain" and payload.lstrip()[:1] == b"{"):
        return columns(row, payload)
    return Columns(key.id)


def _judged(directory: Path, entry: Entry) -> Problem | Entry:
    if is_intact(directory, entry):
        return entry
    if _is_too_large(directory / entry.file):
        return Problem(entry.file, "unusable", "the file is larger than anything that Looker sends")
    payload = read(directory, entry.file)
    if payload is None:
        return Problem(entry.file, "missing", "the file is missing", entry)
    found = _accepted(entry.key, entry.file, payload)
    return found if isinstance(found, Problem) else Problem(entry.file, "edited", "the file was edited", found)


def _added(directory: Path, file: str) -> Problem:
    payload, key = read(directory, file), _key_of_added(directory, file)
    if payload is None or key is None:
        return Problem(file, "unusable", "the file is not of the export, and its name is not one that an export gives")
    found = _accepted(key, file, payload)
    return found if isinstance(found, Problem) else Problem(file, "extra", "the file is not of the export", found)


def _key_of_added(directory: Path, file: str) -> ContentKey | None:
    """Return the item that an added file is of, by its name, or by its payload where the name shortens the id."""
    key, content_type = key_of(file), file.partition("/")[0]
    if key is not None or content_type not in CATALOG or "~" not in file:
        return key
    try:
        key = ContentKey(content_type, columns(CATALOG[content_type], read(directory, file) or b"").id)
    except CodecError:
        return None
    return key if file_of(key) == file else None


def _accepted(key: ContentKey, file: str, payload: bytes) -> Entry | Problem:
    """Return the entry of a file that somebody wrote by hand, or what is wrong with it."""
    try:
        if not CATALOG[key.content_type].list.media:
            canonical(payload)
        found = columns_of(key, payload)
    except CodecError as exc:
        return Problem(file, "unusable", f"the file was edited and cannot be used: {exc}")
    if found.id != key.id:
        where = file_of(ContentKey(key.content_type, found.id))
        return Problem(file, "unusable", f"the file was edited and has the id {found.id}, which belongs into {where}")
    return Entry(key.content_type, key.id, found.name, digest(payload).hex(), len(payload), None, file)


def _is_answer(row: ContentType) -> bool:
    """True if an item of the type is the answer of one call, kept under the id that was asked for."""
    return row.is_answer


def _is_too_large(path: Path) -> bool:
    return is_own_file(path) and path.stat().st_size > LARGEST


def is_own_file(path: Path) -> bool:
    """Return whether *path* is a regular file, and no link, pipe or device."""
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()


def _json_files(directory: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield (Path(folder) / name).relative_to(directory).as_posix()
