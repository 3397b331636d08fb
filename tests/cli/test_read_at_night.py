"""What somebody reads on 80 columns: messages before tracebacks, causes before lists, names before numbers."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.cli.letters import print_letter, print_letters
from flows.cli.restore_output import print_plan, print_progress
from looker_simulator import Simulator, mutate
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring.dead_letters import DeadLetter
from tests.cli.conftest import Run
from tests.cli.restored import document, living
from tests.cli.test_narrow_terminal import shown
from tests.simulated import capture, client

CAUSE = (
    "needs folder Shared/Archive (57), which is not there; the vault has it: restore it too, or use --with-dependencies"
)


def printed(show, *arguments, **options) -> list[str]:
    out = io.StringIO()
    with redirect_stdout(out):
        show(*arguments, **options)
    return out.getvalue().splitlines()


def blocked(number: int) -> Step:
    return Step("dashboards" if number % 2 else "looks", str(number), f"Title {number}", "blocked", reason=CAUSE)


def test_what_one_cause_blocks_is_one_cause_with_a_count_and_examples() -> None:
    plan = Plan(tuple(blocked(number) for number in range(127)))
    lines = printed(print_plan, plan, "plan", [])
    assert len(lines) < 10, lines
    assert any(f"127 objects: {CAUSE}" in line for line in lines)
    assert any("looks: Title 0 (0), Title 2 (2), " in line for line in lines)
    everything = printed(print_plan, plan, "plan", [], verbose=True)
    assert all(any(f"Title {number} ({number})" in line for line in everything) for number in range(127))


LETTER = DeadLetter(
    12, "20261129T0200-0a", "dashboards", "42", "Weekly Revenue", "update_dashboard", "Invalid", 422,
    "dashboards 42: Looker refused the update (422 title: already exists); rename it", "Traceback (most recent call last):\n…",
    "req-1", 1, datetime(2026, 11, 29, 2, tzinfo=UTC),
)  # fmt: skip


def test_a_dead_letter_begins_with_its_message_and_what_to_do_and_has_its_traceback_last() -> None:
    lines = printed(print_letter, LETTER, verbose=False)
    assert lines[0] == "dashboard Weekly Revenue (42) could not be restored"
    assert lines[2] == LETTER.message
    assert "  lookervault restore dlq retry 12" in lines
    assert not any("Traceback" in line for line in lines)
    loud = printed(print_letter, LETTER, verbose=True)
    assert next(at for at, line in enumerate(loud) if "Traceback (most" in line) > len(lines) - 2


def test_a_dead_letter_takes_two_lines_of_80_columns_in_a_list() -> None:
    script = """
from tests.cli.test_read_at_night import LETTER
from flows.cli.letters import print_letters
print_letters([LETTER] * 3)
"""
    lines = shown(script).splitlines()
    assert len(lines) == 1 + 2 * 3 + 1
    assert all(len(line) <= 80 for line in lines)
    assert "Weekly Revenue (42), tried again once" in lines[1]
    assert lines[2].strip().startswith("Looker refused the update (422 title")
    assert len(printed(print_letters, [LETTER])) == 4


def test_a_restore_that_somebody_stopped_says_how_to_go_on() -> None:
    row: dict[str, Any] = {
        "session_id": "20261129T0200-0a",
        "status": "interrupted",
        "what": "all",
        "snapshot_ids": [1],
        "target": "",
    }
    row |= {"options": {}, "started_at": "2026-11-29T02:00:00+00:00", "cut_off": False, "progress": []}
    lines = printed(print_progress, [row])
    assert lines[0].startswith("20261129T0200-0a  interrupted  all")
    assert any("lookervault restore resume --session-id 20261129T0200-0a" in line for line in lines)


PROGRESS = """
from flows.cli.progress import ExtractProgress
from lookervault_core.extract.capture import PageDone, TypeListed
with ExtractProgress(quiet=False) as progress:
    for number in range(30):
        progress(PageDone(f"type_{number}", 60, 0, 46, 0, False))
    progress(TypeListed("dashboards", 500))
    progress(PageDone("dashboards", 60, 0, 46, 0, False))
    input()
