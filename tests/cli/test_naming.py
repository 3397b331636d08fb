"""Objects and times as people say them, in every command that takes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, mutate
from tests.cli.conftest import Run
from tests.cli.restored import document, living

pytestmark = pytest.mark.usefixtures("vault_path")


def test_commands_take_titles_paths_and_times(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    rows = living(looker, "dashboards")
    titles = [row["title"] for row in rows]
    one = next(row for row in rows if titles.count(row["title"]) == 1)
    payload = cli("show", "dashboard", one["id"]).stdout
    assert cli("show", "dashboard", one["title"]).stdout == payload
    assert cli("show", "dashboard", f"{looker.base_url}/dashboards/{one['id']}", "--at", "now").stdout == payload
    assert len(json.loads(cli("history", "dashboard", one["title"], "--json").stdout)) == 1
    assert json.loads(cli("list", "dashboards", "--at", "today", "--json").stdout)
    planned = document(cli("restore", "single", "dashboard", one["title"], "--at", "today", "--dry-run", "--json"))
    assert {row["id"] for row in planned["plan"]} == {one["id"]}
    assert document(cli("restore", "folder", "Shared", "--at", "now", "--dry-run", "--json"))["plan"]
    assert cli("export", str(tmp_path / "out"), "users", "--at", "now").returncode == 0
    assert cli("verify", "--at", "now").returncode == 0
    for words, told in (
        (["show", "dashboard", one["id"], "--at", "soon"], "3 days ago"),
        (["list", "dashboards", "--at", "2020-01-01"], "before the first snapshot, which is snapshot 1"),
        (["restore", "all", "--dry-run", "--at", "2199-01-01"], "lies ahead"),
        (["show", "dashboard", one["id"], "--at", "now", "--snapshot", "1"], "leave one of them out"),
    ):
        done = cli(*words)
        assert done.returncode == 2, done.stderr
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_several_of_one_title_are_listed_to_choose_from(cli: Run, looker: Simulator) -> None:
    first, second = living(looker, "dashboards")[:2]
    for row in (first, second):
        mutate(looker.world, "update", "dashboards", row["id"], {"title": "Twin \x1b[31m\u202e"})
    assert cli("extract", "dashboards", "--json").returncode == 0
    done = cli("restore", "single", "dashboard", "Twin \x1b[31m\u202e", "--dry-run")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split()[0] for line in lines[:2]] == [first["id"], second["id"]]
    assert all("\\x1b[31m\\u202e in " in line for line in lines[:2])
    assert "\x1b" not in done.stderr
    assert lines[-1].startswith("error: 2 dashboards are called")
