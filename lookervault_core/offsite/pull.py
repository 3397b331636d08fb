"""Pull: a copy from the store becomes a vault again, or is proven to be one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyrage

from lookervault_core import logs
from lookervault_core.errors import CopyDamaged, LookerVaultError, UsageError, WrongKey
from lookervault_core.offsite.keys import Identity
from lookervault_core.offsite.manifest import Manifest
from lookervault_core.offsite.sealing import Garbled, Tally, unseal
from lookervault_core.offsite.store import Store
from lookervault_core.roots import roots
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.connect import create_file
from lookervault_core.vault.sqlite.faults import translated_os

Watch = Callable[[int], None]

NAMED = 5  # objects that a message names before it counts the rest


class Proof(msgspec.Struct, frozen=True):
    """The result of checking one copy. `opened` says that it was decrypted and unpacked, its root hashes compared and every
    payload read; without an identity only the stored bytes are checked. `problem` is "" for a copy that is as it was pushed, and
    whole."""

    number: int
    path: str
    opened: bool = False
    problem: str = ""


def pull(store: Store, copy: Manifest, to: Path, identities: Sequence[Identity], watch: Watch = lambda _: None) -> None:
    """Write the vault of *copy* to *to*, where nothing may be yet; it is there whole and proven, or not at all."""
    if to.exists():
        raise UsageError(f"{to}: there is a file; nothing is written over, name another one with --to")
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    create_file(part)
    try:
        with translated_os(to), part.open("wb") as file:
            _fetch(store, copy, file, identities, watch)
            file.flush()
            os.fsync(file.fileno())
        _require_roots(store, copy, part)
        with translated_os(to):
            part.replace(to)
        logs.info(f"copy {copy.number} of {store.url} pulled, and as it was pushed", event="pulled", copy=copy.number)
    finally:
        for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def prove(store: Store, copy: Manifest, identities: Sequence[Identity], watch: Watch = lambda _: None) -> Proof:
    """Read all of *copy* again and return what is wrong with it, if anything. WrongKey if no identity fits."""
    opened = not copy.recipients or bool(identities)
    try:
        if opened:
            with tempfile.TemporaryDirectory(prefix="lookervault-") as room:
                pull(store, copy, Path(room) / "vault.db", identities, watch)
                _require_payloads(store, copy, Path(room) / "vault.db")
        else:
            _require_stored(store, copy, watch)
    except CopyDamaged as exc:
        return Proof(copy.number, copy.path, opened, str(exc))
    return Proof(copy.number, copy.path, opened)


def _fetch(store: Store, copy: Manifest, file: BinaryIO, identities: Sequence[Identity], watch: Watch) -> None:
    _require_key(store, copy, identities)
    stored = Tally()
    try:
        size = unseal(_pieces(store, copy, watch), file, identities if copy.recipients else (), stored)
    except Garbled as exc:
        raise _changed(store, copy) from exc
    if (stored.sha256, size) != (copy.stored_sha256, copy.vault_bytes):
        raise _changed(store, copy)


def _require_key(store: Store, copy: Manifest, identities: Sequence[Identity]) -> None:
    if not copy.recipients:
        return
    to = ", ".join(copy.recipients)
    if not identities:
        raise WrongKey(f"{store.url}: copy {copy.number} is encrypted to {to}; name the identity with --identity FILE")
    try:
        pyrage.decrypt(copy.canary.encode(), list(identities))
    except pyrage.DecryptError:
        raise WrongKey(
            f"{store.url}: copy {copy.number} is encrypted to {to}, and --identity holds no key of any of them"
        ) from None


def _require_stored(store: Store, copy: Manifest, watch: Watch) -> None:
    stored = Tally()
    for piece in _pieces(store, copy, watch):
        stored.add(piece)
    if stored.sha256 != copy.stored_sha256:
        raise _changed(store, copy)


def _changed(store: Store, copy: Manifest) -> CopyDamaged:
    return CopyDamaged(
        f"{store.where(copy.path)}: its bytes are not those that were pushed; take another copy with --at, or push again"
    )


def _pieces(store: Store, copy: Manifest, watch: Watch) -> Iterator[bytes]:
    """Return what the store has of *copy*, piece by piece. Raises at once CopyDamaged if it is gone, or not as long as it was."""
    where = store.where(copy.path)
    try:
        size = store.size(copy.path)
    except FileNotFoundError as exc:
        raise CopyDamaged(f"{where}: it is gone from the store") from exc
    if size != copy.stored_bytes:
        raise CopyDamaged(f"{where}: it has {size:,} bytes and not the {copy.stored_bytes:,} that were pushed")
    return _watched(store.read(copy.path, copy.stored_bytes), watch)


def _watched(pieces: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    for piece in pieces:
        watch(len(piece))
        yield piece


def _require_roots(store: Store, copy: Manifest, path: Path) -> None:
    """Raise CopyDamaged unless the snapshots in the vault at *path* have the root hashes that the manifest names."""
    where = store.where(copy.path)
    try:
        with Vault.open(path, read_only=True) as vault:
            found = roots(vault)
    except LookerVaultError as exc:
        raise type(exc)(f"{where}: {exc}") from exc
    other = [snapshot.snapshot_id for snapshot in copy.snapshots if found.get(snapshot.snapshot_id) != snapshot.root]
    if other or len(found) != len(copy.snapshots):
        raise CopyDamaged(f"{where}: the root hashes of its snapshots {other} are not those in its manifest")


def _require_payloads(store: Store, copy: Manifest, path: Path) -> None:
    """Raise CopyDamaged unless the vault at *path* has the bytes of every payload: it may have been damaged before."""
    with Vault.open(path, read_only=True) as vault:
        damaged = sorted({str(one.key) for one in vault.check_blobs() if one.damage})
    if damaged:
        more = f" and {len(damaged) - NAMED:,} more" if len(damaged) > NAMED else ""
        raise CopyDamaged(
            f"{store.where(copy.path)}: it is as it was pushed, but the vault was damaged by then: "
            f"{', '.join(damaged[:NAMED])}{more}; an older copy may have them whole, "
            "and the next full extract mends what Looker still has"
        )
