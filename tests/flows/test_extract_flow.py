"""The flow on a real Prefect server: names, receipts, retries, artifacts, and a final state that is counted."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from lookervault_core.vault import Vault
from tests.flows.conftest import Prefect

pytestmark = pytest.mark.prefect


def results(path: Path) -> list[Any]:
    return [json.loads(file.read_bytes()) for file in (path / "results").iterdir() if file.is_file()]


def test_a_whole_backup_ends_completed_with_one_named_task_a_range(prefect: Prefect, tmp_path: Path) -> None:
    state = prefect.run()
    assert state.name == "Completed"
    assert "is complete" in state.message
    with Vault.open(prefect.path, read_only=True) as vault:
        ranges = len(vault.ranges(vault.snapshot(1).session_id))
    tasks = prefect.tasks(ranges)
    names = {task.name for task in tasks}
    assert len(tasks) == ranges
    assert {"dashboards 0-4", "users 0-5", "themes"} <= names
    assert [name for name in names if not re.fullmatch(r"[a-z_]+( \d+-\d+| from \d+)?", name)] == []
    assert {task.state.name for task in tasks} == {"Completed"}
    receipts = [
        json.loads(one["result"]) if isinstance(one["result"], str) else one["result"] for one in results(tmp_path)
    ]
    dashboards = next(one for one in receipts if (one["content_type"], one["start"]) == ("dashboards", 0))
    assert dashboards["items"] == 5
    assert dashboards.keys() == {"content_type", "start", "stop", "items", "first_id", "last_id", "holes", "exhausted"}
    artifacts = prefect.artifacts()
    assert {"extract-progress", "extract-results"} <= artifacts.keys()
    assert "dashboards" in str(artifacts["extract-results"].data)


def test_holes_end_partial_by_name_and_retry_heals_them_with_the_rest_cached(
    prefect: Prefect, looker: Simulator
) -> None:
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    state = prefect.run(types=["boards", "themes"])
    assert (state.name, state.type.value) == ("Partial", "FAILED")
    assert "boards" in state.message
    assert "extract-holes" in prefect.artifacts()
    with Vault.open(prefect.path, read_only=True) as vault:
        assert vault.snapshots()[0].status == "partial"
    looker.faults.clear()
    looker.calls.reset()
    again = prefect.again(types=["boards", "themes"])
    assert again.name == "Completed", again.message
    assert looker.calls.by_operation["all_themes"] == 1, "the census is taken again, the themes are not"
    with Vault.open(prefect.path, read_only=True) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]
    themes = [task.state.name for task in prefect.tasks(6) if task.name.startswith("themes")]
    assert "Cached" in themes


def test_results_without_the_vault_they_speak_of_are_no_success(
    prefect: Prefect, looker: Simulator, tmp_path: Path
) -> None:
    """An older copy of the vault: Prefect calls the ranges done, the ledger does not, so they run again."""
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    prefect.run(types=["boards", "themes"])
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(prefect.path)) as db, db:
        db.execute(
            "UPDATE extraction_checkpoints SET done = 0, next_offset = start, items = 0 WHERE content_type = 'themes'"
        )
        db.execute(
            "DELETE FROM item_spans WHERE item_id IN (SELECT item_id FROM content_items WHERE content_type = 'themes')"
        )
    looker.faults.clear()
    state = prefect.again(types=["boards", "themes"])
    assert state.name == "Completed", state.message
    with Vault.open(prefect.path, read_only=True) as vault:
        assert len(vault.items("themes")) == 2


def test_a_deleted_vault_is_filled_anew(prefect: Prefect, looker: Simulator, tmp_path: Path) -> None:
    prefect.run(types=["themes"])
    for file in tmp_path.glob("looker.db*"):
        file.unlink()
    assert (tmp_path / "results").is_dir()
    assert prefect.run(types=["themes"]).name == "Completed"
    with Vault.open(prefect.path, read_only=True) as vault:
        assert len(vault.items("themes")) == 2
    shutil.rmtree(tmp_path / "results")


def test_an_outage_longer_than_the_clients_patience_is_retried_by_the_task(
    prefect: Prefect, looker: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKERVAULT_MAX_ATTEMPTS", "1")
    looker.faults.add("503", operation="all_themes", after=1, first=2, retry_after_s=None)
    looker.faults.rules[0].after = 0
    state = prefect.run(types=["boards", "themes"])
    assert state.name == "Completed", state.message
    themes = [task for task in prefect.tasks(2) if task.name.startswith("themes")]
    assert max(task.run_count for task in themes) >= 2


def test_a_refused_login_fails_the_run_in_one_line(prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERVAULT_CLIENT_SECRET", "wrong")
    state = prefect.run(types=["themes"])
    assert state.name == "Failed"
    assert "client_secret" in state.message
    assert not prefect.path.exists()


def test_a_block_that_is_not_there_is_named_with_what_to_do(prefect: Prefect) -> None:
    state = prefect.run(types=["themes"], credentials_block="nowhere")
    assert state.name == "Failed"
    assert "there is no block looker-credentials/nowhere on the Prefect server" in state.message
    assert "prefect block register -m tasks.blocks" in state.message


def test_the_connection_can_come_from_a_block_and_the_parameters_hold_no_secret(
    prefect: Prefect, looker: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydantic import SecretStr

    from tasks.blocks import LookerCredentials

    for name in ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"LOOKERVAULT_{name}")
    LookerCredentials(
        base_url=looker.base_url, client_id=SecretStr("simulator"), client_secret=SecretStr("simulator-secret")
    ).save("test-instance", overwrite=True)
    state = prefect.run(types=["themes"], credentials_block="test-instance")
    assert state.name == "Completed", state.message
    flow_run = prefect._client(lambda client: client.read_flow_run(prefect.flow_run_id))
    assert flow_run.name == "extract themes, test-instance"
    assert "simulator-secret" not in str(flow_run.parameters)
    assert flow_run.parameters["credentials_block"] == "test-instance"


def test_a_look_that_finds_nothing_moved_makes_no_snapshot(prefect: Prefect, looker: Simulator) -> None:
    prefect.run(types=["dashboards", "looks", "boards", "scheduled_plans", "folders"])
    quiet = prefect.run(only_if_moved=True, incremental=True)
    assert (quiet.name, "nothing has moved" in quiet.message) == ("Completed", True)
    looker.world["dashboards"].change("1", title="Other", updated_at="2026-11-29T00:00:00.000+00:00")
    assert "snapshot 2 is complete" in prefect.run(only_if_moved=True, incremental=True).message
    with Vault.open(prefect.path, read_only=True) as vault:
        assert vault.snapshot(2).types[0] == "dashboards"
