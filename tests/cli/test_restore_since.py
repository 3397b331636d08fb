"""After a restore: how it is taken back, what it tells of itself, and its dead letters."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from flows.cli.restore_output import print_verdicts
from looker_simulator import Simulator, mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Proof, Verified
from lookervault_core.restore.report import session_document
from lookervault_core.restore.request import selected
from lookervault_core.vault.restoring.restorations import Restoration
from tests.cli.conftest import Run
from tests.cli.restored import document, is_wrecked, living, wreck_looks

pytestmark = pytest.mark.usefixtures("vault_path")


def test_a_restore_is_taken_back(cli: Run, looker: Simulator) -> None:
    one = wreck_looks(looker, 1)[0]
    session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
    assert not is_wrecked(looker, "looks", one)
    assert cli("restore", "undo", "--session-id", session).returncode == 2, "no terminal and no --yes"
    planned = document(cli("restore", "undo", "--session-id", session, "--dry-run", "--json"))
    assert [(row["id"], row["action"]) for row in planned["plan"]] == [(one, "update")]
    assert "1 update" in cli("restore", "undo", "--session-id", session, "--dry-run").stdout
    assert not is_wrecked(looker, "looks", one)
    assert document(cli("restore", "undo", "--session-id", session, "--yes", "--json"))["status"] == "completed"
    assert is_wrecked(looker, "looks", one)
    rows = document(cli("restore", "status", "--all", "--json"))
    assert [row["status"] for row in rows] == ["completed", "completed"]
    assert [p["success"] for p in document(cli("restore", "status", "--json"))[0]["progress"]] == [1]


def test_what_is_made_anew_is_told_with_its_new_id(cli: Run, looker: Simulator) -> None:
    dashboard, kept = living(looker, "dashboards")[:2]
    mutate(looker.world, "update", "dashboards", kept["id"], {"title": "Wrecked"})
    mutate(looker.world, "delete", "dashboards", dashboard["id"])
    person = cli("restore", "single", "dashboard", dashboard["id"], "--yes").stdout
    new_id = next(row["id"] for row in living(looker, "dashboards") if row["title"] == dashboard["title"])
    told = person[person.index("made anew") :].splitlines()
    assert ["dashboards", dashboard["id"], new_id] in [line.split()[:3] for line in told], person
    assert not [line for line in told if "dashboard_elements" in line]
    session = document(cli("restore", "status", "--json"))[0]["session_id"]
    undone = document(cli("restore", "undo", "--session-id", session, "--yes", "--json"))
    assert undone["accepted_losses"]  # what names the dead one is named
    assert undone["new_ids"] == []
    mutate(looker.world, "delete", "dashboards", new_id)
    again = document(cli("restore", "single", "dashboard", dashboard["id"], "--yes", "--json"))
    row = {"content_type": "dashboards", "id": dashboard["id"], "name": dashboard["title"]}
    assert row | {"destination_id": again["destination_id"]} in again["new_ids"]
    updated = document(cli("restore", "single", "dashboard", kept["id"], "--yes", "--json"))
    assert (updated["operation"], updated["new_ids"]) == ("update", [])


def test_the_list_of_restores_says_what_each_brought_back(cli: Run, looker: Simulator) -> None:
    one = wreck_looks(looker, 1)[0]
    session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
    document(cli("restore", "undo", "--session-id", session, "--yes", "--json"))
    rows = document(cli("restore", "status", "--all", "--json"))
    assert [(row["what"], row["snapshot_ids"]) for row in rows[1:]] == [(f"looks {one}", [1])]
    assert rows[0]["what"] == f"undo of {session}"
    person = cli("restore", "status", "--all").stdout
    assert f"{session}  completed  looks {one}, from snapshot 1\n  onto {looker.base_url}, begun " in person
    assert f"  completed  undo of {session}\n" in person


def selection_of(**asked: Any) -> str:
    """Return in words what a restore of that selection was to bring back."""
    selection = msgspec.to_builtins(selected(*(asked.get(name) for name in inspect.signature(selected).parameters)))
    now = datetime.now(UTC)
    return session_document(Restoration("s", 1, "t", "completed", selection, {}, None, now, None))["what"]


def test_what_a_restore_was_of_is_said_in_the_words_of_its_command() -> None:
    assert selection_of() == "all"
    assert selection_of(exclude_types=["users"]) == "all, without users"
    assert selection_of(folder="7", only_types=["looks"]) == "folder 7, only looks"
    assert selection_of(types=["look", "board", "theme", "alert"]) == "looks, boards, themes, and 1 more"


def test_dead_letters_are_listed_shown_retried_and_cleared(cli: Run, looker: Simulator) -> None:
    one = wreck_looks(looker, 1)[0]
    looker.faults.add("422", operation="update_look")
    failed = document(cli("restore", "single", "look", one, "--yes", "--json"), 3)
    assert (failed["status"], failed["dead_letters"]) == ("partial", 1)
    assert cli("restore", "single", "look", one, "--yes", "--allow-partial").returncode == 0
    letters = document(cli("restore", "dlq", "list", "--json"))
    assert [(row["content_type"], row["id"], row["status"], row["retry_count"]) for row in letters] == [
        ("looks", one, 422, 1)
    ]
    number = str(letters[0]["dead_letter_id"])
    shown = document(cli("restore", "dlq", "show", number, "--json"))
    assert "422" in shown["message"]
    assert json.loads(cli("restore", "dlq", "show", number, "--payload").stdout)["id"] == one
    unsaid = cli("restore", "dlq", "retry")
    assert (unsaid.returncode, "--dry-run" in unsaid.stderr) == (2, True)
    (planned,) = document(cli("restore", "dlq", "retry", "--dry-run", "--json"))["plans"]
    assert [(row["id"], row["action"]) for row in planned["plan"]] == [(one, "update")]
    seen = cli("restore", "dlq", "retry", "--dry-run")
    assert (seen.returncode, f"({one})" in seen.stdout, is_wrecked(looker, "looks", one)) == (0, True, True)
    for _ in range(2):
        document(cli("restore", "dlq", "retry", "--yes", "--json"), 3)
    looker.faults.clear()
    kept = cli("restore", "dlq", "retry", "--yes", "--json")
    assert "--force" in kept.stderr
    assert document(kept)["retried"] == 0
    done = document(cli("restore", "dlq", "retry", "--force", "--yes", "--json"))
    assert done == {"status": "completed", "retried": 1, "dead_letters": 0}
    assert not is_wrecked(looker, "looks", one)
    assert document(cli("restore", "dlq", "list", "--json")) == []
    assert "1 dead letter is settled: --resolved lists it" in cli("restore", "dlq", "list").stderr
    assert len(document(cli("restore", "dlq", "list", "--resolved", "--json"))) == 1
    settled = cli("restore", "dlq", "retry", number, "--yes")
    assert (settled.returncode, "is settled" in settled.stderr) == (2, True)
    unsaid = cli("restore", "dlq", "clear")
    assert (unsaid.returncode, "this forgets dead letters" in unsaid.stderr, "dry-run" in unsaid.stderr) == (
        2,
        True,
        False,
    )
    other = cli("restore", "dlq", "clear", "--error-type", "RateLimited", "--yes", "--json")
    assert document(other) == {"status": "completed", "cleared": 0, "settled": 0}
    assert cli("restore", "dlq", "clear", "999", "--yes").returncode == 2
    assert "1 dead letter is gone, 1 of them settled before" in cli("restore", "dlq", "clear", number, "--yes").stdout


def test_a_retry_brings_along_what_is_missing(cli: Run, looker: Simulator) -> None:
    world, look = looker.world, dict(living(looker, "looks")[0])
    looker.faults.add("422", operation="update_look", first=1)
    mutate(world, "update", "looks", look["id"], {"title": "Wrecked"})
    document(cli("restore", "single", "look", look["id"], "--yes", "--json"), 3)
    for table in ("looks", "dashboards"):
        for row in [row for row in world[table] if row["folder_id"] == look["folder_id"]]:
            mutate(world, "delete", table, row["id"])
    mutate(world, "delete", "folders", look["folder_id"])
    assert document(cli("restore", "dlq", "retry", "--yes", "--json"), 3)["status"] == "partial"
    fixed = document(cli("restore", "dlq", "retry", "--fix-dependencies", "--yes", "--json"))
    assert fixed["status"] == "completed"
    assert look["title"] in {row["title"] for row in living(looker, "looks")}


def test_what_failed_is_told_before_what_was_accepted_and_what_is_too_much_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    accepted = [Verified(ContentKey("users", str(n)), f"user {n}", str(n), "accepted_losses") for n in range(50)]
    failed = Verified(ContentKey("looks", "7"), "the broken one", None, "failed", lost=(("", "Looker refused it"),))
    print_verdicts(Proof((*accepted, failed)))
    shown = capsys.readouterr().out
    assert shown.index("the broken one") < shown.index("user 0")
    assert "… and 11 more; `--json` lists them all" in shown
