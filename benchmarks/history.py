"""What history costs and how fast it answers, on a vault of many snapshots that is made here.

`python -m benchmarks.history [--objects 5000] [--snapshots 60] [--changed 50]`. Each night so many dashboards change.
Printed are the share of the index in the time of a night's writing and in the file, and how long each question takes.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from lookervault_core.history import (
    LogRequest,
    blame,
    catch_up,
    compare_object,
    find_object,
    log,
    snapshot_at,
    where_used,
)
from lookervault_core.model import ContentKey, Item, Range
from lookervault_core.vault import Vault

TILES, PAGE = 12, 500
OURS = (
    "object_changes", "changes_of_item", "changes_to_snapshot", "indexed_snapshots", "version_slugs", "fields",
    "sqlite_autoindex_fields_1", "explores", "item_fields", "tiles",
)  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--objects", type=int, default=5_000)
    asked.add_argument("--snapshots", type=int, default=60)
    asked.add_argument("--changed", type=int, default=50)
    given = asked.parse_args()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "looker.db"
        start = datetime(2026, 1, 1, 2, tzinfo=UTC)
        times = iter(start + timedelta(minutes=n) for n in range(10**9))
        with Vault.create_or_open(path, clock=lambda: next(times)) as vault:
            kept_s, indexed_s = _filled(vault, given.objects, given.snapshots, given.changed)
            print(f"{given.objects:,} dashboards, {given.snapshots} snapshots, {given.changed} changes a night")
            print(
                f"{100 * indexed_s / kept_s:6.1f} %  of the time of writing a night, without any request, is the index"
            )
            print(f"{100 * _share(path):6.1f} %  of the file is the index")
            for name, question in _questions(vault):
                print(f"{1000 * _seconds(question):8.1f} ms  {name}")


def _filled(vault: Vault, objects: int, snapshots: int, changed: int) -> tuple[float, float]:
    """Fill the vault night by night; return the CPU seconds of keeping and of indexing."""
    luck, kept_s, indexed_s = random.Random(1), 0.0, 0.0
    boards = {str(number): _board(luck, str(number)) for number in range(1, objects + 1)}
    for _ in range(snapshots):
        for item_id in luck.sample(sorted(boards), min(changed, objects)):
            _edit(luck, boards[item_id])
        began = time.process_time()
        _keep(vault, boards)
        middle = time.process_time()
        catch_up(vault)
        kept_s, indexed_s = kept_s + middle - began, indexed_s + time.process_time() - middle
    return kept_s, indexed_s


def _board(luck: random.Random, item_id: str) -> dict[str, Any]:
    tiles = [
        {
            "id": f"{item_id}{number:02}", "title": f"Tile {luck.randrange(10**6)}", "type": "vis",
            "query_id": str(luck.randrange(10**6)),
            "query": {"id": "1", "model": "ecommerce", "view": luck.choice(["orders", "users"]), "limit": "500",
                      "fields": [f"orders.f{luck.randrange(300)}" for _ in range(4)],
                      "vis_config": {"type": "looker_column", "series": [luck.random() for _ in range(40)]}},
        }
        for number in range(TILES)
    ]  # fmt: skip
    return {
        "id": item_id, "title": f"Board {item_id}", "slug": f"slug{item_id}", "folder_id": str(luck.randrange(50)),
        "last_updater_id": "1", "dashboard_elements": tiles, "dashboard_filters": [], "dashboard_layouts": [],
    }  # fmt: skip


def _edit(luck: random.Random, board: dict[str, Any]) -> None:
    board["last_updater_id"] = str(luck.randrange(30))
    tile = luck.choice(board["dashboard_elements"])
    tile["query_id"] = str(luck.randrange(10**9))
    tile["query"]["fields"][luck.randrange(4)] = f"orders.f{luck.randrange(300)}"
    tile["title"] = f"Tile {luck.randrange(10**6)}"


def _keep(vault: Vault, boards: dict[str, dict[str, Any]]) -> None:
    session = vault.begin_session(["dashboards"])
    items = [
        Item("dashboards", key, msgspec.json.encode(board), board["title"], board["folder_id"])
        for key, board in boards.items()
    ]
    for start in range(0, len(items), PAGE):
        page, span = items[start : start + PAGE], Range("dashboards", start, start + PAGE, start)
        vault.keep_page(session.session_id, session.snapshot_id, span, page, [], span.stop, True, frozenset())
    vault.set_census(session.snapshot_id, "dashboards", boards)
    vault.close_snapshot(session.session_id)


def _share(path: Path) -> float:
    with closing(sqlite3.connect(path)) as db:
        sizes = dict(db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    return sum(sizes.get(name, 0) for name in OURS) / sum(sizes.values())


def _questions(vault: Vault) -> Iterator[tuple[str, Callable[[], object]]]:
    newest = log(vault, LogRequest(limit=1))[0]
    key = ContentKey(newest.content_type, newest.id)
    first = vault.snapshots()[-1].snapshot_id
    yield "log, the newest 50", lambda: log(vault, LogRequest(limit=50))
    yield "log of one object", lambda: log(vault, LogRequest(key.content_type, key.id))
    yield "log by one user in a folder, 50", lambda: log(vault, LogRequest(by="7", folder="3", limit=50))
    yield "diff of one object, the last two versions", lambda: compare_object(vault, key, None, None)
    yield "diff of one object, first and newest", lambda: compare_object(vault, key, first, None)
    yield "blame of one object", lambda: blame(vault, key)
    yield "an object by its title", lambda: find_object(vault, "dashboards", newest.name)
    yield "an object by its slug", lambda: find_object(vault, "dashboards", f"slug{key.id}")
    yield "the snapshot of a time", lambda: snapshot_at(vault, "now", "dashboards")
    yield "where a field is used", lambda: where_used(vault, "ecommerce.orders.f7")


def _seconds(question: Callable[[], object]) -> float:
    began = time.perf_counter()
    question()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
