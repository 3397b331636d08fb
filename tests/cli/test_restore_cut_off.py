"""Long restores run as a flow on a real server; what stops one says how to go on, and resume does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault
from tests.cli.conftest import SECRET, Run, program
from tests.cli.restored import RESULT, SUMMARY, VERIFIED, document, interrupted, is_wrecked, living, wreck_looks, writes
from tests.conftest import PATIENCE_S, until
from tests.simulated import capture, client

pytestmark = pytest.mark.usefixtures("vault_path")

LIMITED = """import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from flows.cli import main
main(sys.argv[1:])
"""


def test_a_disk_that_fills_ends_it_with_5_and_resume_finishes_the_job(
    cli: Run, environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    """A limit on the size of files does without root; the journal outgrows it half-way."""
    tiles = {
        row["id"]: len(looker.world.parts("dashboard_elements", row["id"])) for row in living(looker, "dashboards")
    }
    dashboard = max(tiles, key=lambda one: tiles[one])
    before = len(looker.world["dashboards"])
    mutate(looker.world, "delete", "dashboards", dashboard)
    command = [sys.executable, "-c", LIMITED, "restore", "single", "dashboard", dashboard, "--yes"]
    command += ["--exclude-types", "alerts,scheduled_plans"]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 5, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert looker.calls.by_operation["create_dashboard"] == 1
    found = json.loads(cli("restore", "resume", "--yes", "--json").stdout)
    assert found["summary"]["error_count"] == 0
    assert {left["content_type"] for left in found["not_restored"]} <= {"alerts"}  # left out, and named
    assert len(looker.world["dashboards"]) == before


# What is long ---------------------------------------------------------------------------------------------------------


@pytest.mark.prefect
def test_bulk_as_a_flow_prints_one_document_and_keeps_the_secret(
    cli: Run, looker: Simulator, on_server: dict[str, str], tmp_path: Path
) -> None:
    wrecked = wreck_looks(looker)
    dashboard = living(looker, "dashboards")[0]["id"]
    mutate(looker.world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    done = cli("looks", "--yes", "--json", module="flows.restore", **on_server)
    assert done.returncode == 2, "a module takes --type"
    done = cli("--type", "looks", "--yes", "--json", module="flows.restore", **on_server)
    found = document(done)
    assert done.stderr == ""
    assert found.keys() >= RESULT
    assert found["summary"].keys() >= SUMMARY | {"duration_seconds", "average_throughput"}
    assert found["verified"].keys() >= VERIFIED
    assert found["summary"]["updated_count"] == len(wrecked)
    assert all(counts.keys() >= SUMMARY for counts in found["types"].values())
    assert not any(is_wrecked(looker, "looks", one) for one in wrecked)
    assert is_wrecked(looker, "dashboards", dashboard)
    person = cli("restore", "all", "--only-types", "dashboard,boards", "--yes", **on_server)
    assert person.returncode == 0, person.stderr
    assert "1 identical" in person.stdout
    assert all(line.startswith("lookervault:") for line in person.stderr.splitlines()), person.stderr
    assert not is_wrecked(looker, "dashboards", dashboard)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.prefect
def test_a_folder_of_an_older_snapshot_comes_back_without_what_is_excluded(
    cli: Run, looker: Simulator, vault_path: Path, on_server: dict[str, str]
) -> None:
    looks = {row["folder_id"] for row in living(looker, "looks")}
    folder = next(row["folder_id"] for row in living(looker, "dashboards") if row["folder_id"] in looks)
    wrecked = [
        (t, row["id"]) for t in ("looks", "dashboards") for row in living(looker, t) if row["folder_id"] == folder
    ]
    for table, one in wrecked:
        mutate(looker.world, "update", table, one, {"title": f"Wrecked {one}"})
    with Vault.open(vault_path) as vault, client(looker) as one:
        capture(vault, one)
    newest = document(cli("restore", "folder", folder, "--dry-run", "--json"))
    assert newest["summary"]["updated_count"] == 0, "the newest snapshot has them wrecked"
    options = ("--snapshot", "1", "--exclude-types", "look", "--yes", "--json")
    found = document(cli("restore", "folder", folder, *options, **on_server))
    assert "looks" not in found["types"]
    assert {table for table, one in wrecked if is_wrecked(looker, table, one)} == {"looks"}


@pytest.mark.prefect
def test_a_restore_that_fails_too_often_stops_and_resume_narrows_to_a_type(
    cli: Run, looker: Simulator, on_server: dict[str, str]
) -> None:
    looks = wreck_looks(looker)
    dashboard = living(looker, "dashboards")[0]["id"]
    mutate(looker.world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    looker.faults.add("422", operation="update_look")
    options = ("--max-dlq-size", "2", "--workers", "1", "--yes", "--json")
    stopped = document(cli("restore", "bulk", "looks", "dashboards", *options, **on_server), 3)
    assert stopped["status"] == "failed"
    assert "--max-dlq-size" in stopped["stopped"]
    looker.faults.clear()
    only = document(cli("restore", "resume", "dashboards", "--yes", "--json", **on_server))
    assert only["session_id"] == stopped["session_id"]
    assert only["types"].keys() == {"dashboards"}
    assert not is_wrecked(looker, "dashboards", dashboard)
    assert all(is_wrecked(looker, "looks", one) for one in looks)
    rest = document(cli("restore", "resume", "--yes", "--json", **on_server))
    assert (rest["session_id"], rest["status"]) == (stopped["session_id"], "completed")
    assert not any(is_wrecked(looker, "looks", one) for one in looks)
    undone = document(cli("restore", "undo", "--session-id", rest["session_id"], "--yes", "--json"))
    assert undone["status"] == "completed"
    assert all(is_wrecked(looker, "looks", one) for one in looks), "an undo takes back all parts of a resumed restore"
    assert is_wrecked(looker, "dashboards", dashboard)


@pytest.fixture(params=["direct", pytest.param("flow", marks=pytest.mark.prefect)])
def way(request: pytest.FixtureRequest) -> Iterator[tuple[list[str], dict[str, str]]]:
    """A restore of many calls, without Prefect and as a flow."""
    if request.param == "direct":
        yield ["restore", "single", "dashboard"], {}
    else:
        server = request.getfixturevalue("prefect_server")
        yield ["restore", "bulk", "dashboards"], server.environment


def test_an_interrupted_restore_says_how_to_go_on_and_resume_completes_it(
    way: tuple[list[str], dict[str, str]], environment: dict[str, str], looker: Simulator, tmp_path: Path, cli: Run
) -> None:
    words, server = way
    dashboard = living(looker, "dashboards")[0]
    before = len(looker.world["dashboards"])
    mutate(looker.world, "delete", "dashboards", dashboard["id"])
    one = [dashboard["id"]] if words[1] == "single" else []
    err = interrupted(looker, "create_dashboard_element", environment | server, tmp_path, *words, *one, "--yes")
    assert "Traceback" not in err, err
    assert "restore resume" in err.splitlines()[-1]
    looker.faults.clear()
    done = document(cli("restore", "resume", "--yes", "--json", **server))
    assert done["status"] == "completed"
    assert len(looker.world["dashboards"]) == before
    tiles = {
        row["id"]: len(looker.world.parts("dashboard_elements", row["id"])) for row in living(looker, "dashboards")
    }
    with Vault.open(tmp_path / "looker.db", read_only=True) as vault:
        kept = next(
            json.loads(item.payload) for item in vault.iter_payloads("dashboards", 1) if item.id == dashboard["id"]
        )
    made = next(row for row in living(looker, "dashboards") if row["title"] == dashboard["title"])
    assert tiles[made["id"]] == len(kept["dashboard_elements"])


def test_a_restore_that_is_interrupted_while_it_plans_says_that_nothing_was_written(
    environment: dict[str, str], looker: Simulator, tmp_path: Path, cli: Run
) -> None:
    look = wreck_looks(looker, 1)[0]
    err = interrupted(looker, "look", environment, tmp_path, "restore", "single", "look", look, "--yes")
    assert writes(looker) == [], err
    assert "before anything was written; run the same command again" in err
    assert "resume" not in err


def test_a_resume_leaves_out_the_types_that_it_is_told_to(cli: Run, looker: Simulator, vault_path: Path) -> None:
    wreck_looks(looker, 1)
    mutate(looker.world, "update", "dashboards", living(looker, "dashboards")[0]["id"], {"title": "Wrecked"})
    with Vault.open(vault_path) as vault, client(looker) as one:
        RestoreRun(vault, one, Selection.everything(), RestoreOptions()).begin()
    planned = document(cli("restore", "resume", "--exclude-types", "dashboards", "--dry-run", "--json"))
    assert {row["content_type"] for row in planned["plan"] if row["action"] == "update"} == {"looks"}


def test_the_status_of_a_restore_that_was_killed_says_that_nobody_goes_on_with_it(
    environment: dict[str, str], looker: Simulator, tmp_path: Path, cli: Run
) -> None:
    dashboard = living(looker, "dashboards")[0]["id"]
    mutate(looker.world, "delete", "dashboards", dashboard)
    begun = looker.faults.add("hold", operation="create_dashboard")
    command = [*program(), "restore", "single", "dashboard", dashboard, "--yes"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        until(lambda: begun.fired, process)
        [running] = document(cli("restore", "status", "--json"))
        refused = cli("restore", "single", "dashboard", dashboard, "--yes")
        process.kill()
    assert (running["status"], running["cut_off"]) == ("running", False)
    assert f"session {running['session_id']}," in refused.stderr, (
        "who is in the way is a session that can be asked about"
    )
    shown = cli("restore", "status").stdout
    assert (
        f"cut off: no run goes on with it; `lookervault restore resume --session-id {running['session_id']}`" in shown
    )
    looker.faults.clear()
    assert document(cli("restore", "resume", "--yes", "--json"))["status"] == "completed"
    assert "cut off" not in cli("restore", "status").stdout
