"""The journal of a large restore is asked for what counts: its intents are not read for that."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import journal, restorations
from lookervault_core.vault.sqlite import schema

ENTRIES, INTENT = 2000, "x" * 3000


@pytest.fixture
def written(tmp_path: Path):
    """A vault with a long session, and the session's id."""
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        session_id = restorations.begin(vault, None, "there", {}, {}).session_id
        with vault.write() as db:
            db.executemany(
                "INSERT INTO restoration_journal (session_id, content_type, id, step, action, intent, came, started_at)"
                " VALUES (?, 'dashboards', ?, 'update_dashboard', 'PATCH', ?, ?, '')",
                [(session_id, str(n % 50), INTENT, "done" if n else None) for n in range(ENTRIES)],
            )
        yield vault, session_id


def test_what_is_open_and_what_was_written_need_no_room_for_what_is_settled(written):
    vault, session_id = written
    tracemalloc.start()
    opened, keys = journal.open_intents(vault, session_id), journal.written_keys(vault, session_id)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.key.id for one in opened] == ["0"]
    assert keys == {ContentKey("dashboards", str(n)) for n in range(50)}
    assert peak < ENTRIES * len(INTENT) / 20


def test_states_that_are_noted_at_the_same_moment_are_all_noted(written):
    vault, session_id = written
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda state: restorations.note_state(vault, session_id, state), range(64)))
    assert restorations.noted_states(restorations.get(vault, session_id)) == set(range(64))


def test_a_vault_of_before_is_told_what_came_of_its_writes_and_which_of_them_copied_rows(tmp_path, monkeypatch):
    path, step = tmp_path / "looker.db", next(n for n, step in enumerate(schema.STEPS) if "ADD COLUMN came" in step[0])
    rows = [
        ("done", "{}"),
        ("adopted", "{}"),
        ("failed: 422", "{}"),
        ("unknown: the restore was interrupted", '{"inherits":false}'),
        (None, '{"inherits":false}'),
        ("done", '{"inherits":true}'),
    ]
    with monkeypatch.context() as before:
        before.setattr(schema, "STEPS", schema.STEPS[:step])
        with Vault.create_or_open(path) as vault:
            session_id = restorations.begin(vault, None, "there", {}, {}).session_id
            with vault.write() as db:
                db.executemany(
                    "INSERT INTO restoration_journal"
                    " (session_id, content_type, id, step, action, intent, outcome, destination_id, started_at)"
                    " VALUES (?, 'content_metadata', ?, 'update_content_metadata', 'PATCH', ?, ?, ?, '')",
                    [(session_id, str(n), intent, outcome, str(n)) for n, (outcome, intent) in enumerate(rows)],
                )
    with Vault.create_or_open(path) as vault:
        came = [entry.came_of_it for entry in journal.entries(vault, session_id)]
        done, adopted, refused, unknown = journal.Outcome
        assert came == [done, adopted, refused, unknown, unknown, done]
        assert [entry.key.id for entry in journal.open_intents(vault, session_id)] == ["4"]
        assert journal.copied_lists(vault, "there") == {"3", "4"}
        journal.list_is_clean(vault, "there", "3")
        assert journal.copied_lists(vault, "there") == {"4"}
