"""Real vaults on real disks, and a clock that the tests move."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lookervault_core.model import Item, Range, Session, Snapshot
from lookervault_core.vault import PageCount, Vault

VOLATILE = frozenset({"view_count", "can"})


class FakeClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 21, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Instance:
    """What a Looker holds, and how a run captures it: the shortest honest extraction there is."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def item(self, id: str, *, title: str = "Sales", views: int = 1, content_type: str = "dashboards") -> Item:
        payload = json.dumps({"id": id, "title": title, "ratio": 1.10, "view_count": views, "tiles": [{"id": id}] * 20})
        return Item(content_type, id, payload.replace("1.1,", "1.10,").encode(), name=title, updated_at="2026-11-01")

    def begin(self, *types: str, folders: tuple[str, ...] = ()) -> Session:
        return self.vault.begin_session(types or ("dashboards",), folders, {"workers": 8}, "26.20")

    def keep(
        self, session: Session, items: list[Item], *, start: int = 0, stop: int = 100, done: bool = True
    ) -> PageCount:
        content_type = items[0].content_type if items else "dashboards"
        span = Range(content_type, start, stop, start)
        return self.vault.keep_page(
            session.session_id, session.snapshot_id, span, items, [], start + len(items), done, VOLATILE
        )

    def capture(self, items: list[Item], *, folders: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> Snapshot:
        """Run one whole extraction of dashboards; the census also names *missing*."""
        session = self.begin(folders=folders)
        self.keep(session, items)
        self.vault.set_census(session.snapshot_id, "dashboards", [item.id for item in items] + list(missing))
        return self.vault.close_snapshot(session.session_id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "looker.db"


@pytest.fixture
def vault(path: Path) -> Iterator[Vault]:
    with Vault.create_or_open(path, clock=FakeClock(), lock_timeout_s=5) as opened:
        yield opened


@pytest.fixture
def instance(vault: Vault) -> Instance:
    return Instance(vault)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[None]:
    """Run the test without root's right to ignore permissions."""
    if os.geteuid():
        yield
        return
    for directory in (tmp_path, *tmp_path.parents):
        if not directory.stat().st_mode & 0o001:
            directory.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def python(script: str, *arguments: object) -> list[str]:
    """Return the command that runs *script* in a process of its own."""
    return [sys.executable, "-c", script, *map(str, arguments)]
