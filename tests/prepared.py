"""The backup of an instance that was backed up before in the same state: a copy instead of another extraction."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import msgspec

from looker_simulator import Simulator
from looker_simulator.bends import BENDS
from lookervault_core.vault import Vault

_encoder = msgspec.msgpack.Encoder(enc_hook=repr)
_backups: dict[str, sqlite3.Connection] = {}


def state(simulator: Simulator) -> str | None:
    """Return all that an extraction could see of the instance; None if what it sees depends on what was asked before."""
    world = simulator.world
    if simulator.faults.rules or world.bends.has("late_listing"):
        return None
    tables = {name: (table.next_id, table.rows) for name, table in world.tables.items()}
    seen = (
        repr(world.options),
        {name: world.bends.value(name) for name in BENDS if world.bends.has(name)},
        tables,
        world.packed,
    )
    return hashlib.sha256(_encoder.encode(seen)).hexdigest()


def copied(vault: Vault, known: str | None) -> bool:
    """Fill an empty *vault* with the backup of that state, if there is one."""
    if known is None or known not in _backups:
        return False
    with closing(sqlite3.connect(vault.path)) as db:
        _backups[known].backup(db)
    return True


def keep(vault: Vault, known: str | None) -> None:
    """Keep a copy of *vault*, which belongs to no instance yet, as the backup of that state."""
    if known is not None:
        _backups[known] = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(vault.path)) as db:
            db.backup(_backups[known])
