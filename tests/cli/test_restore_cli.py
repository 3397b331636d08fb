"""`lookervault restore …` as a process: what is small without Prefect, what is long as a flow on a real server."""

from __future__ import annotations

import inspect
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lookervault_core.restore.options import RestoreOptions
from lookervault_core.restore.report import session_document
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.selection import Selection
from lookervault_core.restore.session import selected
from lookervault_core.simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.vault import Vault, restorations
from lookervault_core.vault.restorations import Restoration
from tests.cli.conftest import SECRET, Run, program
from tests.conftest import PrefectServer
from tests.restore.conftest import capture, client

SUMMARY = {
    "total_items",
    "success_count",
    "created_count",
    "updated_count",
    "undeleted_count",
    "skipped_count",
    "error_count",
}
RESULT = {"session_id", "status", "summary", "types", "dead_letters", "verified", "requests"}
SINGLE = {
    "status",
    "content_type",
    "content_id",
    "operation",
    "destination_id",
    "duration_ms",
    "dependencies_checked",
}
PLANNED = {"content_type", "id", "name", "action", "fields", "reason"}
VERIFIED = {"checked", "equal", "accepted_losses", "different"}
READS = {"GET"}


@pytest.fixture(autouse=True)
def vault_path(looker: Simulator, tmp_path: Path) -> Path:
    """A backup of *looker* where the command looks for it."""
    path = tmp_path / "looker.db"
    with Vault.create_or_open(path) as vault, client(looker) as one:
        capture(vault, one)
    looker.calls.reset()
    return path


@pytest.fixture
def on_server(prefect_server: PrefectServer) -> dict[str, str]:
    return prefect_server.environment


def living(looker: Simulator, table: str) -> list[dict[str, Any]]:
    return [row for row in looker.world[table] if not row.get("deleted")]


def wreck_looks(looker: Simulator, count: int = 99) -> list[str]:
    """Rename looks; return their ids."""
    ids = [row["id"] for row in living(looker, "looks")][:count]
    for one in ids:
        mutate(looker.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    return ids


def is_wrecked(looker: Simulator, table: str, item_id: str) -> bool:
    row = looker.world[table].get(item_id)
    return row is None or row["title"].startswith("Wrecked")


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    return json.loads(done.stdout)


def writes(looker: Simulator) -> list[str]:
    """Return the operations that changed something."""
    verbs = ("create_", "update_", "delete_", "set_", "add_")
    return [name for name in looker.calls.by_operation if name.startswith(verbs)]


# What is small --------------------------------------------------------------------------------------------------------


def test_single_puts_one_object_back_in_the_promised_words(cli: Run, looker: Simulator) -> None:
    one = living(looker, "dashboards")[0]["id"]
    mutate(looker.world, "update", "dashboards", one, {"title": "Wrecked"})
    found = document(cli("restore", "single", "dashboard", one, "--yes", "--json"))
    assert found.keys() >= SINGLE
    assert (found["status"], found["content_type"], found["content_id"]) == ("completed", "dashboards", one)
    assert (found["operation"], found["destination_id"]) == ("update", one)
    assert any(key.startswith("folders ") for key in found["dependencies_checked"])
    assert found["verified"] | {"equal": 1} == found["verified"]
    assert not is_wrecked(looker, "dashboards", one)
    again = document(cli("restore", "single", "dashboard", one, "--yes", "--json"))
    assert (again["operation"], again["status"]) == ("skip", "completed")


def test_single_tells_of_the_plans_of_a_look_that_it_leaves_as_they_are(cli: Run, looker: Simulator) -> None:
    plan = next(row for row in living(looker, "scheduled_plans") if row["look_id"])
    mutate(looker.world, "delete", "scheduled_plans", plan["id"])
    command = ("restore", "single", "look", plan["look_id"])
    told = f"1 scheduled plan ({plan['id']}) of look {plan['look_id']}"
    for more in (("--dry-run",), ("--yes",)):
        assert [line for line in document(cli(*command, *more, "--json"))["warnings"] if told in line]
        assert f"warning: not as in the backup, and no part of this: {told}" in cli(*command, *more).stdout
    assert writes(looker) == []


def test_a_dry_run_shows_the_fields_and_writes_nothing(cli: Run, looker: Simulator, vault_path: Path) -> None:
    one = wreck_looks(looker, 1)[0]
    found = document(cli("restore", "all", "--dry-run", "--json"))
    assert found.keys() >= RESULT - {"verified"} | {"plan"}
    assert found["status"] == "planned"
    assert found["summary"].keys() >= SUMMARY | {"duration_seconds", "average_throughput"}
    steps = [step for step in found["plan"] if step["action"] != "skip"]
    assert [(step["content_type"], step["id"], step["action"]) for step in steps] == [("looks", one, "update")]
    assert steps[0].keys() >= PLANNED
    assert [field["path"] for field in steps[0]["fields"]] == ["title"]
    assert writes(looker) == []
    person = cli("restore", "bulk", "looks", "--dry-run")
    assert person.returncode == 0
    assert f'title: "Wrecked {one}" →' in person.stdout
    assert writes(looker) == []
    with Vault.open(vault_path, read_only=True) as vault:
        assert len(vault.snapshots()) == 1


def test_a_plan_counts_what_is_left_alone_behind_what_it_writes(cli: Run, looker: Simulator) -> None:
    table = looker.world["color_collections"]
    ours = next(row["id"] for row in table if row["id"] not in ("google", "google-theme", "looker-blocks"))
    mutate(looker.world, "update", "color_collections", ours, {"label": "Wrecked"})
    lines = cli("restore", "all", "--dry-run").stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "color_collections: " in line)
    assert "1 update, 3 left alone" in lines[at]
    assert f"~ update {ours} " in lines[at + 1]
    alone = [line for line in lines if "left alone: google, " in line]
    assert len(alone) == 1, lines
    assert alone[0].endswith("google-theme, looker-blocks (one of Looker's own collections)")
    assert len(lines) < 12, "a type in which nothing is to tell has no line of its own"
    assert " dashboards," in lines[-1]
    rows = document(cli("restore", "all", "--dry-run", "--json"))["plan"]
    assert len([row for row in rows if row["reason"] == "one of Looker's own collections"]) == 3


