"""What errors say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from lookervault_core.errors import LookerVaultError, ends_all
from lookervault_core.restore.applying.outcome import TooManyFailures


def _all(root: type[LookerVaultError]) -> Iterator[type[LookerVaultError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _all(kind)


def test_a_run_ends_by_what_nothing_else_of_it_would_survive() -> None:
    ending = {kind.__name__ for kind in _all(LookerVaultError) if kind.ends_run}
    vaults = {"VaultError", "NotAVault", "VaultTooNew", "VaultLocked", "VaultOwned", "VaultReadOnly"}
    vaults |= {"VaultCorrupt", "WrongInstance", "DiskFull"}
    assert ending == vaults | {
        "Interrupted", "NothingWritten", "BudgetSpent", "LoginRefused", "Unauthorized", TooManyFailures.__name__
    }  # fmt: skip


def test_a_restore_ends_too_where_no_looker_is_reached() -> None:
    unreached = {kind.__name__ for kind in _all(LookerVaultError) if kind.unreached}
    assert unreached == {"NotConnected", "NotServed", "WrongHost", "CertificateRefused"}
    assert all(ends_all(kind("")) for kind in _all(LookerVaultError) if kind.unreached)


def test_a_damaged_payload_ends_no_run() -> None:
    assert not [kind for kind in _all(LookerVaultError) if kind.__name__ == "BlobDamaged" and kind.ends_run]
