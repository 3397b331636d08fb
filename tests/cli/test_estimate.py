"""`extract --estimate` says what a run costs before it starts, and starts none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions
from tests.extract.backup import Backup


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Backup]:
    with Simulator(SimulatorOptions(scale="small", seed=1)) as looker:
        yield Backup(looker, tmp_path / "looker.db")


def estimate(one: Backup, *options: str) -> subprocess.CompletedProcess[str]:
    known = {"BASE_URL": one.looker.base_url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    env = os.environ | {f"LOOKERSDK_{name}": value for name, value in known.items()} | {"COLUMNS": "200"}
    command = [sys.executable, "-m", "flows.cli", "extract", "--estimate", "--db-path", str(one.path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_it_is_about_what_the_first_run_takes_and_starts_none(one: Backup) -> None:
    told = json.loads(estimate(one, "--json").stdout)
    assert not one.path.exists()
    report = one.run()
    merged = sum(report.types[name]["captured"] for name in told["more_for"])
    assert told["calls"] == pytest.approx(report.requests - merged, rel=0.1)
    assert told["seconds"] == round(told["calls"] / told["per_second"])


def test_a_run_of_a_kind_that_there_was_is_told_by_that(one: Backup) -> None:
    report = one.run()
    shown = estimate(one)
    assert shown.returncode == 0
    assert f"about {report.requests:,} calls" in shown.stdout
    assert "snapshot 1" in shown.stdout


def test_in_words_it_says_what_costs_most_and_what_is_not_known(one: Backup) -> None:
    shown = estimate(one, "users", "dashboards")
    assert "user_attribute_values (25)" in shown.stdout
    assert "merge query" in shown.stdout


def test_a_run_that_must_wait_for_calls_says_so_in_one_line(one: Backup) -> None:
    one.run()
    known = {"BASE_URL": one.looker.base_url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    env = os.environ | {f"LOOKERSDK_{name}": value for name, value in known.items()}
    command = [sys.executable, "-m", "flows.cli", "extract", "--monthly-calls", "1", "--db-path", str(one.path)]
    one.looker.calls.reset()
    told = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert (told.returncode, told.stderr.count("\n")) == (3, 1)
    assert "nothing was asked of Looker" in told.stderr
    assert sum(one.looker.calls.by_operation.values()) == 0
