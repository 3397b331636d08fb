"""`log`, `diff`, `blame` and `revert` as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.vault import Vault
from tests.cli.conftest import Run
from tests.cli.restored import document, living
from tests.simulated import capture, client

pytestmark = pytest.mark.usefixtures("vault_path")
ODD = "Exec \x1b[2J\u202eOverview" + "x" * 10_000


def test_a_change_is_told_compared_blamed_and_taken_back(cli: Run, looker: Simulator, vault_path: Path) -> None:
    first, second = living(looker, "dashboards")[:2]
    title = first["title"]
    mutate(looker.world, "update", "dashboards", first["id"], {"title": ODD, "last_updater_id": "2"})
    with Vault.open(vault_path) as vault, client(looker) as one:
        capture(vault, one)
    mutate(looker.world, "update", "dashboards", first["id"], {"description": "Edited since", "last_updater_id": "3"})

    told = json.loads(cli("log", "dashboards", "--json").stdout)
    assert [(one["id"], one["kind"], one["author"]["how"]) for one in told] == [
        (first["id"], "changed", "last_updater")
    ]
    assert told[0]["fields"][0]["new"] == ODD
    change = told[0]["change_id"]
    shown = cli("log", "dashboard", ODD[:5] + ODD[5:], "--since", "today")
    assert shown.returncode == 0
    assert change in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "\u202e" not in shown.stdout
    assert len(shown.stdout) < 3_000
    assert json.loads(cli("log", "--by", "nobody@example.com", "--json").stdout or "[]") is not None
    assert cli("log", "dashboards", "999").returncode == 2

    fields = json.loads(cli("diff", "dashboard", first["id"], "--json").stdout)
    assert [(row["path"], row["old"]) for row in fields] == [("title", title)]
    assert {"content_type", "id", "name"} <= fields[0].keys()
    assert json.loads(cli("diff", "dashboard", first["id"], "1", "1", "--json").stdout) == []
    live = json.loads(cli("diff", "dashboard", first["id"], "--live", "--json").stdout)
    assert [row["path"] for row in live] == ["description"]
    both = json.loads(cli("diff", "1", "2", "--fields", "--json").stdout)
    assert [(row["change"], row["id"], [f["path"] for f in row["fields"]]) for row in both] == [
        ("changed", first["id"], ["title"])
    ]
    assert "1 dashboards changed" in cli("diff", "1", "now").stderr
    assert cli("diff", "dashboard", second["id"]).returncode == 2
    rows = {row["path"]: row for row in json.loads(cli("blame", "dashboard", first["id"], "--json").stdout)}
    assert (rows["title"]["change_id"], rows["folder_id"]["change_id"]) == (change, None)
    assert "\x1b" not in cli("blame", "dashboard", first["id"]).stdout

    assert cli("revert", change).returncode == 2, "no terminal and no --yes"
    assert cli("revert", "nonsense", "--yes").returncode == 2
    planned = document(cli("revert", change, "--dry-run", "--json"))
    assert [(row["id"], row["action"]) for row in planned["plan"]] == [(first["id"], "update")]
    assert planned["changes"][0]["change_id"] == change
    done = document(cli("revert", change, "--yes", "--json"))
    assert (done["status"], done["conflicts"]) == ("completed", [])
    row = looker.world["dashboards"].get(first["id"]) or {}
    assert (row["title"], row["description"]) == (title, "Edited since")
    mutate(looker.world, "update", "dashboards", first["id"], {"title": "Another"})
    assert cli("revert", change, "--dry-run").returncode == 3
    clash = cli("revert", change, "--yes")
    assert clash.returncode == 3
    assert "Another" in clash.stderr
    assert title in clash.stderr
    mutate(looker.world, "delete", "dashboards", first["id"])
    gone = cli("revert", change, "--yes")
    assert (gone.returncode, f"conflict: dashboards {first['id']}: it is gone" in gone.stderr) == (3, True)
    status = json.loads(cli("restore", "status", "--json").stdout)
    assert status[0]["what"] == f"revert of {change}"
