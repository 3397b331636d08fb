"""The manifest of a copy. It is written last: without it there is no copy.

The file is one line of JSON and, on a second line, the SHA-256 of the first. Its name is the copy's number. It is created and
never
overwritten: of two pushes at once one gets the number, and the other fails.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import msgspec

from lookervault_core.errors import CopyDamaged
from lookervault_core.model import SnapshotStatus

FORMAT = 1
MANIFESTS = "manifests"
COPIES = "copies"
_NAME = re.compile(rf"{MANIFESTS}/(\d{{8}})\.json")


class Kept(msgspec.Struct, frozen=True):
    """One snapshot in a copy."""

    snapshot_id: int
    status: SnapshotStatus
    started_at: datetime
    root: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One copy. `vault_bytes` is the size of the file itself, `stored_…` is of what is in the
    store; `recipients` are public keys of age, and
    `canary` is a word encrypted to them, by which a wrong key is known before anything large is read.
    `forgotten` people were taken out of the vault before."""

    format: int = FORMAT
    number: int
    path: str
    created_at: datetime
    vault_id: str
    instance_url: str | None
    schema_version: int
    application_version: str
    vault_bytes: int
    stored_bytes: int
    stored_sha256: str
    recipients: tuple[str, ...] = ()
    canary: str = ""
    forgotten: int = 0
    snapshots: tuple[Kept, ...] = ()


def name_of(number: int) -> str:
    return f"{MANIFESTS}/{number:08d}.json"


def number_of(path: str) -> int | None:
    """Return the number of the copy whose manifest is at *path*; None if *path* is not that of a manifest."""
    found = _NAME.fullmatch(path)
    return int(found[1]) if found else None


def encode(manifest: Manifest) -> bytes:
    text = msgspec.json.encode(manifest)
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def decode(data: bytes, number: int, where: str) -> Manifest:
    """Return the manifest in *data*. Raises CopyDamaged if any byte of it was changed."""
    text, _, rest = data.partition(b"\n")
    if rest != hashlib.sha256(text).hexdigest().encode() + b"\n":
        raise CopyDamaged(f"{where}: the manifest is damaged; take another copy (`lookervault offsite list`)")
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as exc:
        raise CopyDamaged(f"{where}: a newer LookerVault wrote this manifest; upgrade LookerVault") from exc
    if found.number != number or found.format != FORMAT:
        raise CopyDamaged(f"{where}: this is the manifest of another copy, or of a newer LookerVault")
    return found
