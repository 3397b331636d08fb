"""A vault with some nights in it, and its pages served on a real port."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn

from flows.ui.app import application
from flows.ui.site import Site
from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.vault import Vault
from tests.conftest import until
from tests.simulated import backed_up, capture, client, looker, new_vault, simulator, vault

__all__ = ("backed_up", "looker", "new_vault", "simulator", "vault")  # fixtures

TOKEN = "the-token-of-the-tests"
TYPES = ["dashboards", "folders", "looks", "themes"]
ONCE, GONE = "Known so on the first night", "Gone since 100%_the second"
HOSTILE = "<img src=x onerror=alert(1)>\u202e" + "W" * 3_000
# axe-core, where it is at hand: `npm install --no-save axe-core`, or LOOKERVAULT_AXE names its file.
AXE = Path(os.environ.get("LOOKERVAULT_AXE") or Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js")


class World(NamedTuple):
    """A vault of three nights: on the second, dashboard `edited` got another title, a tile was changed, one moved, one removed."""

    path: Path
    edited: str
    title: str
    changed: str
    moved: str
    removed: str
    hostile: str
    renamed: str


class Served(NamedTuple):
    """The pages, and a client that has the token already."""

    url: str
    port: int
    client: httpx.Client
    site: Site


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    path, now = tmp_path_factory.mktemp("ui") / "looker.db", [datetime(2026, 11, 27, 1, 30, tzinfo=UTC)]
    with (
        Simulator(SimulatorOptions(scale="tiny")) as instance,
        client(instance) as api,
        Vault.create_or_open(path, clock=lambda: now[0]) as kept,
    ):

        def night() -> None:
            capture(kept, api, ExtractOptions(workers=4, types=tuple(TYPES)))
            now[0] += timedelta(days=1)

        def send(operation: str, path: str, **fields: Any) -> None:
            api.patch(operation, path, json.dumps(fields).encode())

        found = json.loads(api.get("search_dashboards", "/dashboards/search", {"limit": 50}).body)
        edited, other = sorted(found, key=lambda one: -len(one["dashboard_elements"]))[:2]
        send("update_dashboard", f"/dashboards/{edited['id']}", title="Exec Overview")
        send("update_dashboard", f"/dashboards/{other['id']}", title=HOSTILE, description=HOSTILE)
        lost = next(one["id"] for one in found if one["id"] not in (edited["id"], other["id"]))
        send("update_dashboard", f"/dashboards/{lost}", title=GONE)
        look = json.loads(api.get("search_looks", "/looks/search", {"limit": 1}).body)[0]["id"]
        send("update_look", f"/looks/{look}", title=ONCE)
        tile = other["dashboard_elements"][0]["id"]
        send("update_dashboard_element", f"/dashboard_elements/{tile}", title=HOSTILE, note_text=HOSTILE)
        night()
        api.delete("delete_dashboard", f"/dashboards/{lost}")
        send("update_look", f"/looks/{look}", title="Called otherwise")
        place = edited["dashboard_layouts"][0]["dashboard_layout_components"][-1]
        moved = place["dashboard_element_id"]
        first, second = [one["id"] for one in edited["dashboard_elements"] if one["id"] != moved][:2]
        send("update_dashboard", f"/dashboards/{edited['id']}", title="Exec Overview, broken")
        send("update_dashboard_element", f"/dashboard_elements/{first}", title="Not what it was")
        send(
            "update_dashboard_layout_component",
            f"/dashboard_layout_components/{place['id']}",
            row=40,
            column=4,
            width=12,
        )
        api.delete("delete_dashboard_element", f"/dashboard_elements/{second}")
        night()
        night()
    return World(path, edited["id"], "Exec Overview", first, moved, second, other["id"], look)


@contextmanager
def serving(path: Path, *, may_restore: bool = False) -> Generator[Served]:
    """Serve the pages of the vault at *path* on a free port."""
    with Vault.open(path, read_only=True) as kept, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        site = Site(kept, may_restore=may_restore)
        server = uvicorn.Server(uvicorn.Config(application(site, TOKEN, "127.0.0.1", port), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=url, follow_redirects=True, timeout=60) as reader:
                assert reader.get("/", params={"token": TOKEN}).status_code == 200
                yield Served(url, port, reader, site)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def served(world: World) -> Iterator[Served]:
    with serving(world.path) as one:
        yield one


@pytest.fixture(scope="session")
def pages(world: World) -> Callable[[], list[str]]:
    """Return the address of a page of each kind."""
    of_edited, of_hostile = f"/objects/dashboards/{world.edited}", f"/objects/dashboards/{world.hostile}"
    return lambda: [
        "/", "/snapshots/2", "/folders/1", "/types", "/types/dashboards", "/search?q=e", of_edited, f"{of_edited}/compare",
        of_hostile, f"{of_hostile}/payload", "/objects/themes/1", "/nowhere",
    ]  # fmt: skip
