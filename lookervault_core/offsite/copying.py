"""A copy of the whole file as it is at one moment, while others go on writing to it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from lookervault_core.vault.sqlite import connect
from lookervault_core.vault.sqlite.faults import translated, translated_os


@contextmanager
def consistent_copy(path: Path, lock_timeout_s: float = 30.0) -> Generator[Path]:
    """Yield a temporary copy of the vault at *path*, made by SQLite's backup API. The end of the block deletes it, and the copies
    that killed processes left."""
    connect.require_file(path)
    with _room(path) as room:
        copy = room / path.name
        connect.create_file(copy)
        with (
            translated(path),
            closing(connect.connect_reader(path, lock_timeout_s)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            for pragma in ("synchronous = OFF", "journal_mode = OFF"):  # it need not outlive a power cut
                target.execute(f"PRAGMA {pragma}")
            source.backup(target)
        yield copy


@contextmanager
def _room(path: Path) -> Generator[Path]:
    """Yield a directory beside *path*, where there is room for what is as large; in that of temporary files, where nobody may write
    there. What killed processes have left is removed first."""
    beside = path.absolute().parent
    name = f".{path.name}.copy-"
    for left in beside.glob(f"{name}*"):
        _remove_if_left(left)
    with translated_os(path):
        try:
            room = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=beside))
        except PermissionError:
            room = Path(tempfile.mkdtemp(prefix="lookervault-"))
    with _locked(room):
        # Under this name others look for what is left, and it is locked by now.
        room = room.rename(room.with_name(room.name.replace(f".{path.name}.new-", name)))
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _remove_if_left(room: Path) -> None:
    with suppress(OSError), _locked(room) as is_ours:  # else it is gone, or somebody else's
        if is_ours:
            shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _locked(room: Path) -> Generator[bool]:
    """Hold the directory if nobody does, and yield whether that is so. A killed process holds nothing."""
    descriptor = os.open(room, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
