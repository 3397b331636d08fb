"""The server is told what came of runs, and acts on it by automations, also where a worker is dead and nobody tells it anything."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from looker_simulator.wreck import wreck
from tests.conftest import PrefectServer
from tests.flows.conftest import Prefect
from tests.flows.site import ROOT, until

pytestmark = pytest.mark.prefect
FILES = sorted(path.name for path in (ROOT / "automations").iterdir())
NO_BLOCK = "00000000-0000-0000-0000-000000000000"


def events(prefect: Prefect, name: str, within: str = "") -> list[Any]:
    """Return the events of a name, those of the resource *within* if one is named."""
    asked = {"filter": {"event": {"name": [name]}, "order": "ASC"}, "limit": 50}
    if within:
        asked["filter"]["resource"] = {"id_prefix": [within]}
    answer = prefect._client(lambda client: client._client.post("/events/filter", json=asked))
    return answer.json()["events"]


def create(server: PrefectServer, path: Path) -> str:
    command = [sys.executable, "-m", "prefect", "automation", "create", "--from-file", str(path)]
    done = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=True)
    return done.stdout


def written(tmp_path: Path, name: str, block_id: str, **replaced: str) -> Path:
    """Write an automation as a user does, with the id of a block, and with other values where *replaced* says so."""
    text = (ROOT / "automations" / name).read_text().replace(NO_BLOCK, block_id)
    for old, new in replaced.items():
        assert f"{old}: " in text
        text = "\n".join(
            f"  {old}: {new}" if line.strip().startswith(f"{old}:") else line for line in text.splitlines()
        )
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What a web hook was told that stands for the chat of those who watch; `told.port` is where it listens."""
    bodies = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        bodies.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield bodies
        server.shutdown()


class Told(list[str]):
    port = 0


@pytest.fixture
def block_id(prefect: Prefect, told: Told) -> str:
    """The id of a notification block, as `prefect block ls` shows it."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    url = f"http://127.0.0.1:{told.port}/"
    block = CustomWebhookNotificationBlock(name="ops", url=url, json_data={"text": "{{subject}} {{body}}"})
    return str(block.save(f"ops-{told.port}"))


def _flows() -> tuple[Any, Any]:
    from flows.restore import restore
    from flows.verify import verify

    return restore, verify


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_taken_by_a_real_server(
    name: str, prefect_server: PrefectServer, tmp_path: Path, block_id: str
) -> None:
    assert "Created automation" in create(prefect_server, written(tmp_path, name, block_id))


def test_runs_emit_what_came_of_them_about_their_instance(
    prefect: Prefect, looker: Simulator, prefect_server: PrefectServer, tmp_path: Path, block_id: str, told: Told
) -> None:
    restore, verify = _flows()
    create(prefect_server, written(tmp_path, "unusual-night.yaml", block_id))
    vault: dict[str, Any] = {"db_path": str(prefect.path), "return_state": True}
    instance = f"lookervault.instance.127.0.0.1:{looker.port}"
    assert prefect.run().name == "Completed"
    complete = until(lambda: events(prefect, "lookervault.snapshot.complete", instance))[0]
    assert complete["payload"]["snapshot_id"] == 1
    assert complete["payload"]["items"] > 0
    related = [one["prefect.resource.id"] for one in complete["related"]]
    assert f"prefect.flow-run.{prefect.flow_run_id}" in related
    wreck(looker.world, 1)
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    assert prefect.run().name == "Partial"
    assert until(lambda: events(prefect, "lookervault.snapshot.partial", instance))[0]["payload"]["holes"]
    unusual = until(lambda: events(prefect, "lookervault.changes.unusual", instance))[0]["payload"]
    assert {"deleted", "deliveries_stopped", "settings_changed"} <= {one["sign"] for one in unusual["signs"]}
    assert "lookervault log" in unusual["text"]
    said = json.dumps(unusual, ensure_ascii=False)
    titles = [row["title"] for table in ("dashboards", "looks", "boards") for row in looker.world[table]]
    until(lambda: any("an unusual night" in one and "lookervault log" in one for one in told))
    looker.faults.clear()
    assert verify(max_age_hours=1e-9, **vault).name == "Failed"
    assert "dashboards" in until(lambda: events(prefect, "lookervault.vault.stale", instance))[0]["payload"]["types"]
    assert restore(types=["themes"], approve="no", **vault).name == "Completed"
    proven = until(lambda: events(prefect, "lookervault.restore.proven", instance))[0]["payload"]
    assert {"session_id", "written", "as_they_were"} == proven.keys()
    said += "".join(told)
    assert [one for one in [*titles, "@example", "simulator-secret"] if one in said] == []


def test_the_dead_mans_switch_tells_people_with_no_worker_there(
    prefect: Prefect, looker: Simulator, prefect_server: PrefectServer, tmp_path: Path, block_id: str, told: Told
) -> None:
    create(prefect_server, written(tmp_path, "dead-mans-switch.yaml", block_id, within="10"))
    prefect.run(types=["themes"])
    until(lambda: told)
    assert f"No complete snapshot of 127.0.0.1:{looker.port} within 26 hours" in told[0]
    assert "prefect worker start" in told[0]
