"""Who was forgotten, and what that took from the vault: one entry each in its meta data, each with a digest over itself and the one
before it, so that none can be altered or taken out unnoticed.

An entry has the hashes of the payloads as they are since. Those that they had are nowhere: who guessed what was forgotten could
prove it by them.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime

import msgspec

from lookervault_core.vault.sqlite.file import VaultFile

_KEY = "tombstone:"


class Tombstone(msgspec.Struct, frozen=True):
    """One person who was forgotten: `redacted` payloads lack what told of them, and `blocked` are those of them that a restore must
    not write, for what was taken out of them can be written. `types` counts versions."""

    number: int
    user_id: str
    at: datetime
    types: dict[str, int]
    redacted: tuple[str, ...]
    blocked: tuple[str, ...]
    previous: str = ""
    digest: str = ""

    def __str__(self) -> str:
        count = sum(self.types.values())
        return f"user {self.user_id} was forgotten on {self.at:%Y-%m-%d}: {count:,} versions lack what told of them"


def sealed(stone: Tombstone) -> Tombstone:
    """Return an entry with its digest."""
    return msgspec.structs.replace(stone, digest=_digest(stone))


def _digest(stone: Tombstone) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(stone, digest=""), order="sorted")).hexdigest()


def every(vault: VaultFile) -> list[Tombstone]:
    """Return all entries, the oldest first."""
    with vault.read() as db:
        rows = db.execute("SELECT value FROM vault_meta WHERE key GLOB ? ORDER BY key", (f"{_KEY}*",)).fetchall()
    return [msgspec.json.decode(value, type=Tombstone) for (value,) in rows]


def keep(db: sqlite3.Connection, stone: Tombstone) -> None:
    """Enter one."""
    told = msgspec.json.encode(stone).decode()
    db.execute("INSERT INTO vault_meta VALUES (?, ?)", (f"{_KEY}{stone.number:06d}", told))


def faults(stones: list[Tombstone]) -> Iterator[str]:
    """Yield what is wrong with the entries."""
    previous = ""
    for number, stone in enumerate(stones, 1):
        if stone.number != number or stone.previous != previous or stone.digest != _digest(stone):
            yield f"tombstone {stone.number} (user {stone.user_id}) is not as it was written, or one before it is gone"
        previous = stone.digest


def blocked(vault: VaultFile) -> frozenset[str]:
    """Return the hashes of payloads that no restore must write."""
    return frozenset(one for stone in every(vault) for one in stone.blocked)
