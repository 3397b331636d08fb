"""`rehearse`: a disaster and its restore on a twin, and what a real one would take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, differences, mutate
from looker_simulator.ravage import ravage
from lookervault_core.restore.request import RestoreRequest, Selection
from lookervault_core.restore.runs import restoration, restore
from lookervault_core.settings import load_settings
from tests.cli.conftest import SECRET, Run


def test_a_rehearsal_asks_looker_nothing_and_says_what_a_restore_of_that_takes(
    cli: Run, looker: Simulator, vault_path: Path
) -> None:
    before, calls = vault_path.read_bytes(), looker.calls.snapshot()
    done = cli("rehearse", "--fraction", "0.4", "--json", LOOKERVAULT_RATE_LIMIT_PER_MINUTE=None)
    assert done.returncode == 0, done.stderr
    assert looker.calls.snapshot() == calls
    assert vault_path.read_bytes() == before
    found = json.loads(done.stdout)
    assert found["status"] == "proven"
    assert found["hit"]["dashboards"]
    assert found["not_as_before"] == []
    assert found["forecast"]["per_second"] == 2, "the limit of a restore is 120 a minute"
    ravage(looker.world, 0.4)
    settings = load_settings(
        None, db_path=vault_path, base_url=looker.base_url, client_id="simulator", client_secret=SECRET,
        rate_limit_per_second=0, rate_limit_per_minute=0,
    )  # fmt: skip
    with restoration(settings, RestoreRequest(Selection.everything())) as run:
        report = restore(run)
    assert report.status == "completed"
    assert report.requests == pytest.approx(found["forecast"]["calls"], rel=0.02)


def test_a_rehearsal_is_told_of_types_it_can_wreck(cli: Run, vault_path: Path) -> None:
    done = cli("rehearse", "--types", "looks,boards", "--fraction", "1")
    assert done.returncode == 0, done.stderr
    assert "deleted for good" in done.stdout
    assert "dashboards" not in done.stdout
    assert "A real restore of that would take" in done.stdout
    done = cli("rehearse", "--types", "explores")
    assert done.returncode == 2
    assert "a rehearsal wrecks" in done.stderr
    assert cli("rehearse", "--db-path", "none.db").returncode == 2


def test_a_restore_is_done_on_a_twin_of_what_looker_has_now_first(
    cli: Run, looker: Simulator, vault_path: Path
) -> None:
    world = looker.world
    look = next(row for row in world["looks"] if not row["deleted"])
    mutate(world, "update", "looks", look["id"], {"description": "changed since the backup"})
    before, snapshots = looker.oracle(), cli("snapshots", "--json").stdout
    done = cli("restore", "single", "look", look["id"], "--rehearse", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["rehearsal"]
    assert found["status"] == "proven"
    assert found["types"] == [
        {"type": "looks", "planned": "1 update", "identical": 1, "with losses": 0, "not restored": 0}
    ]
    assert found["calls"]["rehearsed"] == pytest.approx(found["calls"]["forecast"], abs=3)
    assert differences(before, looker.oracle()) == [], "only the twin was written to"
    assert cli("snapshots", "--json").stdout == snapshots, "what Looker has now is kept beside the vault"
    done = cli("restore", "single", "look", look["id"], "--rehearse", "--yes")
    assert done.returncode == 0, done.stderr
    assert "rehearsed on a twin of what Looker has now" in done.stdout
    assert world["looks"].rows[look["id"]]["description"] != "changed since the backup"
    assert cli("restore", "all", "--rehearse", "--target", "other", "--dry-run").returncode == 2
