"""The run lock: one extract or restore at a time may own a vault. Readers never ask for it."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from lookervault_core.errors import VaultError, VaultOwned
from lookervault_core.vault.sqlite.faults import translated_os

MayWait = Callable[[VaultOwned], bool]


class Owner(msgspec.Struct, frozen=True):
    """The owner of a lock, as it is named to the next run."""

    pid: int
    host: str
    session_id: str
    since: datetime

    def __str__(self) -> str:
        session = f", session {self.session_id}" if self.session_id else ""
        return f"process {self.pid} on {self.host}{session}, since {self.since:%Y-%m-%d %H:%M:%S} UTC"


class RunLock:
    """An exclusive lock on `<vault>.lock`, held until `release` or the end of the process, however it ends.

    The operating system holds it (flock), so a killed owner leaves none behind. The file's text only says who it is;
    the file stays, for removing it would let two owners lock two files of the same name.
    """

    def __init__(self, vault: Path, session_id: str, now: datetime) -> None:
        """Take the lock, or raise VaultOwned naming its owner at once."""
        self._since, self._vault = now, vault
        with translated_os(vault):
            self._file = os.open(f"{vault}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            owner = _owner(self._file)
            os.close(self._file)
            raise VaultOwned(f"vault {vault}: another run holds it ({owner}); wait for it or stop it") from exc
        try:
            self.note(session_id)
        except VaultError:
            os.close(self._file)
            raise

    def note(self, session_id: str) -> None:
        """Write *session_id* into the lock file as the owner's."""
        owner = Owner(os.getpid(), socket.gethostname(), session_id, self._since)
        with translated_os(self._vault):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, msgspec.json.encode(owner), 0)

    def release(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)


def not_at_all(_: VaultOwned) -> bool:
    """Return False: do not wait for another run."""
    return False


def taken(vault: Path, session_id: str, now: datetime, may_wait: MayWait) -> RunLock:
    """Return the lock. While another run has it, ask *may_wait* whether to try again; raise VaultOwned if not."""
    while True:
        try:
            return RunLock(vault, session_id, now)
        except VaultOwned as owned:
            if not may_wait(owned):
                raise


def is_abandoned(vault: Path) -> bool:
    """Return whether no run owns *vault*: its lock file names nobody, or a dead process of this machine. The lock is not taken."""
    try:
        owner = msgspec.json.decode(Path(f"{vault}.lock").read_bytes(), type=Owner)
    except (FileNotFoundError, msgspec.DecodeError):  # nobody has owned it, or the last one has let go of it
        return True
    return owner.host == socket.gethostname() and not _is_alive(owner.pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _owner(file: int) -> str:
    try:
        return str(msgspec.json.decode(os.pread(file, 4096, 0), type=Owner))
    except msgspec.DecodeError:  # it has the lock and has not signed yet
        return "a process that has just started"
