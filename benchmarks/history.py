"""How fast the history of a large vault answers, what its index costs, on a vault of many nights that is made here.

    uv run python -m benchmarks.history answers [--objects 50000] [--snapshots 400] [--versions 200000] [--vault FILE]
    uv run python -m benchmarks.history night [--scale medium]

`answers` makes a vault (with --vault only where that is not there yet) and asks each question in a process of its own, then each
page of `lookervault ui`, twice: as the first of its server, and again. `night` backs up a simulated instance, served by another
process, and says which share of its processor time and of the file is the index: of a first night, and of one with few changes.
Seconds are those of this machine; processor time is what a busy machine does not change.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import uvicorn

from flows.ui.app import application
from flows.ui.site import Site
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.history import LogRequest, catch_up, log
from lookervault_core.looker.client import Looker
from lookervault_core.model import Item, Range
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault

ROOT = Path(__file__).parent.parent
SHARES = {"folders": 6, "users": 4, "groups": 2, "dashboards": 30, "looks": 46, "scheduled_plans": 12}
TILES, PAGE, TOKEN = 12, 500, "benchmark"
INDEX = re.compile(
    r"object_changes|changes_.*|indexed_snapshots|version_slugs|version_texts.*|.*fields.*|.*explores.*|tiles"
)
WORDS = (
    "revenue", "margin", "churn", "orders", "cohort", "region", "forecast", "uptime", "cost", "pipeline", "traffic", "users",
    "sessions", "tickets",
)  # fmt: skip


class Instance:
    """So many objects that a few people edit."""

    def __init__(self, objects: int, seed: int = 1) -> None:
        self.luck = random.Random(seed)
        self.ids = {name: [str(n + 1) for n in range(objects * share // 100)] for name, share in SHARES.items()}
        self.bodies = {(name, one): self._made(name, one) for name, ids in self.ids.items() for one in ids}
        self._edited = [(name, one) for name in ("dashboards", "looks") for one in self.ids[name]]

    def edit(self, count: int) -> dict[str, list[str]]:
        """Edit so many objects; return which, by type."""
        found: dict[str, list[str]] = {}
        for name, one in self.luck.sample(self._edited, min(count, len(self._edited))):
            body = self.bodies[name, one]
            body["last_updater_id"], body["description"] = self._one("users"), self._text(5)
            if name == "dashboards":
                tile = self.luck.choice(body["dashboard_elements"][:-1])  # the last one shows a look
                tile["title"], tile["query"] = self._text(3), self._query()
            found.setdefault(name, []).append(one)
        return found

    def item(self, name: str, one: str) -> Item:
        body = self.bodies[name, one]
        called = str(body.get("title") or body.get("name") or body.get("display_name"))
        return Item(name, one, msgspec.json.encode(body), called, body.get("folder_id"), body.get("user_id"))

    def _made(self, name: str, one: str) -> dict[str, Any]:
        return {"id": one, **getattr(self, f"_{name}")(one)}

    def _folders(self, one: str) -> dict[str, Any]:
        parent = str(self.luck.randrange(1, int(one))) if int(one) > 30 else None
        return {"name": f"Folder {one} {self._text(1)}", "parent_id": parent, "folder_id": parent}

    def _users(self, one: str) -> dict[str, Any]:
        return {"display_name": f"Person {one}", "email": f"user{one}@example.com"}

    def _groups(self, one: str) -> dict[str, Any]:
        return {"name": f"Group {one}", "can_add_to_content_metadata": False}

    def _scheduled_plans(self, one: str) -> dict[str, Any]:
        to = [{"type": "email", "address": f"user{self._one('users')}@example.com", "format": "wysiwyg_pdf"}]
        return {
            "name": f"Plan {one}",
            "dashboard_id": self._one("dashboards"),
            "crontab": "0 6 * * *",
            "scheduled_plan_destination": to,
        }

    def _looks(self, one: str) -> dict[str, Any]:
        said = {"title": f"Look {one} {self._text(2)}", "description": self._text(6), "slug": f"look{one}"}
        return said | self._content() | {"query_id": one, "query": self._query()}

    def _dashboards(self, one: str) -> dict[str, Any]:
        tiles = [
            {"id": f"{one}{number:02}", "title": self._text(3), "type": "vis", "query_id": f"{one}{number}", "query": self._query()}
            for number in range(TILES - 1)
        ]  # fmt: skip
        tiles.append(
            {"id": f"{one}{TILES - 1:02}", "title": self._text(3), "type": "vis", "look_id": self._one("looks")}
        )
        places = [
            {"id": tile["id"], "dashboard_element_id": tile["id"], "row": 6 * (at // 3), "column": 8 * (at % 3), "width": 8,
             "height": 6} for at, tile in enumerate(tiles)
        ]  # fmt: skip
        said = {"title": f"Board {one} {self._text(2)}", "description": self._text(8), "slug": f"slug{one}"}
        layout = {"id": one, "type": "newspaper", "active": True, "dashboard_layout_components": places}
        return (
            said
            | self._content()
            | {"dashboard_elements": tiles, "dashboard_filters": [], "dashboard_layouts": [layout]}
        )

    def _content(self) -> dict[str, Any]:
        return {"folder_id": self._one("folders"), "user_id": self._one("users"), "last_updater_id": self._one("users")}

    def _query(self) -> dict[str, Any]:
        luck = self.luck
        series = {f"orders.f{luck.randrange(300)}": {"color": f"#{luck.randrange(1 << 24):06x}"} for _ in range(6)}
        return {
            "id": str(luck.randrange(10**7)), "model": "ecommerce", "view": luck.choice(("orders", "users", "events")),
            "fields": [f"orders.f{luck.randrange(300)}" for _ in range(4)], "limit": "500",
            "filters": {"orders.created_date": f"{luck.randrange(90)} days"},
            "vis_config": {"type": "looker_column", "series": series},
        }  # fmt: skip

    def _one(self, name: str) -> str:
        return self.luck.choice(self.ids[name])

    def _text(self, count: int) -> str:
        return " ".join(self.luck.choice(WORDS) for _ in range(count)) + f" {self.luck.randrange(10_000)}"


def made(path: Path, objects: int, snapshots: int, versions: int) -> None:
    """Make a vault of so many nights, between which as many objects change as it takes."""
    instance, start = Instance(objects), datetime(2025, 1, 1, 2, tzinfo=UTC)
    now = [start]
    changed, bulk = max(1, (versions - objects) // (snapshots - 1)), min(10_000, versions // 20)
    with Vault.create_or_open(path, clock=lambda: now[0]) as vault:
        vault.claim_instance("https://example.looker.com")
        for number in range(snapshots):
            now[0] = start + timedelta(days=number)
            if number == 0:
                _keep(vault, instance, instance.ids, None)
            else:
                _keep(vault, instance, instance.edit(bulk if number == snapshots // 2 else changed), number)
            catch_up(vault)
            if number % 50 == 0:
                print(f"  night {number + 1}", file=sys.stderr, flush=True)


def _keep(vault: Vault, instance: Instance, read: dict[str, list[str]], before: int | None) -> None:
    """Keep one night: what was read, and all else as it was the night before."""
    options = {"extract": {"types": None, "exclude": [], "folders": []}}
    session = vault.begin_session(tuple(SHARES), options=options)
    now = session.snapshot_id
    with vault.write() as db:
        db.execute("UPDATE snapshot_types SET surveyed = 1 WHERE snapshot_id = ?", (now,))
    for name, ids in instance.ids.items() if before else ():
        vault.carry_forward(session.session_id, now, name, set(ids) - set(read.get(name, ())), proven=True)
    for name, ids in read.items():
        for at in range(0, len(ids), PAGE):
            items = [instance.item(name, one) for one in ids[at : at + PAGE]]
            span = Range(name, at, at + PAGE, at)
            vault.keep_page(session.session_id, now, span, items, [], span.stop, True, frozenset())
    vault.close_snapshot(session.session_id)


def _questions(vault: Vault, snapshots: int) -> Iterator[list[str]]:
    newest = next(one for one in log(vault, LogRequest("dashboards", limit=50)) if one.kind == "changed")
    day = (vault.snapshot(snapshots // 2).started_at).strftime("%Y-%m-%d")
    yield ["snapshots", "--json"]
    yield ["log", "--limit", "50"]
    yield ["log", "dashboards", newest.id]
    yield ["log", "--by", "7", "--limit", "50"]
    yield ["log", "--folder", "17", "--limit", "50"]
    yield ["diff", "dashboard", newest.id]
    yield ["diff", "dashboard", newest.name, "1", str(snapshots)]
    yield ["blame", "dashboard", newest.id]
    yield ["show", "dashboard", newest.name, "--at", day]
    yield ["where-used", "ecommerce.orders.f7"]
    yield ["where-used", "ecommerce.orders.f7", "--at", day]
    yield ["list", "dashboards", "--at", day]
    yield ["search", "churn cohort"]
    yield ["search", "orders.f7", "--at", day]
    yield ["search", "uptime 77", "--history"]
    yield ["diff", str(snapshots - 1), str(snapshots)]
    yield ["diff", "1", str(snapshots // 4)]
    yield ["diff", "1", str(snapshots)]


def answers(path: Path, snapshots: int) -> None:
    """Ask each question in a process of its own, and each page of its server."""
    with Vault.open(path, read_only=True) as vault:
        with vault.read() as db:
            (versions,) = db.execute("SELECT count(*) FROM content_versions").fetchone()
            (held,) = db.execute("SELECT count(*) FROM content_items").fetchone()
            (changes,) = db.execute("SELECT count(*) FROM object_changes").fetchone()
        print(f"{held:,} objects, {snapshots} snapshots, {versions:,} versions, {changes:,} changes")
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {100 * _share(path):.1f} % of it the index")
        questions = list(_questions(vault, snapshots))
        dashboard = next(words[2] for words in questions if words[:2] == ["blame", "dashboard"])
    for words in questions:
        seconds, cpu, lines = _asked(path, words)
        print(f"{1000 * seconds:8.0f} ms {1000 * cpu:8.0f} ms CPU {lines:7,} lines   lookervault {' '.join(words)}")
    _pages(path, dashboard, snapshots)


def _asked(path: Path, words: list[str]) -> tuple[float, float, int]:
    """Return seconds, seconds of processor time and lines of a command; the better of two."""
    found = []
    for _ in range(2):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "flows.cli", *words, "--db-path", str(path)]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((time.perf_counter() - began, cpu, out.count(b"\n")))
    return min(found)


def _pages(path: Path, dashboard: str, snapshots: int) -> None:
    of_it = f"/objects/dashboards/{dashboard}"
    wanted = (
        "/", "/snapshots", f"/snapshots/{snapshots}", "/folders", "/folders/17", "/types", "/types/dashboards",
        "/search?q=churn+cohort", "/search?q=orders.f7", of_it, f"{of_it}/compare", f"{of_it}/compare?a=1&b={snapshots}",
        f"{of_it}/payload",
    )  # fmt: skip
    for page in wanted:
        with _served(path) as pages:
            first, again = (_got(pages, page) for _ in range(2))
        print(f"{1000 * first:8.0f} ms first, {1000 * again:6.0f} ms again   {page}")


@contextmanager
def _served(path: Path) -> Generator[httpx.Client]:
    """Serve the pages on a free port, with the templates loaded and nothing of the vault read."""
    with Vault.open(path, read_only=True) as vault, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = application(Site(vault), TOKEN, "127.0.0.1", port)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=600) as pages:
            assert pages.get("/nowhere", params={"token": TOKEN}).status_code == 404
            yield pages
        server.should_exit = True


def _got(pages: httpx.Client, page: str) -> float:
    began = time.perf_counter()
    assert pages.get(page).status_code == 200, page
    return time.perf_counter() - began


def _share(path: Path) -> float:
    with closing(sqlite3.connect(path)) as db:
        sizes = dict(db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    return sum(size for name, size in sizes.items() if INDEX.fullmatch(name)) / sum(sizes.values())


def night(scale: str) -> None:
    """Back up a simulated instance twice; say which share of each night is the index."""
    with TemporaryDirectory() as directory, _simulated(scale) as url:
        settings = load_settings(None, base_url=url, client_id="simulator", client_secret="simulator-secret")
        path = Path(directory) / "looker.db"
        with Looker(settings.connection(), workers=8) as looker, Vault.create_or_open(path) as vault:
            vault.claim_instance(url)
            for called in ("first", "second"):
                options = ExtractOptions(workers=8)
                session = vault.begin_session(options.scope(), options={})
                began = time.process_time()
                capture_on_threads(ExtractRun(vault, looker, session, options), 8)
                whole = time.process_time() - began
                index = _index_again(vault, session.snapshot_id)
                print(f"{called} night: {whole:.2f} s of processor time, {100 * index / whole:.1f} % of it the index")
        print(f"{100 * _share(path):.1f} % of the file is the index")


def _index_again(vault: Vault, snapshot_id: int) -> float:
    """Return how long it takes to index a snapshot; what is indexed already stays, so that it is not measured smaller."""
    with vault.write() as db:
        db.execute("DELETE FROM indexed_snapshots WHERE snapshot_id = ?", (snapshot_id,))
        if snapshot_id == 1:
            for table in ("item_fields", "tiles", "fields", "explores", "version_slugs"):
                db.execute(f"DELETE FROM {table}")
            db.execute("INSERT INTO version_texts (version_texts) VALUES ('delete-all')")
    began = time.process_time()
    catch_up(vault)
    return time.process_time() - began


@contextmanager
def _simulated(scale: str) -> Generator[str]:
    command = [sys.executable, "-m", "flows.cli", "simulate", "--port", "0", "--scale", scale]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(found[0] for line in process.stdout if (found := re.search(r"http://[\d.:]+", line)))
        finally:
            process.terminate()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("what", choices=("answers", "night"))
    asked.add_argument("--objects", type=int, default=50_000)
    asked.add_argument("--snapshots", type=int, default=400)
    asked.add_argument("--versions", type=int, default=200_000)
    asked.add_argument("--vault", type=Path, help="make the vault there, or ask the one that is there")
    asked.add_argument("--scale", default="medium")
    given = asked.parse_args()
    if given.what == "night":
        night(given.scale)
        return
    with TemporaryDirectory() as directory:
        path = given.vault or Path(directory) / "looker.db"
        if not path.exists():
            made(path, given.objects, given.snapshots, given.versions)
        answers(path, given.snapshots)


if __name__ == "__main__":
    main()
