"""The log of a run is one line a type, hole, wait, burst of refusals and resume, as text or as JSON, where it is wanted."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.catalog import CATALOG
from lookervault_core.logs import LOGGER
from lookervault_core.looker.limiter import Limiter
from tests.watching.commands import run_in

ALONE = ("extract", "--no-prefect")


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", seed=2)) as simulator:
        yield simulator


@pytest.fixture
def command(looker: Simulator, tmp_path: Path) -> Callable[..., Any]:
    return run_in(looker, tmp_path)


def test_a_run_says_each_type_each_hole_and_that_it_goes_on(looker: Simulator, command: Callable[..., Any]) -> None:
    looker.world["boards"].rows["1"]["title"] = "a\nb"
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    told = command(*ALONE, "--log-level", "info")
    assert told.returncode == 3
    lines = told.stderr.splitlines()
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info|warning) ", line)] == []
    types = {line.split()[2].rstrip(":") for line in lines if " captured" in line}
    assert types == set(CATALOG)
    assert {"users", "dashboards", "looks", "boards"} <= types
    assert sum(" hole: boards" in line for line in lines) >= 1
    assert any(re.search(r"snapshot 1 is partial: [\d,]+ items$", line) for line in lines)
    looker.faults.clear()
    again = command(*ALONE, "--resume", "--log-level", "info")
    assert re.search(r"info session \S+ goes on: snapshot 1, \d+ ranges are done", again.stderr)


def test_every_command_takes_the_options_of_the_log_at_any_place(command: Callable[..., Any], tmp_path: Path) -> None:
    assert command(*ALONE, "themes").stderr == ""
    store = (tmp_path / "copies").as_uri()
    for words, event in (
        (("push", store, "--log-format=json"), "pushed"),
        (("--log-format", "json", "pull", store, "--to", "again.db"), "pulled"),
        (("offsite", "verify", store, "--log-format", "json"), "pulled"),
        (("verify", "--log-level", "info", "--log-format", "json"), "verified"),
        (("restore", "bulk", "themes", "--log-format", "json", "--yes"), "end"),
    ):
        told = command(*words)
        logged = [json.loads(line) for line in told.stderr.splitlines() if line.startswith("{")]
        assert event in {one.get("event") for one in logged}, (words, told.stderr)
    wrong = command("verify", "--log-level", "loud")
    assert (wrong.returncode, "loud" in wrong.stderr) == (2, True)


def test_json_lines_hold_the_numbers_and_nothing_that_users_wrote(
    looker: Simulator, command: Callable[..., Any]
) -> None:
    told = command(*ALONE, "--log-format", "json")
    documents = [json.loads(line) for line in told.stderr.splitlines()]
    assert {"time", "level", "message", "event"} <= documents[0].keys()
    users = next(one for one in documents if one.get("content_type") == "users")
    assert (users["event"], users["captured"], users["listed"]) == ("type", users["new"], users["listed"])
    titles = [row["title"] for table in ("dashboards", "looks") for row in looker.world[table]]
    assert [one for one in [*titles, "@example", "simulator-secret"] if one in told.stderr] == []


def test_without_being_asked_a_run_logs_nothing_and_quiet_says_only_what_is_amiss(
    looker: Simulator, command: Callable[..., Any]
) -> None:
    usual = command(*ALONE, "--quiet")
    assert (usual.returncode, usual.stdout, usual.stderr) == (0, "", "")
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    partial = command(*ALONE, "--quiet")
    assert (partial.returncode, partial.stderr) == (3, "")
    assert partial.stdout.startswith("snapshot 2 is partial")
    assert "boards" in partial.stdout


def test_a_burst_of_refusals_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    limiter = Limiter(per_second=10, clock=lambda: now, sleep=lambda _: None)
    with caplog.at_level(logging.INFO, logger=LOGGER.name):
        for _ in range(50):
            limiter.slow_down(2.0)
            now += 0.1
        now += 20
        limiter.slow_down()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "429 or 503" in said[0]
    assert "50 times" in said[1]
