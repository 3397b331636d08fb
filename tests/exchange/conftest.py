"""A vault with a few objects, and short ways to fill, export and import."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lookervault_core.model import Hole, Item, Range, Snapshot
from lookervault_core.vault import Vault

URL = "https://acme.looker.com"
VOLATILE = frozenset({"view_count"})
T0 = datetime(2026, 11, 1, tzinfo=UTC)


def item(id: str, title: str = "Sales", *, content_type: str = "dashboards", views: int = 1) -> Item:
    """Return an item whose bytes no encoder of ours would write again."""
    payload = json.dumps(
        {"id": id, "title": title, "ratio": 1.5, "view_count": views, "updated_at": "2026-11-01T00:00:00Z"}
    ).replace("1.5", "1.50 ")
    return Item(content_type, id, payload.encode(), name=title, updated_at="2026-11-01T00:00:00Z")


def capture(
    vault: Vault,
    *items: Item,
    types: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    holes: tuple[Hole, ...] = (),
    folders: tuple[str, ...] = (),
) -> Snapshot:
    """Take a snapshot of *items*; the census of the first type also names *missing*."""
    names = types or tuple(dict.fromkeys(one.content_type for one in items))
    session = vault.begin_session(names, folders, {"extract": {}}, "26.20")
    for name in names:
        ours = [one for one in items if one.content_type == name]
        ids = [one.id for one in ours] + list(missing if name == names[0] else ())
        vault.set_census(session.snapshot_id, name, ids)
        span = Range(name, 0, max(1, len(ours)))
        vault.keep_page(session.session_id, session.snapshot_id, span, ours, [], span.stop, True, VOLATILE)
    for hole in holes:
        vault.open_hole(session.snapshot_id, hole)
    return vault.close_snapshot(session.session_id)


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def make_vault(tmp_path: Path) -> Iterator[Callable[[str], Vault]]:
    """Make or open a vault of the one instance: ``make_vault("other.db")``."""
    opened: list[Vault] = []
    clock = Clock()

    def make(name: str = "looker.db") -> Vault:
        vault = Vault.create_or_open(tmp_path / name, clock=clock)
        vault.claim_instance(URL)
        opened.append(vault)
        return vault

    yield make
    for vault in opened:
        vault.close()


@pytest.fixture
def vault(make_vault: Callable[[str], Vault]) -> Vault:
    return make_vault("looker.db")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "export"


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below *directory* by its path."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }
