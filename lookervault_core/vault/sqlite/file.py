"""The open file: who may write it now, who reads it meanwhile, and which run owns it."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from lookervault_core.errors import VaultError, VaultReadOnly
from lookervault_core.vault.sqlite import connect
from lookervault_core.vault.sqlite.faults import translated
from lookervault_core.vault.sqlite.lock import MayWait, RunLock, not_at_all, taken

LOCK_TIMEOUT_S = 30.0

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class VaultFile:
    """The connections to one vault, for any number of threads. Close it, or use it as a context manager.

    Writers take turns on one connection; readers each borrow their own and never wait.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection | None, clock: Clock, lock_timeout_s: float) -> None:
        """Use `create_or_open` or `open`."""
        self.path = path
        self.clock = clock
        self._writer = writer
        self._turn = (
            threading.RLock()
        )  # re-entrant, so that a nested write is refused by SQLite instead of waiting for ever
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        self._run_lock: RunLock | None = None
        self._lock_timeout_s = lock_timeout_s

    @classmethod
    def create_or_open(
        cls, path: str | Path, *, clock: Clock = utc_now, lock_timeout_s: float = LOCK_TIMEOUT_S
    ) -> Self:
        """Return the vault at *path*, made there if the file is missing or empty; an older one is upgraded."""
        path = Path(path)
        connect.create_file(path)
        return cls._open_for_writing(path, clock, lock_timeout_s)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        read_only: bool = False,
        clock: Clock = utc_now,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> Self:
        """Return the vault at *path*, which must exist (NotFound). An older one is upgraded, also for who only reads it.

        VaultReadOnly if that needs a write and the file or its directory takes none.
        """
        path = Path(path)
        connect.require_file(path)
        if not read_only:
            return cls._open_for_writing(path, clock, lock_timeout_s)
        vault = cls(path, None, clock, lock_timeout_s)
        with vault._closing_on_error(), vault.read() as db:
            is_older = connect.can_be_upgraded(db, path)
        if is_older:
            cls._open_for_writing(path, clock, lock_timeout_s).close()
        with vault._closing_on_error(), vault.read() as db:
            connect.require_current(db, path)
        return vault

    @classmethod
    def _open_for_writing(cls, path: Path, clock: Clock, lock_timeout_s: float) -> Self:
        with translated(path):
            writer = connect.connect_writer(path, lock_timeout_s)
        vault = cls(path, writer, clock, lock_timeout_s)
        with vault._closing_on_error(), translated(path):
            connect.bring_up_to_date(writer, path, clock())
        return vault

    @contextmanager
    def _closing_on_error(self) -> Generator[None]:
        with ExitStack() as stack:
            stack.callback(self.close)
            yield
            stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A second call does nothing."""
        self._closed = True
        with translated(self.path):
            while self._idle:
                self._idle.pop().close()
            if self._writer:
                self._writer.close()

    @property
    def is_read_only(self) -> bool:
        return self._writer is None

    def now(self) -> datetime:
        return self.clock()

    # Connections ------------------------------------------------------------------------------------------------------

    @contextmanager
    def write(self, *, durable: bool = False) -> Generator[sqlite3.Connection]:
        """Lend the write connection inside one transaction: it commits at the end, or not at all if anything is raised.

        The write lock is taken first, so what is read inside cannot change before it is written. Not to be nested.
        After a power cut the last transactions may be missing, whole, unless a *durable* one followed them.
        """
        if self._writer is None:
            raise VaultReadOnly(f"vault {self.path}: it was opened for reading only")
        with self._turn, translated(self.path):
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with self._writer:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that sees the vault as it is now, unchanging until the end of the block."""
        with translated(self.path):
            db = self._borrowed()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                db.rollback()  # there is nothing to commit, and a damaged file would refuse to
                self._give_back(db)

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk."""
        if self._writer:
            with self._turn, translated(self.path):
                # As a script: `execute` would take the first step only, which frees one page.
                self._writer.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")

    def _borrowed(self) -> sqlite3.Connection:
        if self._closed:
            raise VaultError(f"vault {self.path}: it is closed")
        try:
            return self._idle.pop()
        except IndexError:
            return connect.connect_reader(self.path, self._lock_timeout_s)

    def _give_back(self, db: sqlite3.Connection) -> None:
        if self._closed:
            db.close()
        else:
            self._idle.append(db)

    @contextmanager
    def run_lock(self, session_id: str = "", *, may_wait: MayWait = not_at_all) -> Generator[None]:
        """Be the only run on this vault. Raises VaultOwned, naming the owner; a killed owner holds nothing.

        While another run owns the vault, *may_wait* is called: it waits, and returns whether to try again.
        A session begun or resumed inside the block is noted as the owner's by itself.
        """
        self._run_lock = taken(self.path, session_id, self.now(), may_wait)
        try:
            yield
        finally:
            self._run_lock.release()
            self._run_lock = None
