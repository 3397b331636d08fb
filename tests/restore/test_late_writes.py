"""A Looker of several nodes may answer 404 to a write, too, where the object is new: what is new is waited for, nothing else."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed
from tests.restore.test_clusters import newest, private_folder
from tests.restore.test_interruptions import Killed, full_dashboard


def lag(simulator: Simulator, *operations: str) -> list:
    return [simulator.faults.add("lag", operation=one, reads=2, writes=2) for one in operations]


def late(simulator: Simulator, *operations: str) -> list:
    """What came along with a new object is late by itself: the first two writes to it are too early."""
    return [simulator.faults.add("404", operation=one, first=2) for one in operations]


def gone_dashboard(simulator: Simulator) -> list:
    mutate(simulator.world, "delete", "dashboards", full_dashboard(simulator))
    return [
        *lag(simulator, *(f"create_dashboard{part}" for part in ("", "_filter", "_layout", "_element"))),
        *late(simulator, "update_dashboard_layout", "update_dashboard_layout_component"),
    ]


def gone_folder(simulator: Simulator) -> list:
    mutate(simulator.world, "delete", "folders", private_folder(simulator)["id"])
    rights = ("update_content_metadata", "create_content_metadata_access")
    return lag(simulator, "create_folder") + late(simulator, *rights)


def gone_board(simulator: Simulator) -> list:
    board = next(row["id"] for row in simulator.world["boards"] if len(row["section_order"]) > 1)
    mutate(simulator.world, "delete", "boards", board)
    return lag(simulator, "create_board", "create_board_section", "create_board_item")


def gone_user(simulator: Simulator) -> list:
    logins = simulator.world["credentials_email"]
    user = next(row["user_id"] for row in logins if row["user_id"] != simulator.world.admin_user_id)
    mutate(simulator.world, "delete", "users", user)
    return lag(simulator, "create_user")


def gone_role(simulator: Simulator) -> list:
    held = {row["role_id"] for row in simulator.world["role_users"]} & {
        row["id"] for row in simulator.world["roles"] if not row["internal"] and row["name"] != "Admin"
    }
    mutate(simulator.world, "delete", "roles", next(iter(held)))
    mutate(simulator.world, "delete", "groups", newest(simulator, "groups"))
    return lag(simulator, "create_role", "create_group")


def gone_plan(simulator: Simulator) -> list:
    plan = next(row for row in simulator.world["scheduled_plans"] if row["enabled"])
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    return lag(simulator, "create_scheduled_plan")


GONE = {
    "a dashboard with its tiles": (gone_dashboard, "dashboards"),
    "a folder with its access": (gone_folder, "folders"),
    "a board with its sections": (gone_board, "boards"),
    "a user with a login": (gone_user, "users"),
    "a role with its holders": (gone_role, "roles"),
    "a plan that is enabled": (gone_plan, "scheduled_plans"),
}


@pytest.mark.parametrize("what", GONE)
def test_what_a_cluster_does_not_know_yet_is_written_to_until_it_does(what, run_of, simulator):
    before, (wreck, table) = oracle.dump(simulator.world), GONE[what]
    counts = {name: len(simulator.world[name]) for name in simulator.world.tables}
    rules = wreck(simulator)
    assert oracle.differences(before, oracle.dump(simulator.world)) != []
    report = restore(run_of(), 4)
    assert [rule.operation for rule in rules if not rule.fired] == []
    assert (report.status, report.dead_letters) == ("completed", 0)
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if line.startswith((table, "dashboards", "groups"))] == []
    assert {name: n for name, n in counts.items() if len(simulator.world[name]) > n and name != "queries"} == {}


def test_an_access_that_a_new_private_folder_got_from_above_goes_though_its_removal_is_late(run_of, simulator, looker):
    world = simulator.world
    folder = private_folder(simulator)
    above = folder["parent_id"]
    while world["content_metadata"].get(world["folders"].get(above)["content_metadata_id"])["inherits"]:
        above = world["folders"].get(above)["parent_id"]
    metadata = world["folders"].get(above)["content_metadata_id"]
    everyone = str(json.loads(looker.post("wreck", "/groups", b'{"name": "of everyone"}').body)["id"])
    body = {"content_metadata_id": metadata, "group_id": everyone, "permission_type": "view"}
    looker.post("wreck", "/content_metadata_access", json.dumps(body).encode())
    mutate(world, "delete", "folders", folder["id"])
    (rule,) = late(simulator, "delete_content_metadata_access")
    report = restore(run_of(), 4)
    new = next(one.destination_id for one in report.proof.items if one.key == ContentKey("folders", folder["id"]))
    metadata = world["folders"].get(new)["content_metadata_id"]
    rows = [row for row in world["content_metadata_access"] if row["content_metadata_id"] == metadata]
    assert (rule.fired, report.status) == (2, "completed")
    assert everyone not in {row["group_id"] for row in rows}


def test_what_is_gone_and_was_not_made_here_is_written_to_once(run_of, simulator):
    looks = [row for row in simulator.world["looks"] if not row["deleted"]][:2]
    for row in looks:
        mutate(simulator.world, "update", "looks", row["id"], {"title": f"Wrecked {row['id']}"})
    rule = simulator.faults.add("404", operation="update_look")
    run = run_of(Selection.bulk("looks"))
    assert restore(run).status == "partial"
    assert rule.fired == len(looks)


def test_a_write_to_what_stays_unknown_is_given_up_soon(run_of, simulator):
    board = next(iter(simulator.world["boards"]))["id"]
    mutate(simulator.world, "delete", "boards", board)
    simulator.faults.add("lag", operation="create_board", reads=0, writes=99)
    report = restore(run_of(Selection.single("boards", board)))
    assert report.status == "partial"
    assert report.writes < 12


def test_what_a_restore_made_just_before_it_was_killed_is_not_made_again(
    run_of, simulator, backed_up, looker, monkeypatch
):
    board = next(iter(simulator.world["boards"]))["id"]
    count = len(simulator.world["boards"])
    mutate(simulator.world, "delete", "boards", board)
    run = run_of(Selection.single("boards", board))
    rule = simulator.faults.add("reset_before", operation="create_board_section")

    def dying(_seconds: float) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(run, "_sleep", dying)
        with pytest.raises(Killed):
            restore(run, 1)
    simulator.faults.rules.remove(rule)
    new = list(simulator.world["boards"])[-1]["id"]
    late_read = simulator.faults.add("404", path=f"/boards/{new}", first=2)
    assert restore(resumed(backed_up, looker)).status == "completed"
    assert late_read.fired == 2
    assert len(simulator.world["boards"]) == count
