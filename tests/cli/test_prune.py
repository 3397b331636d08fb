"""`lookervault prune` and the way back of restores: the newest ones can be taken back, and what goes is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.vault import Vault
from tests.cli.conftest import Run
from tests.simulated import capture, client


@pytest.fixture
def restored(cli: Run, looker: Simulator, tmp_path: Path) -> tuple[str, str]:
    """A restore of a look, two backups ago. Return its session and the look."""
    look = next(row["id"] for row in looker.world["looks"] if not row["deleted"])
    with Vault.create_or_open(tmp_path / "looker.db") as vault, client(looker) as one:
        capture(vault, one)
        mutate(looker.world, "update", "looks", look, {"title": "Wrecked"})
        session = json.loads(cli("restore", "single", "look", look, "--yes", "--json").stdout)["session_id"]
        capture(vault, one)
        capture(vault, one)
    return session, look


def test_a_restore_can_be_taken_back_after_a_prune(cli: Run, looker: Simulator, restored: tuple[str, str]) -> None:
    session, look = restored
    pruned = json.loads(cli("prune", "--keep-last", "1", "--yes", "--json").stdout)
    assert (pruned["deleted"], pruned["no_undo_any_more"]) == ([1, 3], [])
    assert cli("restore", "undo", "--session-id", session, "--yes").returncode == 0
    assert looker.world["looks"].rows[look]["title"] == "Wrecked"


def test_a_prune_says_which_restores_cannot_be_taken_back_any_more(
    cli: Run, looker: Simulator, restored: tuple[str, str]
) -> None:
    session, look = restored
    assert (
        f"no undo any more of these restores: {session}"
        in cli("prune", "--keep-last", "1", "--keep-undo", "0", "--dry-run").stdout
    )
    pruned = json.loads(cli("prune", "--keep-last", "1", "--keep-undo", "0", "--yes", "--json").stdout)
    assert pruned["no_undo_any_more"] == [session]
    for how in ("--dry-run", "--yes"):
        refused = cli("restore", "undo", "--session-id", session, how)
        assert (refused.returncode, "cannot be taken back" in refused.stderr) == (2, True)
    assert looker.world["looks"].rows[look]["title"] != "Wrecked"


def test_a_restore_that_is_not_done_can_be_resumed_after_a_prune(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    look = next(row["id"] for row in looker.world["looks"] if not row["deleted"])
    title = looker.world["looks"].rows[look]["title"]
    with Vault.create_or_open(tmp_path / "looker.db") as vault, client(looker) as one:
        capture(vault, one)
        mutate(looker.world, "update", "looks", look, {"title": "Wrecked"})
        looker.faults.add(kind="422", operation="update_look", first=1)
        assert cli("restore", "single", "look", look, "--yes").returncode == 3
        capture(vault, one)
        capture(vault, one)
    pruned = json.loads(cli("prune", "--keep-last", "1", "--yes", "--json").stdout)
    assert pruned["deleted"] == [3]
    assert cli("restore", "resume", "--yes").returncode == 0
    assert looker.world["looks"].rows[look]["title"] == title
