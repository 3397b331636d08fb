"""`lookervault extract` as a process, on a real Prefect server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from tests.cli.conftest import SECRET, Run, program
from tests.conftest import PATIENCE_S, PrefectServer, until

pytestmark = pytest.mark.prefect

KEYS = {"session_id", "snapshot_id", "status", "types", "holes", "requests", "duration_seconds", "items_per_second"}
# The requests of a run that was told to stop: what each of its 8 workers is about, the page after that, and the logout.
FINISHING = 2 * 8 + 1
COUNTS = {"listed", "captured", "new", "changed", "unchanged", "deleted", "holes"}


@pytest.fixture
def environment(environment: dict[str, str], prefect_server: PrefectServer) -> dict[str, str]:
    return environment | prefect_server.environment


def test_json_is_one_document_with_the_promised_keys(cli: Run, looker: Simulator) -> None:
    done = cli("extract", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document.keys() >= KEYS
    assert document["status"] == "complete"
    assert all(counts.keys() >= COUNTS for counts in document["types"].values())
    assert document["types"]["dashboards"]["captured"] == 5
    assert done.stderr == ""


def test_a_person_reads_a_table_and_one_closing_line(cli: Run) -> None:
    done = cli("extract", "themes", "boards")
    assert done.returncode == 0, done.stderr
    assert re.search(r"snapshot 1 is complete: \d+ items, \d+ requests", done.stdout)
    assert "Traceback" not in done.stderr
    assert all(line.startswith("lookervault:") for line in done.stderr.splitlines()), done.stderr


def test_holes_make_it_3_and_are_named_and_resume_heals_them(cli: Run, looker: Simulator) -> None:
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    partial = cli("extract", "boards", "themes", "--json")
    assert partial.returncode == 3, partial.stderr
    document = json.loads(partial.stdout)
    assert document["status"] == "partial"
    assert {"content_type", "id", "reason"} <= document["holes"][0].keys()
    assert partial.stderr == ""
    assert cli("extract", "--resume", "--json", "--allow-partial").returncode == 0
    looker.faults.clear()
    healed = cli("extract", "--resume")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert "is complete" in healed.stdout


def test_a_spent_budget_says_so_and_is_resumed(cli: Run) -> None:
    first = cli("extract", "--max-calls", "40")
    assert first.returncode == 3, first.stderr
    assert "--max-calls are used up; go on later with --resume" in " ".join(first.stdout.split())
    assert "Traceback" not in first.stderr
    again = cli("extract", "--resume", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["status"] == "complete"


def test_the_module_does_the_same(cli: Run) -> None:
    done = cli("themes", "--json", module="flows.extract")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "complete"


def test_options_can_come_from_the_environment(cli: Run) -> None:
    done = cli("extract", LOOKERVAULT_TYPES="themes,boards", LOOKERVAULT_EXCLUDE="boards", LOOKERVAULT_JSON="1")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["types"]) == ["themes", "default_theme"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(
    environment: dict[str, str], looker: Simulator, tmp_path: Path, cli: Run, number: signal.Signals
) -> None:
    asked = looker.faults.add("hold", operation="folder_looks")
    process = subprocess.Popen(
        [*program(), "extract"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: asked.fired, process)
    before = looker.calls.total
    looker.faults.add("slow", delay_s=1)
    os.kill(process.pid, number)
    looker.faults.lift(asked)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert looker.calls.total - before <= FINISHING, looker.calls.by_operation
    assert process.returncode == 130, err
    assert "Traceback" not in err, err
    assert err.splitlines()[-1].startswith("interrupted") or "--resume" in err.splitlines()[-1]
    assert "--resume" in err
    assert len(err.splitlines()) <= 3, err
    looker.faults.clear()
    done = cli("extract", "--resume", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["types"]["dashboards"]["captured"] == 5


def test_kill_9_of_the_whole_command_is_resumed(
    environment: dict[str, str], looker: Simulator, tmp_path: Path, cli: Run
) -> None:
    later = looker.faults.add("hold", after=70)
    process = subprocess.Popen(
        [*program(), "extract"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until(lambda: later.fired, process)
    process.kill()
    process.wait()
    looker.faults.clear()
    done = cli("extract", "--resume", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["status"] == "complete"
    assert document["snapshot_id"] == 1


def test_a_prefect_server_that_is_not_there_is_one_line(cli: Run) -> None:
    done = cli("extract", "themes", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "http://127.0.0.1:9/api" in done.stderr.splitlines()[-1]


def recorded(server: PrefectServer, since: datetime) -> bool:
    """Return whether the server has written down the ends of all runs begun *since*: their events are the last."""

    def ask(what: str, query: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{server.api_url}/{what}/filter", json.dumps(query).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    runs = ask("flow_runs", {"flow_runs": {"start_time": {"after_": since.isoformat()}}})
    ends = {"name": [f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Partial")]}
    events = ask("events", {"filter": {"occurred": {"since": since.isoformat()}, "event": ends}, "limit": 50})["events"]
    ended = {event["resource"]["prefect.resource.id"].removeprefix("prefect.flow-run.") for event in events}
    return len(runs) >= 2 and {run["id"] for run in runs} <= ended


def test_the_secret_is_in_nothing_that_a_run_wrote(
    cli: Run, looker: Simulator, tmp_path: Path, prefect_server: PrefectServer
) -> None:
    looker.faults.add("500_html", operation="all_boards")
    begun = datetime.now(UTC)
    written = [cli("extract", "--verbose"), cli("extract", "themes", "--json"), cli("check"), cli("info"), cli("stats")]
    written.append(cli("extract", LOOKERSDK_CLIENT_SECRET=SECRET + "-wrong"))
    for done in written:
        assert SECRET not in done.stdout + done.stderr
    until(lambda: recorded(prefect_server, begun), look_every_s=0.3)
    files = [path for root in (tmp_path, prefect_server.home) for path in root.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    leaks = [path for path in files if SECRET.encode() in path.read_bytes()]
    assert not leaks
