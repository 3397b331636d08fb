"""What is connected with an instance is kept in one call a type, and what a release lacks is no hole."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from looker_simulator import mutate
from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.connected import ROWS
from lookervault_core.extract.listing import fetch
from tests.extract.backup import Backup
from tests.simulated import client

Start = Callable[..., Backup]
LISTED = [row for row in ROWS if not row.is_part]
NAMES = [row.name for row in LISTED]
SUITES = "get_continuous_integration_suites"
# Everything that is set for an instance, and not made by its people.
SETTINGS = [*NAMES, "instance_settings", "agents"]


def witness(one: Backup, name: str) -> dict[str, object]:
    """The rows of a type as the server lists them now, by id."""
    row = CATALOG[name]
    with client(one.looker) as looker:
        return {str(each[row.id_field]): each for each in json.loads(fetch(looker, row.list))}


def test_each_of_them_is_kept_as_looker_sends_it(backup: Start) -> None:
    one = backup(release="26.22")
    assert one.run().status == "complete"
    for name in NAMES:
        there = witness(one, name)
        assert there, name
        assert {id: json.loads(one.payload(name, id)) for id in one.ids(name)} == there


def test_the_settings_of_an_instance_cost_no_more_than_forty_calls_a_night(backup: Start) -> None:
    one = backup(release="26.22")
    report = one.run(*SETTINGS)
    named = {row.list.operation for row in ROWS} | {"search_agents", "get_agent"}
    named |= {document.read.operation for document in CATALOG["instance_settings"].documents.values()}
    assert sum(report.calls_by_operation.get(name, 0) for name in named) <= 40
    assert all(report.calls_by_operation[row.list.operation] == 1 for row in LISTED)


def test_suites_of_ci_are_kept_by_project_whatever_their_number_and_read_in_turn(backup: Start) -> None:
    one = backup(release="26.22")
    suite = next(iter(one.looker.world["ci_suites"]))
    for number in range(120):
        one.looker.world["ci_suites"].add(suite | {"id": None, "name": f"More {number}"})
    assert one.run("projects").status == "complete"
    kept = {row["id"] for row in json.loads(one.payload("ci_suites", suite["project_id"]))}
    assert kept == {row["id"] for row in one.looker.world["ci_suites"] if row["project_id"] == suite["project_id"]}
    one.looker.calls.reset()
    one.run("projects", incremental=True, audit_days=7)
    assert one.asked(SUITES) == 0
    mutate(one.looker.world, "update", "projects", suite["project_id"], {"pull_request_mode": "links"})
    one.run("projects", incremental=True, audit_days=7)
    assert one.asked(SUITES) > 0


def test_an_older_release_is_not_asked_for_suites_and_one_without_ci_is_complete(backup: Start) -> None:
    one = backup(release="26.12")
    assert one.run("projects").status == "complete"
    assert one.asked(SUITES) == 0
    one.looker.world.become("26.13")
    report = one.run("projects")
    assert (report.status, {note["content_type"] for note in report.notes}) == ("complete", {"ci_suites"})


def test_a_changed_one_is_a_new_version_and_one_that_is_gone_is_told(backup: Start) -> None:
    one = backup()
    one.run()
    app = one.change("update", "oauth_client_apps", "com.example.portal", display_name="Other")
    mutate(one.looker.world, "delete", "oauth_client_apps", "com.example.sheets")
    report = one.run()
    assert (report.types["oauth_client_apps"]["changed"], report.types["oauth_client_apps"]["deleted"]) == (1, 1)
    assert json.loads(one.payload("oauth_client_apps", app))["display_name"] == "Other"


def test_what_a_release_does_not_have_is_noted_and_no_hole(backup: Start) -> None:
    report = backup(release="26.12").run()
    assert report.status == "complete"
    assert report.types["user_db_connections"]["captured"] == 0
    [note] = [note for note in report.notes if note["content_type"] == "user_db_connections"]
    assert "its feature is off" in note["detail"]
    assert report.calls_by_operation["all_user_db_connections"] == 1


@pytest.mark.parametrize("name", ["projects", "ssh_servers"])
def test_a_listing_that_fails_for_now_is_a_hole(backup: Start, name: str) -> None:
    one = backup()
    one.looker.faults.add("500", operation=CATALOG[name].list.operation)
    report = one.run(name)
    assert report.status == "partial"
    assert [hole["content_type"] for hole in report.holes] == [name]


def test_the_commit_in_production_and_who_signs_in_to_git_are_kept_by_project(backup: Start) -> None:
    one = backup()
    assert one.run("projects").status == "complete"
    project = next(iter(one.looker.world["projects"]))["id"]
    deployed = json.loads(one.payload("project_workspaces", project))
    assert (deployed["workspace_id"], deployed["git_branch"]["ref"]) == ("production", deployed["git_head"])
    [credential] = json.loads(one.payload("repository_credentials", project))
    assert (credential["git_username"], credential["is_configured"]) == ("looker", True)
    one.looker.world["project_workspaces"].change(project, git_head="0" * 40)
    one.looker.calls.reset()
    report = one.run("projects", incremental=True, audit_days=7)
    assert report.types["project_workspaces"]["changed"] == 1
    assert one.asked("get_all_repository_credentials") == 0


def test_a_looker_that_does_not_show_its_checkouts_is_backed_up_whole(backup: Start) -> None:
    one = backup()
    one.looker.world.bends.on("features_off", "project_workspace+get_all_repository_credentials:403")
    report = one.run("projects")
    assert report.status == "complete"
    assert {note["content_type"] for note in report.notes} >= {"project_workspaces", "repository_credentials"}


def test_a_project_without_a_remote_is_named_for_its_lookml_is_in_no_backup(backup: Start) -> None:
    one = backup()
    assert [note for note in one.run("projects").notes if note["kind"] == "only_here"] == []
    project = next(row["id"] for row in one.looker.world["projects"] if not row["is_example"])
    mutate(one.looker.world, "update", "projects", project, {"git_remote_url": None})
    report = one.run("projects")
    [note] = [note for note in report.notes if note["kind"] == "only_here"]
    assert report.status == "complete"
    assert note["detail"].startswith(f"{project}: no remote repository has their LookML")
