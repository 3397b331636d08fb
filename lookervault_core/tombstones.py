"""Who was forgotten, and what that took from the vault: one entry each in its meta data, each with a digest over itself and the
one before it, so that none can be altered or taken out unnoticed; and signed, so that who rewrites all of them needs the key.

An entry has the hashes of the payloads as they are now. The former hashes are kept nowhere: with them somebody could prove a
guess at what was forgotten."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime

import msgspec

from lookervault_core.signing import Signer, is_signed
from lookervault_core.vault.sqlite.file import VaultFile

_KEY = "tombstone:"
_LAST = "tombstones"  # how many there are and the digest of the last, so that none at the end is taken out unnoticed


class Tombstone(msgspec.Struct, frozen=True):
    """One person who was forgotten. `redacted` are the payloads changed for it; `blocked` those of them that a restore must not
    write, because a field that it can write was changed. `types` counts versions."""

    number: int
    user_id: str
    at: datetime
    types: dict[str, int]
    redacted: tuple[str, ...]
    blocked: tuple[str, ...]
    previous: str = ""
    digest: str = ""
    signer: str = ""
    signature: str = ""

    def __str__(self) -> str:
        count = sum(self.types.values())
        by = f"signed by key {self.signer[:16]}" if self.signer else "not signed"
        return (
            f"user {self.user_id} was forgotten on {self.at:%Y-%m-%d}: {count:,} versions lack what told of them; {by}"
        )


def sealed(stone: Tombstone, signer: Signer | None = None) -> Tombstone:
    """Return a tombstone with its digest, signed if there is a *signer*."""
    if signer is None:
        return msgspec.structs.replace(stone, digest=_digest(stone))
    stone = msgspec.structs.replace(stone, signer=signer.name)
    digest = _digest(stone)
    return msgspec.structs.replace(stone, digest=digest, signature=signer.sign(digest.encode()))


def _digest(stone: Tombstone) -> str:
    told = msgspec.to_builtins(msgspec.structs.replace(stone, digest=""))
    del told["signature"]
    if not stone.signer:  # as it was before there were signatures
        del told["signer"]
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def every(vault: VaultFile) -> list[Tombstone]:
    """Return all tombstones, the oldest first."""
    with vault.read() as db:
        rows = db.execute("SELECT value FROM vault_meta WHERE key GLOB ? ORDER BY key", (f"{_KEY}*",)).fetchall()
    return [msgspec.json.decode(value, type=Tombstone) for (value,) in rows]


def keep(db: sqlite3.Connection, stone: Tombstone) -> None:
    """Store a tombstone."""
    told = msgspec.json.encode(stone).decode()
    db.execute("INSERT INTO vault_meta VALUES (?, ?)", (f"{_KEY}{stone.number:06d}", told))
    db.execute("INSERT OR REPLACE INTO vault_meta VALUES (?, ?)", (_LAST, f"{stone.number} {stone.digest}"))


def faults(vault: VaultFile) -> Iterator[str]:
    """Yield a line for each fault in the tombstones of a vault."""
    stones = every(vault)
    yield from faults_of(stones)
    with vault.read() as db:
        found = db.execute("SELECT value FROM vault_meta WHERE key = ?", (_LAST,)).fetchone()
    last = found[0] if found else ""
    if last != (f"{stones[-1].number} {stones[-1].digest}" if stones else "") and (last or stones[-1].signer):
        had = last.split()[0] if last else "others"
        yield f"tombstones: the vault had {had}, and the last of {len(stones)} is not the one it was"


def faults_of(stones: list[Tombstone]) -> Iterator[str]:
    """Yield a line for each fault in a chain of tombstones: altered, missing, or unsigned after the first signed one."""
    previous, signs = "", False
    for number, stone in enumerate(stones, 1):
        what = f"tombstone {stone.number} (user {stone.user_id})"
        signs = signs or bool(stone.signer)
        if stone.number != number or stone.previous != previous or stone.digest != _digest(stone):
            yield f"{what} is not as it was written, or one before it is gone"
        elif signs and not is_signed(stone.digest.encode(), stone.signature, stone.signer):
            yield f"{what} is not signed by the key that it names"
        previous = stone.digest


def blocked(vault: VaultFile) -> frozenset[str]:
    """Return the hashes of payloads that no restore must write."""
    return frozenset(one for stone in every(vault) for one in stone.blocked)
