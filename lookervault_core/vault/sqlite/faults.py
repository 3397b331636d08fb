"""The one table that turns SQLite's and the file system's errors into ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from lookervault_core.errors import DiskFull, NotAVault, VaultCorrupt, VaultError, VaultLocked, VaultReadOnly
from lookervault_core.vault.sqlite.damage import is_damaged

DAMAGED = "it is damaged; restore the file from a copy"

# Extended codes first: where one has a row of its own it wins over its primary code (the low byte).
SQLITE_FAULTS: dict[int, tuple[type[VaultError], str]] = {
    sqlite3.SQLITE_IOERR_SHMSIZE: (DiskFull, "the disk is full; make room, then resume"),
    sqlite3.SQLITE_BUSY: (VaultLocked, "another process is writing to it; wait for it to finish"),
    sqlite3.SQLITE_LOCKED: (VaultLocked, "another connection holds a table of it; wait for it to finish"),
    sqlite3.SQLITE_READONLY: (
        VaultReadOnly,
        "it cannot be written; check the permissions of the file and its directory",
    ),
    sqlite3.SQLITE_PERM: (VaultReadOnly, "access is denied; check the permissions of the file and its directory"),
    sqlite3.SQLITE_CANTOPEN: (
        VaultReadOnly,
        "it cannot be opened; check the permissions of the file and its directory",
    ),
    sqlite3.SQLITE_FULL: (DiskFull, "the disk is full; make room, then resume"),
    sqlite3.SQLITE_NOTADB: (NotAVault, "it is not a vault: SQLite does not know the format; name another --db-path"),
    sqlite3.SQLITE_CORRUPT: (VaultCorrupt, DAMAGED),
    sqlite3.SQLITE_IOERR: (VaultError, "the disk cannot be read or written; check the disk"),
}

OS_FAULTS: dict[int, tuple[type[VaultError], str]] = {
    errno.EACCES: (VaultReadOnly, "access is denied; check the permissions of the file and its directory"),
    errno.EPERM: (VaultReadOnly, "access is denied; check the permissions of the file and its directory"),
    errno.EROFS: (VaultReadOnly, "the file system is read-only; name another --db-path"),
    errno.ENOSPC: (DiskFull, "the disk is full; make room and run again"),
    errno.EDQUOT: (DiskFull, "the disk quota is used up; make room and run again"),
    errno.ENOENT: (VaultError, "its directory does not exist; make it, or name another --db-path"),
    errno.ENOTDIR: (VaultError, "its directory does not exist; make it, or name another --db-path"),
    errno.EISDIR: (NotAVault, "it is a directory; name a file with --db-path"),
}


@contextmanager
def translated(path: Path) -> Generator[None]:
    """Turn SQLite's errors about *path* inside the block into VaultErrors. An error that is not in the table is a bug and is
    raised as it is, unless the file is damaged."""
    try:
        yield
    except UnicodeDecodeError as exc:  # of a text, or of what SQLite says of a damaged schema
        raise VaultCorrupt(f"vault {path}: {DAMAGED} (a text is no UTF-8)") from exc
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if _is_no_text(exc):
            raise VaultCorrupt(f"vault {path}: {DAMAGED} (a text is no UTF-8)") from exc
        if code in (sqlite3.SQLITE_OK, sqlite3.SQLITE_ERROR) and is_damaged(path):
            raise VaultCorrupt(f"vault {path}: {DAMAGED} ({exc})") from exc
        kind, advice = _row(SQLITE_FAULTS, exc, code, code & 0xFF)
        raise kind(f"vault {path}: {advice} ({exc})") from exc


@contextmanager
def translated_os(path: Path) -> Generator[None]:
    """Turn the file system's errors about *path* inside the block into VaultErrors; an error that is not in the table is raised
    as it is."""
    try:
        yield
    except OSError as exc:
        kind, advice = _row(OS_FAULTS, exc, exc.errno or 0)
        raise kind(f"vault {path}: {advice} ({exc.strerror})") from exc


def moment(text: str) -> datetime:
    """Return the time in a column's *text*. Raises VaultCorrupt if it is none, for only times were ever written there."""
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError) as exc:
        raise VaultCorrupt(f"a time in the vault is damaged ({text!r}); restore the file from a copy") from exc


def _is_no_text(exc: sqlite3.Error) -> bool:
    """Whether Python's own module, and not SQLite, has an operational error, which has no code then: a text column is no UTF-8.

    SQLite's check of the file does not look at what a text is made of.
    """
    return isinstance(exc, sqlite3.OperationalError) and not hasattr(exc, "sqlite_errorcode")


def is_corruption(exc: sqlite3.Error) -> bool:
    return getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF == sqlite3.SQLITE_CORRUPT


def _row(faults: dict[int, tuple[type[VaultError], str]], exc: Exception, *codes: int) -> tuple[type[VaultError], str]:
    for code in codes:
        if code in faults:
            return faults[code]
    raise exc
