"""What connections go through comes back: servers, tunnels, applications that sign in; what names one made anew follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo

NAMES = ("ssh_servers", "ssh_tunnels", "external_oauth_applications", "user_db_connections")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", release="26.22", dashboard_kb=2)) as running:
        yield running


def lost(report: Any, name: str) -> dict[str, str]:
    return {path: why for item in report.proof.items if item.key.content_type == name for path, why in item.lost}


def only(simulator: Simulator, name: str, **wanted: object) -> dict[str, Any]:
    (row,) = (row for row in simulator.world[name] if all(row[key] == value for key, value in wanted.items()))
    return row


@pytest.fixture
def wrecked(backed_up, simulator) -> Simulator:
    """Delete a tunnel with its server, and the application that a connection signs in through."""
    for name in ("ssh_tunnels", "ssh_servers", "external_oauth_applications"):
        mutate(simulator.world, "delete", name, next(iter(simulator.world[name].rows)))
    return simulator


def test_they_are_made_anew_and_connections_that_are_there_follow(wrecked, run_of, backed_up, looker):
    world = wrecked.world
    host = world["connections"].rows["crm_replica"]["host"]
    report = restore(run_of())
    server = only(wrecked, "ssh_servers", ssh_server_name="bastion 0")
    tunnel = only(wrecked, "ssh_tunnels", database_host="db.internal")
    app = only(wrecked, "external_oauth_applications", client_id="looker")
    assert (report.status, tunnel["ssh_server_id"], tunnel["database_port"]) == (
        "completed",
        server["ssh_server_id"],
        5432,
    )
    assert (server["ssh_server_host"], server["ssh_server_user"]) == ("bastion0.example.com", "looker")
    assert world["connections"].rows["crm_replica"]["tunnel_id"] == tunnel["tunnel_id"] != "1"
    assert world["connections"].rows["lake"]["oauth_application_id"] == app["id"] != "1"
    assert world["connections"].rows["crm_replica"]["host"] == host
    assert "enter it in Looker" in lost(report, "external_oauth_applications")["client_secret"]
    assert restore(run_of()).writes == 0
    assert undo(backed_up, looker, report.session_id).status in ("completed", "partial")
    assert not [row for row in world["ssh_tunnels"] if row["tunnel_id"] == tunnel["tunnel_id"]]


def test_a_connection_made_anew_goes_through_the_tunnel_made_anew(wrecked, run_of):
    wrecked.world["connections"].remove("crm_replica")
    report = restore(run_of(Selection.bulk("connections", *NAMES)))
    tunnel = only(wrecked, "ssh_tunnels", database_host="db.internal")
    assert report.status == "completed"
    assert wrecked.world["connections"].rows["crm_replica"]["tunnel_id"] == tunnel["tunnel_id"]


def test_what_was_changed_comes_back_and_what_no_call_writes_is_named(run_of, simulator):
    world = simulator.world
    server, tunnel = (next(iter(world[name])) for name in ("ssh_servers", "ssh_tunnels"))
    world["ssh_servers"].change(server["ssh_server_id"], ssh_server_host="elsewhere.example", status="unreachable")
    world["ssh_tunnels"].change(tunnel["tunnel_id"], database_port=1, last_attempt="now")
    world["user_db_connections"].change("1", enabled=False)
    world["external_oauth_applications"].change("1", name="other")
    report = restore(run_of(Selection.bulk(*NAMES)))
    assert (report.status, report.writes) == ("completed", 3)
    assert (server["ssh_server_host"], tunnel["database_port"]) == ("bastion0.example.com", 5432)
    assert world["user_db_connections"].rows["1"]["enabled"] is True
    assert "change it in Looker" in lost(report, "external_oauth_applications")["name"]
    mutate(world, "delete", "user_db_connections", "1")
    report = restore(run_of(Selection.bulk(*NAMES)))
    assert (report.status, report.writes) == ("completed", 0)


def test_another_instance_reaches_databases_in_ways_of_its_own(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as looker:
        run = RestoreRun(backed_up, looker, Selection.bulk(*NAMES), RestoreOptions(target="staging"))
        assert {step.action for step in run.plan().steps} == {"skip"}


APP = "external_oauth_applications"


def test_an_application_that_no_listing_shows_and_a_connection_names_is_not_made_a_second_time(run_of, simulator):
    world = simulator.world
    simulator.bends.on("unlisted", f"{APP}/1")
    steps = {step.key.content_type: step for step in run_of(Selection.bulk(APP)).plan().steps}
    assert (steps[APP].action, "cannot be told whether it is there" in steps[APP].reason) == ("blocked", True)
    assert "connection lake" in steps[APP].reason
    report = restore(run_of())
    assert (report.status, report.writes, len(world[APP])) == ("partial", 0, 1)
    assert [step.key.content_type for step in report.not_tried] == [APP]
    assert world["connections"].rows["lake"]["oauth_application_id"] == "1"


def test_an_application_that_the_listing_of_its_client_alone_shows_is_there(run_of, simulator):
    simulator.bends.on("list_hides", "all_external_oauth_applications?:1")
    report = restore(run_of())
    assert (report.status, report.writes) == ("completed", 0)


def test_an_application_of_a_client_that_looker_has_already_is_named_and_not_made(run_of, simulator):
    world = simulator.world
    world["connections"].change("lake", oauth_application_id=None)
    simulator.bends.on("unlisted", f"{APP}/1")
    report = restore(run_of(Selection.bulk(APP)))
    assert (report.status, report.dead_letters, len(world[APP])) == ("partial", 1, 1)
    (why,) = lost(report, APP).values()
    assert "client_id" in why
    assert "already" in why
