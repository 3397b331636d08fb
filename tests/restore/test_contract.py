"""Whatever happens to an instance, a restore brings it back: capture → wreck → restore → nothing differs any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.catalog import WRITES, restore_order
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault.restoring import journal

# One field of each type that anyone may change in Looker, and what it is changed to.
CHANGES: dict[str, dict[str, Any]] = {
    "users": {"first_name": "Wrecked"},
    "groups": {"name": "Wrecked"},
    "permission_sets": {"name": "Wrecked"},
    "model_sets": {"models": ["wrecked"]},
    "roles": {"name": "Wrecked"},
    "user_attributes": {"default_value": "wrecked"},
    "folders": {"name": "Wrecked"},
    "content_metadata": {"inherits": False},
    "lookml_models": {"unlimited_db_connections": True},
    "looks": {"title": "Wrecked", "description": "wrecked"},
    "dashboards": {"title": "Wrecked", "show_title": False},
    "alerts": {"threshold": 12345.0},
    "boards": {"title": "Wrecked"},
    "scheduled_plans": {"name": "Wrecked", "crontab": "0 0 1 1 *"},
    "themes": {"name": "wrecked"},
    "color_collections": {"label": "Wrecked"},
    "projects": {"pull_request_mode": "wrecked", "validation_required": True},
    "integrations": {"enabled": False},
    "legacy_features": {"enabled_locally": True},
    "oauth_client_apps": {"display_name": "Wrecked", "enabled": False},
    "ssh_servers": {"ssh_server_host": "wrecked.example"},
    "ssh_tunnels": {"database_port": 1},
    "agents": {"name": "Wrecked", "context": {"instructions": "Wrecked"}},
}
# Those that are there are left alone; what another release has is wrecked in tests/restore/test_tunnels.py.
LEFT_ALONE = {"connections", "external_oauth_applications", "user_db_connections"}
STANDARD = ("google", "looker-blocks", "google-theme")
HARD_DELETABLE = ("groups", "permission_sets", "model_sets", "roles", "user_attributes", "looks", "dashboards", "boards",
                  "alerts", "scheduled_plans", "themes", "color_collections", "agents")  # fmt: skip


def ordinary(simulator: Simulator, content_type: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a type that can be written at all."""
    for row in list(simulator.world[content_type]):
        shields = WRITES[content_type].protected
        shielded = row.get("id") in STANDARD or any(row.get(one.field) == one.value for one in shields)
        if not shielded and not row.get("deleted") and row.get("id") != simulator.world.admin_user_id:
            yield row


def settle(make: Callable[..., RestoreRun], selection: Selection | None = None, **options: Any) -> tuple[Report, Plan]:
    """Restore, and plan again: the report, and what the second plan would still write."""
    report = restore(make(selection, **options), 4)
    return report, make(selection, **options).plan()


def left_over(plan: Plan) -> list[tuple[str, str, str, list[str]]]:
    return [(s.content_type, s.id, s.action, [str(f) for f in s.fields]) for s in plan.steps if s.action != "skip"]


def failures(report: Report) -> list[tuple[str, str, Any]]:
    bad = (one for one in report.proof.items if one.verdict not in ("identical", "accepted_losses"))
    return [(str(one.key), one.verdict, one.lost or [str(f) for f in one.fields]) for one in bad]


@pytest.mark.parametrize("content_type", sorted(CHANGES))
def test_a_changed_object_is_put_back(content_type, run_of, simulator):
    for row in list(ordinary(simulator, content_type))[:2]:
        if content_type == "content_metadata" and not row.get("folder_id"):
            continue
        key = row[simulator.world[content_type].key]
        mutate(simulator.world, "update", content_type, key, CHANGES[content_type])
    report, after = settle(run_of, Selection.bulk(content_type), exact=True)
    assert failures(report) == []
    assert left_over(after) == []
    assert report.status == "completed"


@pytest.mark.parametrize("content_type", HARD_DELETABLE)
def test_a_deleted_object_is_made_anew(content_type, run_of, simulator):
    gone = list(ordinary(simulator, content_type))[:2]
    for row in gone:
        mutate(simulator.world, "delete", content_type, row["id"])
    report, after = settle(run_of)
    assert failures(report) == []
    assert left_over(after) == []
    assert report.types[content_type].created_count == len(gone)


@pytest.mark.parametrize("content_type", ["dashboards", "looks"])
def test_what_is_in_the_trash_comes_back_with_its_id(content_type, run_of, simulator):
    ids = [row["id"] for row in ordinary(simulator, content_type)][:2]
    for one in ids:
        mutate(simulator.world, "trash", content_type, one)
    report, after = settle(run_of, Selection.bulk(content_type))
    assert (report.types[content_type].undeleted_count, failures(report), left_over(after)) == (len(ids), [], [])
    assert all(not simulator.world[content_type].get(one)["deleted"] for one in ids)


def test_what_was_shown_is_what_is_written(run_of, simulator):
    for content_type, changes in CHANGES.items():
        row = next(ordinary(simulator, content_type))
        mutate(simulator.world, "update", content_type, row[simulator.world[content_type].key], changes)
    run = run_of()
    steps = {step.key: step for step in run.plan().steps if step.action == "update" and step.content_type in CHANGES}
    assert {step.content_type for step in steps.values()} >= CHANGES.keys() - {"content_metadata"}
    assert all(step.difference is not None for step in steps.values())
    report = restore(run, 4)
    shown = {key: {change.path.split(".")[0] for change in step.fields} for key, step in steps.items()}
    entries = journal.entries(run.vault, report.session_id)
    sent = {(entry.key, frozenset(json.loads(entry.intent))) for entry in entries if entry.action == "PATCH"}
    assert [(key, fields) for key, fields in sent if not fields <= shown[key]] == []


def test_every_type_that_can_be_written_is_wrecked_here():
    whole = {name for name in restore_order() if WRITES[name].schema}
    assert whole == set(CHANGES) | LEFT_ALONE


def test_a_second_restore_writes_nothing(run_of, simulator):
    mutate(simulator.world, "update", "dashboards", next(ordinary(simulator, "dashboards"))["id"], {"title": "Wrecked"})
    restore(run_of(), 4)
    simulator.calls.reset()
    report = restore(run_of(), 4)
    assert report.writes == 0