def test_a_dry_run_looks_while_another_run_owns_the_vault(cli: Run, looker: Simulator, vault_path: Path) -> None:
    one = wreck_looks(looker, 1)[0]
    session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
    wreck_looks(looker, 1)
    looker.calls.reset()
    commands = (
        ("single", "look", one),
        ("bulk", "looks"),
        ("all",),
        ("undo", "--session-id", session),
    )
    with Vault.open(vault_path) as vault, vault.run_lock():
        before = vault_path.read_bytes()
        for command in commands:
            assert document(cli("restore", *command, "--dry-run", "--json"))["status"] == "planned"
        refused = cli("restore", "single", "look", one, "--yes")
        assert (refused.returncode, "another run holds it" in refused.stderr) == (5, True)
        assert vault_path.read_bytes() == before
    assert writes(looker) == []
    assert [row["session_id"] for row in document(cli("restore", "status", "--all", "--json"))] == [session]


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (["single", "look", "999999", "--yes"], {}, 2, "the backup does not have it"),
        (["single", "nonsense", "1", "--yes"], {}, 2, "known are"),
        (["single", "explore", "a::b", "--yes"], {}, 2, "no way to write"),
        (["bulk", "looks"], {}, 2, "--yes"),
        (["bulk", "dashboards", "--only-types", "looks", "--yes"], {}, 2, "nothing is left to restore"),
        (["bulk", "dashboards", "--exclude-types", "dashboards", "--yes"], {}, 2, "nothing is left to restore"),
        (["single", "look", "1", "--only-types", "boards", "--dry-run"], {}, 2, "nothing is left to restore"),
        (["folder", "1", "--only-types", "users", "--dry-run"], {}, 2, "nothing is left to restore"),
        (["folder", "999999", "--yes"], {}, 2, "lookervault list folders"),
        (["bulk", "looks", "--yes", "--snapshot", "77"], {}, 2, "77"),
        (["all", "--only-types", "nonsense", "--yes"], {}, 2, "known are"),
        (["resume", "--yes"], {}, 2, "nothing to resume"),
        (["status", "--session-id", "none"], {}, 2, "no such restore"),
        (["undo", "--session-id", "none", "--yes"], {}, 2, "no such restore"),
        (["dlq", "show", "5"], {}, 2, "dlq list"),
        (["all", "--yes"], {"LOOKERSDK_CLIENT_ID": "viewer", "LOOKERSDK_CLIENT_SECRET": "viewer-secret"}, 4, "Admin"),
        (["all", "--yes"], {"LOOKERSDK_CLIENT_SECRET": "wrong"}, 4, "client_secret"),
        (["all", "--yes"], {"LOOKERVAULT_DB_PATH": "none.db"}, 2, "none.db"),
        (["undo", "--session-id", "any"], {"LOOKERVAULT_DB_PATH": "none.db"}, 2, "none.db"),
        (["dlq", "clear"], {"LOOKERVAULT_DB_PATH": "none.db"}, 2, "none.db"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line_and_writes_nothing(
    cli: Run, looker: Simulator, arguments: list[str], variables: dict[str, str | None], code: int, words: str
) -> None:
    done = cli("restore", *arguments, **variables)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert writes(looker) == []


def test_another_instance_is_refused_unless_it_is_named_as_the_target(cli: Run, looker: Simulator) -> None:
    one = living(looker, "looks")[0]
    with Simulator(SimulatorOptions(scale="tiny", seed=7)) as other:
        there = {"LOOKERSDK_BASE_URL": other.base_url}
        refused = cli("restore", "single", "look", one["id"], "--yes", **there)
        assert refused.returncode == 5
        assert "--target" in refused.stderr
        before = len(other.world["looks"])
        more = ("--with-dependencies", "--target", "staging", "--yes", "--json")
        found = document(cli("restore", "single", "look", one["id"], *more, **there))
        assert (found["operation"], found["status"]) == ("create", "completed")
        assert other.world["looks"].rows[found["destination_id"]]["title"] == one["title"]
        with Simulator(SimulatorOptions(scale="tiny", seed=8)) as third:
            elsewhere = cli(
                *("restore", "single", "look", one["id"], "--target", "staging", "--yes"),
                LOOKERSDK_BASE_URL=third.base_url,
            )
        assert elsewhere.returncode == 5, "the name stands for the other instance"
        again = document(cli("restore", "single", "look", one["id"], *more, **there))
        assert again["operation"] == "skip"
        assert len(other.world["looks"]) == before + 1
        session = found["session_id"]
        assert cli("restore", "undo", "--session-id", session, "--yes").returncode == 5
        planned = document(cli("restore", "undo", "--session-id", session, "--dry-run", "--json", **there))
        assert "remove" in {step["action"] for step in planned["plan"]}
        taken = document(cli("restore", "undo", "--session-id", session, "--yes", "--json", **there))
        assert taken["removed"] >= 1
        left = other.world["looks"].get(found["destination_id"])
        assert left is None or left["deleted"]


def test_a_target_is_never_the_vaults_own_instance(cli: Run, looker: Simulator) -> None:
    for more in ("--dry-run", "--yes"):
        done = cli("restore", "all", "--target", "staging", more)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr
        assert f"{looker.base_url} is the vault's own" in done.stderr
    assert writes(looker) == []


def test_a_plan_and_its_question_say_where_it_writes_to_and_what_from(
    cli: Run, environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    found = document(cli("restore", "bulk", "looks", "--dry-run", "--json"))
    assert (found["base_url"], found["target"]) == (looker.base_url, None)
    headline = cli("restore", "single", "look", one, "--dry-run").stdout.splitlines()[0]
    assert headline == f"plan onto {looker.base_url}, from snapshot 1: 1 update; about 1 call"
    with Simulator(SimulatorOptions(scale="tiny", seed=7)) as other:
        command = ("restore", "single", "look", one, "--with-dependencies", "--target", "staging")
        there = environment | {"LOOKERSDK_BASE_URL": other.base_url}
        code, shown = on_terminal(there, tmp_path, "n", *command)
        assert (code, f"plan onto {other.base_url} (target staging), from snapshot 1: " in shown) == (130, True), shown
        assert f"Write this to {other.base_url} (target staging)? [y/N]" in shown
        code, shown = on_terminal(there, tmp_path, "n", *command, "--exact")
        assert (code, f"This writes to {other.base_url} (target staging) and also REMOVES" in shown) == (130, True)
    session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
    code, shown = on_terminal(environment, tmp_path, "n", "restore", "undo", "--session-id", session)
    assert (code, f"plan onto {looker.base_url}, from the state before restore {session}: 1 update" in shown) == (
        130,
        True,
    )
    assert f"Take back what restore {session} wrote to {looker.base_url}? [y/N]" in shown


def test_skip_if_modified_leaves_alone_what_somebody_worked_on(cli: Run, looker: Simulator) -> None:
    one = wreck_looks(looker, 1)[0]
    found = document(cli("restore", "single", "look", one, "--skip-if-modified", "--yes", "--json"))
    assert found["operation"] == "conflict"
    assert is_wrecked(looker, "looks", one)


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


def test_a_name_that_somebody_has_taken_ends_a_restore_and_an_undo_with_3_and_says_who(
    cli: Run, looker: Simulator
) -> None:
    one = wreck_looks(looker, 1)[0]
    session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
    title = looker.world["looks"].rows[one]["title"]
    taker = mutate(looker.world, "create", "looks", one, {"title": f"Wrecked {one}"})
    undone = cli("restore", "undo", "--session-id", session, "--yes")
    assert (undone.returncode, f"look {taker}" in undone.stdout, "not tried" in undone.stdout) == (3, True, True)
    assert document(cli("restore", "undo", "--session-id", session, "--yes", "--json"), 3)["not_tried"][0]["id"] == one
    mutate(looker.world, "update", "looks", one, {"title": "Wrecked again"})
    mutate(looker.world, "update", "looks", taker, {"title": title})
    found = document(cli("restore", "single", "look", one, "--yes", "--json"), 3)
    assert (found["operation"], found["status"], found["dead_letters"]) == ("blocked", "partial", 0)
    assert f"look {taker}" in found["not_tried"][0]["reason"]
    planned = document(cli("restore", "single", "look", one, "--dry-run", "--json"))
    assert (planned["status"], planned["plan"][0]["action"]) == ("planned", "blocked")
    assert [field["path"] for field in planned["plan"][0]["fields"]] == ["title"]
    person = cli("restore", "single", "look", one, "--dry-run").stdout
    assert (f"look {taker}" in person, "title:" in person) == (True, False), (
        "the reason, and nothing that is not written"
    )


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
    assert (unsaid.returncode, "dlq list" in unsaid.stderr, "dry-run" in unsaid.stderr) == (2, True, False)
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
    assert document(other) == {"status": "completed", "cleared": 0}
    assert cli("restore", "dlq", "clear", "999", "--yes").returncode == 2
    assert "1 dead letter is gone" in cli("restore", "dlq", "clear", number, "--yes").stdout


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


def test_a_budget_that_is_spent_says_what_to_do_next(cli: Run, looker: Simulator, vault_path: Path) -> None:
    command = ("restore", "single", "look", wreck_looks(looker, 1)[0])
    needed = document(cli(*command, "--dry-run", "--json"))["requests"]
    for calls in ("2", str(needed - 1), str(needed)):  # what it writes is read once more before it begins
        early = cli(*command, "--max-calls", calls, "--yes")
        assert (early.returncode, writes(looker)) == (3, []), early.stderr
        assert "nothing was written; run the same command again with more" in early.stderr
        assert "resume" not in early.stderr
    with Vault.open(vault_path, read_only=True) as vault:
        assert restorations.newest_first(vault) == []
    late = document(cli(*command, "--max-calls", str(needed + 1), "--yes", "--json"), 3)
    assert late["stopped"].endswith(f"`lookervault restore resume --session-id {late['session_id']}` goes on")
    assert document(cli("restore", "resume", "--yes", "--json"))["status"] == "completed"


def on_terminal(
    environment: dict[str, str], cwd: Path, answer: str, *arguments: str, meanwhile: Callable[[], object] = lambda: None
) -> tuple[int, str]:
    """Run a command on a terminal, do what happens *meanwhile* and type *answer* at the first question, and return its code and
    what it showed."""
    ours, theirs = pty.openpty()
    command = [*program(), *arguments]
    with subprocess.Popen(command, env=environment, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # Linux says EIO where the other side is closed
                break
            shown += more
            if answer and (b"[y/N]" in shown or b"to go on" in shown):
                meanwhile()
                os.write(ours, f"{answer}\n".encode())
                answer = ""
        process.wait(30)
    os.close(ours)
    return process.returncode, shown.decode()


def test_on_a_terminal_the_plan_is_shown_and_asked_for(
    environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    code, shown = on_terminal(environment, tmp_path, "n", "restore", "single", "look", one)
    assert code == 130
    assert "1 update; about" in shown
    assert is_wrecked(looker, "looks", one)
    code, shown = on_terminal(environment, tmp_path, "y", "restore", "single", "look", one)
    assert code == 0, shown
    assert "1 identical" in shown
    assert not is_wrecked(looker, "looks", one)


@pytest.mark.parametrize("command", ["single", "undo"])
def test_nothing_is_written_if_looker_has_changed_while_the_question_waited(
    command: str, cli: Run, environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    arguments = ["look", one]
    if command == "undo":
        session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
        arguments = ["--session-id", session]
    changed_meanwhile(looker, one, environment, tmp_path, command, *arguments)


def changed_meanwhile(looker: Simulator, look: str, environment: dict[str, str], tmp_path: Path, *command: str) -> None:
    """Run a restore, give *look* another title while it waits for the answer, and see that it keeps that."""
    change = partial(mutate, looker.world, "update", "looks", look, {"title": "hers"})
    code, shown = on_terminal(environment, tmp_path, "y", "restore", *command, meanwhile=change)
    assert (code, "Looker has changed since the plan was shown" in shown) == (1, True), shown
    assert (look, "hers") in {(row["id"], row["title"]) for row in living(looker, "looks")}


def test_what_also_removes_is_confirmed_by_the_name_of_the_instance(
    environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    dashboard = living(looker, "dashboards")[0]["id"]
    tile = looker.world.parts("dashboard_elements", dashboard)[0]["id"]
    extra = mutate(looker.world, "create", "dashboard_elements", tile, {"title": "made since"})
    command = ("restore", "single", "dashboard", dashboard, "--exact")
    code, _ = on_terminal(environment, tmp_path, "y", *command)
    assert code == 130
    assert writes(looker) == []
    code, shown = on_terminal(environment, tmp_path, "127.0.0.1", *command)
    assert code == 0, shown
    left = looker.world["dashboard_elements"].get(extra)
    assert left is None or left["_deleted"]


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
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 5, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert looker.calls.by_operation["create_dashboard"] == 1
    assert document(cli("restore", "resume", "--yes", "--json"))["status"] == "completed"
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
def test_a_flow_writes_nothing_if_looker_has_changed_while_the_question_waited(
    environment: dict[str, str], looker: Simulator, on_server: dict[str, str], tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    changed_meanwhile(looker, one, environment | on_server, tmp_path, "bulk", "look")


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
    looker.faults.add("slow", method="write", delay_s=0.15)
    one = [dashboard["id"]] if words[1] == "single" else []
    process = subprocess.Popen(
        [*program(), *words, *one, "--yes"],
        env=environment | server,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while looker.calls.by_operation["create_dashboard_element"] < 1 and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    asked = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130, err
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
    looker.faults.add("slow", operation="look", delay_s=1)
    process = subprocess.Popen(
        [*program(), "restore", "single", "look", look, "--yes"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while looker.calls.by_operation["look"] < 1 and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, writes(looker)) == (130, []), err
    assert "before anything was written; run the same command again" in err
    assert "resume" not in err


def test_a_resume_leaves_out_the_types_that_it_is_told_to(cli: Run, looker: Simulator, vault_path: Path) -> None:
    wreck_looks(looker, 1)
    mutate(looker.world, "update", "dashboards", living(looker, "dashboards")[0]["id"], {"title": "Wrecked"})
    with Vault.open(vault_path) as vault, client(looker) as one:
        RestoreRun(vault, one, Selection.everything(), RestoreOptions()).begin()
    planned = document(cli("restore", "resume", "--exclude-types", "dashboards", "--dry-run", "--json"))
    assert {row["content_type"] for row in planned["plan"] if row["action"] == "update"} == {"looks"}
