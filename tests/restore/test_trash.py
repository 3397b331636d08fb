"""What lies in the trash comes back from there with its folder, which may be gone by now."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small", folders_trash_content=True)) as running:
        yield running


def folder_with(world, table, *, personal):
    """Return a folder below a root or of a user, and the id of content in it."""
    rows = {row["folder_id"]: row["id"] for row in world[table] if not row["deleted"]}
    not_plain = ("is_personal", "is_personal_descendant", "is_users_root", "is_embed_users_root", "is_shared_root")
    admin = world["users"].get(world.admin_user_id)
    for folder in world["folders"]:
        fits = folder["is_personal"] if personal else folder["parent_id"] and not any(folder[x] for x in not_plain)
        if fits and folder["id"] in rows and folder["id"] != admin["personal_folder_id"]:
            return folder["id"], rows[folder["id"]]
    raise LookupError(table)


def delete(world, folder):
    owner = next((row["id"] for row in world["users"] if row["personal_folder_id"] == folder), None)
    mutate(world, "delete", "users", owner) if owner else mutate(world, "delete", "folders", folder)


@pytest.mark.parametrize("table", ["dashboards", "looks"])
@pytest.mark.parametrize("personal", [False, True], ids=["folder", "personal folder"])
def test_it_waits_for_its_folder_and_brings_it_along_when_told_to(table, personal, vault: Vault, simulator):
    world = simulator.world
    folder, item = folder_with(world, table, personal=personal)
    name = world["folders"].get(folder)["name"]
    with client(simulator) as looker:
        capture(vault, looker)
        delete(world, folder)
        assert world[table].get(item)["deleted"]
        selection = Selection.single(table, item)
        step = next(one for one in RestoreRun(vault, looker, selection).plan().steps if one.content_type == table)
        assert step.action == "blocked"
        assert f" ({folder}), which is not there" in step.reason
        assert "--with-dependencies" in step.reason
        report = restore(RestoreRun(vault, looker, selection, RestoreOptions(with_dependencies=True)))
        assert (report.status, report.dead_letters) == ("completed", 0)
        back = world[table].get(item)
        assert not back["deleted"]
        assert world["folders"].get(back["folder_id"])["name"] == name
        again = RestoreRun(vault, looker, selection).plan()
        assert [one.action for one in again.steps if one.content_type == table] == ["skip"]


def test_a_personal_folder_comes_back_with_its_user(vault: Vault, simulator):
    world = simulator.world
    folder, item = folder_with(world, "dashboards", personal=True)
    with client(simulator) as looker:
        capture(vault, looker)
        delete(world, folder)
        options = RestoreOptions(with_dependencies=True)
        report = restore(RestoreRun(vault, looker, Selection.folder(folder), options))
        assert (report.status, report.dead_letters) == ("completed", 0)
        assert not world["dashboards"].get(item)["deleted"]


def shown_in_trash(world, owner: str) -> tuple[str, tuple[str, str]]:
    """Trash what is shown on a dashboard, on a board or in what a plan sends, and delete that one; return both."""
    if owner == "dashboards":
        live = {row["id"] for row in world["dashboards"] if not row["deleted"]}
        for one in live:
            world.unpack(one)
        tile = next(row for row in world["dashboard_elements"] if row.get("look_id") and row["dashboard_id"] in live)
        gone, shown = tile["dashboard_id"], ("looks", tile["look_id"])
    elif owner == "boards":
        item = next(row for row in world["board_items"] if row["dashboard_id"])
        gone = world["board_sections"].get(item["board_section_id"])["board_id"]
        shown = ("dashboards", item["dashboard_id"])
    else:
        plan = next(row for row in world["scheduled_plans"] if row["dashboard_id"])
        gone, shown = plan["id"], ("dashboards", plan["dashboard_id"])
    mutate(world, "trash", *shown)
    mutate(world, "delete", owner, gone)
    return gone, shown


@pytest.mark.parametrize("owner", ["dashboards", "boards", "scheduled_plans"])
def test_what_is_shown_and_lies_in_the_trash_is_told_or_comes_along(owner, vault: Vault, simulator):
    with client(simulator) as looker:
        capture(vault, looker)
        gone, (table, shown) = shown_in_trash(simulator.world, owner)
        run = RestoreRun(vault, looker, Selection.single(owner, gone))
        run.plan()
        assert [f" ({shown}))" in line for line in run.planner.warnings if "trash" in line] == [True]
        along = RestoreRun(vault, looker, Selection.single(owner, gone), RestoreOptions(with_dependencies=True))
        (step,) = (step for step in along.plan().steps if (step.content_type, step.id) == (table, shown))
        assert step.action == "undelete"
        assert not [line for line in along.planner.warnings if "trash" in line]
        assert restore(along).status == "completed"
        assert not simulator.world[table].get(shown)["deleted"]
