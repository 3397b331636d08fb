"""`calls` adds up what runs asked of Looker, and goes on knowing it when they are pruned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.accounts import forecast
from lookervault_core.vault import Vault
from tests.extract.backup import Backup


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Backup]:
    with Simulator(SimulatorOptions(scale="tiny", seed=1)) as looker:
        yield Backup(looker, tmp_path / "looker.db")


def calls(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows.cli", "calls", "--db-path", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "100"})


def test_the_calls_of_a_day_are_those_of_its_runs_also_when_they_are_pruned(one: Backup) -> None:
    requests = one.run("dashboards").requests + one.run("looks").requests
    report = one.run()
    assert sum(report.calls.values()) == report.requests == sum(report.calls_by_operation.values())
    assert report.calls["db_query"] > 0
    with Vault.open(one.path, read_only=False) as vault:
        vault.delete_snapshot(1)
    told = json.loads(calls(one.path, "--json").stdout)
    (day,) = told["days"]
    assert day["day"] == f"{datetime.now(UTC):%Y-%m-%d}"
    assert sum(told["total"].values()) == requests + report.requests


def test_it_is_said_in_words(one: Backup) -> None:
    one.run("dashboards")
    shown = calls(one.path)
    assert shown.returncode == 0
    assert "administrative calls" in shown.stdout


def test_a_month_that_is_none_is_refused_in_one_line(one: Backup) -> None:
    one.run("boards")
    shown = calls(one.path, "--month", "2026-13")
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert "2026-13" in shown.stderr


def test_a_month_comes_to_what_its_days_so_far_say() -> None:
    days = {"2026-11-11": {"non_query": 100, "db_query": 10}, "2026-11-20": {"non_query": 100}}
    assert forecast(days, "2026-11", date(2026, 11, 20)) == {"db_query": 20, "non_query": 400, "none": 0}
    assert forecast(days, "2026-11", date(2026, 12, 1)) == {"db_query": 10, "non_query": 200, "none": 0}
    assert forecast({}, "2026-11", date(2026, 11, 20)) == {"db_query": 0, "non_query": 0, "none": 0}
