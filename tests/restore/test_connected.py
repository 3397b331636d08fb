"""Applications, projects, integrations and legacy features come back as far as Looker takes them; the rest is named."""

from __future__ import annotations

from looker_simulator import mutate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo

APPS = Selection.bulk("oauth_client_apps")


def lost(report, name: str) -> dict[str, str]:
    return {path: why for item in report.proof.items if item.key.content_type == name for path, why in item.lost}


def test_an_application_that_was_deleted_is_registered_again_under_its_own_id(run_of, simulator, backed_up, looker):
    apps = simulator.world["oauth_client_apps"]
    before = dict(apps.rows["com.example.portal"])
    mutate(simulator.world, "delete", "oauth_client_apps", "com.example.portal")
    report = restore(run_of(APPS))
    assert report.status == "completed"
    assert {key: apps.rows["com.example.portal"][key] for key in ("display_name", "group_id", "enabled")} == {
        key: before[key] for key in ("display_name", "group_id", "enabled")
    }
    assert restore(run_of(APPS)).writes == 0
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert "com.example.portal" not in apps


def test_a_changed_application_comes_back_and_an_undo_takes_that_back(run_of, simulator, backed_up, looker):
    apps = simulator.world["oauth_client_apps"]
    mutate(simulator.world, "update", "oauth_client_apps", "com.example.sheets", {"enabled": False})
    report = restore(run_of(APPS))
    assert (report.status, apps.rows["com.example.sheets"]["enabled"]) == ("completed", True)
    undo(backed_up, looker, report.session_id)
    assert apps.rows["com.example.sheets"]["enabled"] is False


def test_a_project_gets_its_rules_back_and_its_remote_is_named(run_of, simulator):
    project = next(row for row in simulator.world["projects"] if not row["is_example"])
    mode = project["pull_request_mode"]
    wrecked = {"pull_request_mode": "wrecked", "git_remote_url": "git@elsewhere.example.com:x.git"}
    mutate(simulator.world, "update", "projects", project["id"], wrecked)
    report = restore(run_of(Selection.bulk("projects")))
    assert report.status == "completed"
    assert simulator.world["projects"].rows[project["id"]]["pull_request_mode"] == mode
    assert "change it in Looker" in lost(report, "projects")["git_remote_url"]


def test_what_only_looker_makes_is_a_loss_where_it_is_gone(run_of, simulator):
    for name in ("projects", "integrations", "legacy_features"):
        mutate(simulator.world, "delete", name, next(iter(simulator.world[name].rows)))
        report = restore(run_of(Selection.bulk(name)))
        assert (report.status, report.writes) == ("completed", 0), name
