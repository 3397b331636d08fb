"""Open the file: create it, refuse a file that is no vault, bring an older one up to date."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from lookervault_core.errors import NotAVault, NotFound, VaultReadOnly, VaultTooNew
from lookervault_core.vault.sqlite import schema
from lookervault_core.vault.sqlite.faults import translated_os


def connect_writer(path: Path, lock_timeout_s: float) -> sqlite3.Connection:
    """Return a connection that can write; its caller begins and ends transactions. Threads must take turns on it."""
    db = sqlite3.connect(path, timeout=lock_timeout_s, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def connect_reader(path: Path, lock_timeout_s: float) -> sqlite3.Connection:
    """Return a connection that cannot write. It reads on while another one writes.

    Where the directory is read-only too, SQLite cannot make the index that readers of a WAL share. A vault that no run
    has left half-way has no WAL, and is then read as the unchanging file that it is.
    """
    try:
        return _reader(path, "", lock_timeout_s)
    except sqlite3.OperationalError:
        if Path(f"{path}-wal").exists():
            raise
        return _reader(path, "&immutable=1", lock_timeout_s)


def _reader(path: Path, option: str, lock_timeout_s: float) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro{option}"
    db = sqlite3.connect(address, uri=True, timeout=lock_timeout_s, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA query_only = ON")
    schema.version(db)  # opens the file, which `connect` alone does not
    return db


def create_file(path: Path) -> None:
    """Make sure that *path* exists; a file made here, or found empty, is for its owner's eyes only."""
    with translated_os(path):
        try:
            # O_EXCL: to close a second descriptor of a database drops every lock that this process holds on it (POSIX).
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            if path.is_file() and path.stat().st_size == 0:
                path.chmod(0o600)


def require_file(path: Path) -> None:
    """Raise NotFound if there is no file at *path*, and NotAVault if it is empty or no regular file."""
    with translated_os(path):
        if not path.exists():
            raise NotFound(f"there is no vault at {path}; `lookervault extract` makes one, --db-path names another")
        if not path.is_file() or path.stat().st_size == 0:
            raise NotAVault(f"vault {path}: it is no vault file; name another --db-path")


def bring_up_to_date(db: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Give *db* today's schema: all of it if the file is empty, else the steps it lacks, after a copy of the file.

    Raises NotAVault and VaultTooNew without having changed a byte. Two processes may do this at once.
    """
    with db:
        db.execute("BEGIN")  # one view of the file: another process may be making a vault of it just now
        if _is_current(db, path):
            return
    with _alone(path):
        _make_wal(db)
        with db:
            db.execute("BEGIN IMMEDIATE")
            if _is_current(db, path):  # another process was faster
                return
            if schema.version(db):
                _copy(path)
            schema.upgrade(db, schema.STEPS)
            _describe(db, now)


def require_current(db: sqlite3.Connection, path: Path) -> None:
    """Raise NotAVault, VaultTooNew or VaultReadOnly unless *db* has today's schema, so that it can be read without writing to
    it."""
    if not _is_current(db, path):
        raise VaultReadOnly(
            f"vault {path}: an older release made it, and it must be upgraded before it is read; make it and its directory writable"
        )


def can_be_upgraded(db: sqlite3.Connection, path: Path) -> bool:
    """Return whether an older release made the vault and it can be written to here."""
    if _is_current(db, path) or not schema.version(db):
        return False
    return all(os.access(one, os.W_OK, effective_ids=True) for one in (path, path.parent))


def _is_current(db: sqlite3.Connection, path: Path) -> bool:
    found = schema.version(db)
    application_id = db.execute("PRAGMA application_id").fetchone()[0]
    if application_id == schema.APPLICATION_ID:
        if found > len(schema.STEPS):
            raise VaultTooNew(
                f"vault {path}: a newer LookerVault made it (schema {found}, this one knows {len(schema.STEPS)}); "
                "upgrade LookerVault"
            )
        return found == len(schema.STEPS)
    if application_id or found or db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise NotAVault(f"vault {path}: it is another application's SQLite file; name another --db-path")
    return False


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold the directory: where two connections switch a new file to WAL at once, SQLite fails one instead of waiting."""
    with translated_os(path):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)


def _make_wal(db: sqlite3.Connection) -> None:
    """Both are no-ops on a file that is a vault already; neither works inside a transaction."""
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    db.execute("PRAGMA journal_mode = WAL")


def _copy(path: Path) -> None:
    """Keep the file as it is as `<name>.before-v2`, complete or not at all, with what its WAL holds."""
    kept = Path(f"{path}.before-v{len(schema.STEPS)}")
    part = Path(f"{kept}.part")
    part.unlink(missing_ok=True)
    create_file(part)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    os.replace(part, kept)


def _describe(db: sqlite3.Connection, now: datetime) -> None:
    from importlib.metadata import (
        version as release_of,
    )  # here, for it takes 30 ms and only a new or older vault needs it

    facts = {"vault_id": str(uuid.uuid4()), "created_at": now.isoformat()}
    db.executemany("INSERT OR IGNORE INTO vault_meta VALUES (?, ?)", facts.items())
    today = {"schema_version": str(len(schema.STEPS)), "application_version": release_of("lookervault")}
    db.executemany("INSERT OR REPLACE INTO vault_meta VALUES (?, ?)", today.items())