"""


def test_progress_keeps_to_the_screen_shows_what_moves_and_asks_no_riddles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "24")
    last = shown(PROGRESS, b"60/500").replace("\r", "\n")
    frame = [line for line in last[last.rindex("other types") :].splitlines() if line.strip()]
    assert len(frame) < 20
    assert any(" 60/500 " in line for line in frame)
    assert any(line.startswith("type_29 ") for line in frame)
    assert "/?" not in last
    assert os.environ["LINES"] == "24"


@pytest.fixture
def backed_up(looker: Simulator, tmp_path: Path) -> Path:
    path = tmp_path / "looker.db"
    with Vault.create_or_open(path) as vault, client(looker) as one:
        capture(vault, one)
        capture(vault, one)
    return path


def test_a_dry_prune_says_what_stays_and_how_many_bytes_go(cli: Run, looker: Simulator, backed_up: Path) -> None:
    look = living(looker, "looks")[0]["id"]
    mutate(looker.world, "update", "looks", look, {"description": "x" * 500})
    with Vault.open(backed_up) as vault, client(looker) as one:
        capture(vault, one)
    said = cli("prune", "--keep-last", "1", "--dry-run").stdout
    assert "2 snapshots to delete" in said
    assert "1 snapshots stay" in said
    assert "started (UTC)" in said
    planned = json.loads(cli("prune", "--keep-last", "1", "--dry-run", "--json").stdout)
    assert (planned["would_delete"], planned["kept"]) == ([1, 2], [3])
    done = json.loads(cli("prune", "--keep-last", "1", "--yes", "--json").stdout)
    assert done["freed_bytes"] == planned["would_free_bytes"] > 0


def test_a_search_lists_names_first_and_says_where_else_it_found_the_text(
    cli: Run, looker: Simulator, tmp_path: Path
) -> None:
    one, other = (row["id"] for row in living(looker, "looks")[:2])
    mutate(looker.world, "update", "looks", other, {"title": "Zebra"})
    mutate(looker.world, "update", "looks", one, {"description": "a zebra crossing"})
    with Vault.create_or_open(tmp_path / "looker.db") as vault, client(looker) as reader:
        capture(vault, reader)
    found = json.loads(cli("search", "zebra", "--type", "looks", "--json").stdout)
    assert [(row["id"], row["where"]) for row in found] == [(other, "name"), (one, "description")]
    assert json.loads(cli("search", "is_run_on_load", "--type", "looks", "--json").stdout) == [], "a field is no text"
    assert "started (UTC)" in cli("snapshots").stdout


def test_the_address_of_a_page_is_named_as_that_with_the_right_one(cli: Run, looker: Simulator) -> None:
    for page in ("/dashboards", "/dashboards/42?x=1", "/explore/model/view"):
        said = cli("check", LOOKERVAULT_BASE_URL=f"{looker.base_url}{page}")
        told = " ".join((said.stdout + said.stderr).split())
        assert said.returncode == 2 or said.returncode == 1
        assert f"the address of a page in Looker; that of the instance is {looker.base_url}" in told


def test_a_single_restore_names_what_it_lost(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    look = next(row for row in living(looker, "looks") if row["public"])["id"]
    with Vault.create_or_open(tmp_path / "looker.db") as vault, client(looker) as one:
        capture(vault, one)
    mutate(looker.world, "delete", "looks", look)
    found = document(cli("restore", "single", "look", look, "--yes", "--json"))
    assert found["verified"]["accepted_losses"] == len({one["id"] for one in found["accepted_losses"]}) > 0
    assert {"content_type", "id", "field", "reason"} <= found["accepted_losses"][0].keys()
