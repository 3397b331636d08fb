"""`lookervault restore …` as a process: what it plans, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import restorations
from tests.cli.conftest import Run

# What is small --------------------------------------------------------------------------------------------------------
from tests.cli.restored import (
    PLANNED,
    RESULT,
    SINGLE,
    SUMMARY,
    document,
    is_wrecked,
    living,
    on_terminal,
    wreck_looks,
    writes,
)

pytestmark = pytest.mark.usefixtures("vault_path")


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
    title = next(row["title"] for row in living(looker, "looks") if row["id"] == plan["look_id"])
    told = f"1 scheduled plan ({plan['name']} ({plan['id']})) of look {title} ({plan['look_id']})"
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
    assert f" ({ours})" in lines[at + 1]
    assert "~ update " in lines[at + 1]
    alone = [line for line in lines if "3 left alone: " in line]
    assert len(alone) == 1, lines
    assert all(f"({one})" in alone[0] for one in ("google", "google-theme", "looker-blocks"))
    assert alone[0].endswith(" (one of Looker's own collections)")
    assert len(lines) < 12, "a type in which nothing is to tell has no line of its own"
    rest = " ".join(lines[next(n for n, line in enumerate(lines) if "── as in the backup: " in line) :])
    assert " dashboards, " in rest
    assert " access, values" in rest
    assert not {"role_users", "content_metadata_accesses"} & set(rest.split())
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
        (["dlq", "list", "--session-id", "none"], {}, 2, "there is none of that id"),
        (["dlq", "retry", "--session-id", "none"], {}, 2, "there is none of that id"),
        (["dlq", "clear", "--session-id", "none", "--yes"], {}, 2, "there is none of that id"),
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
    assert headline.startswith(f"plan onto {looker.base_url}, from snapshot 1 (20")
    assert " old): 1 update; about " in headline
    assert " calls, 1 of them to write" in headline
    assert (found["calls_to_write"], found["calls"] > 1) == (1, True)
    with Simulator(SimulatorOptions(scale="tiny", seed=7)) as other:
        command = ("restore", "single", "look", one, "--with-dependencies", "--target", "staging")
        there = environment | {"LOOKERSDK_BASE_URL": other.base_url}
        code, shown = on_terminal(there, tmp_path, "n", *command)
        assert (code, f"plan onto {other.base_url} (target staging), from snapshot 1 (" in shown) == (130, True), shown
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


@pytest.mark.parametrize(
    ("words", "variables", "mode"),
    [
        ((), {}, "as-backed-up"),
        (("--deliveries", "off"), {}, "off"),
        ((), {"LOOKERVAULT_DELIVERIES": "off"}, "off"),
        (("--deliveries", "as-backed-up"), {"LOOKERVAULT_DELIVERIES": "off"}, "as-backed-up"),
    ],
)
def test_whether_schedules_are_switched_on_is_said_and_can_be_chosen(words, variables, mode, cli, looker, vault_path):
    plan = next(row["id"] for row in looker.world["scheduled_plans"] if row["enabled"])
    mutate(looker.world, "update", "scheduled_plans", plan, {"enabled": False})
    done = cli("restore", "single", "scheduled_plan", plan, "--dry-run", "--json", *words, **variables)
    told = json.loads(done.stdout)["deliveries"]
    assert told["mode"] == mode
    assert [row["id"] for row in told["left_off" if mode == "off" else "switched_on"]] == [plan]
    assert cli("restore", "bulk", "looks", "--owner", "me", "--dry-run").returncode == 2
