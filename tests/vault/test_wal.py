"""A write-ahead log that is damaged is named: SQLite forgets the transactions behind the damage without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookervault_core.model import Item
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import wal
from tests.vault.conftest import Instance


def logged(instance: Instance, vault: Vault) -> Path:
    """Keep pages that stay in the log of the vault, which is open."""
    session = instance.begin()
    for number in range(5):
        instance.keep(session, [Item("dashboards", str(number), b"{}")], start=number)
    return Path(f"{vault.path}-wal")


def test_a_log_that_is_whole_is_no_damage(vault: Vault, instance: Instance) -> None:
    assert logged(instance, vault).stat().st_size
    assert wal.damage(vault.path) is None


@pytest.mark.parametrize("at", [4, 20, 32 + 8, 32 + 24 + 100])
def test_a_transaction_of_the_log_that_cannot_be_read_is_named(vault: Vault, instance: Instance, at: int) -> None:
    log = logged(instance, vault)
    content = bytearray(log.read_bytes())
    content[at] ^= 4
    copy = vault.path.with_name("copy.db")
    copy.with_name("copy.db-wal").write_bytes(content)
    assert "write-ahead log is damaged" in (wal.damage(copy) or "")


def test_what_a_killed_writer_left_without_a_commit_is_no_damage(vault: Vault, instance: Instance) -> None:
    log = logged(instance, vault)
    size = vault.path.with_name("copy.db-wal").write_bytes(log.read_bytes()[:-2000])
    assert size
    assert wal.damage(vault.path.with_name("copy.db")) is None
