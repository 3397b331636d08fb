"""What people do between the plan and the write is not undone by it, and an undo brings it back."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small")) as running:
        yield running


class Role:
    """An ordinary role and its users, changed by the API."""

    def __init__(self, simulator, looker):
        self._world, self._looker = simulator.world, looker
        self.id = next(r["id"] for r in self._world["roles"] if r["name"] != "Admin" and self._of(r["id"]))
        self.at_first = self.users

    def _of(self, role):
        return {row["user_id"] for row in self._world["role_users"] if row["role_id"] == role}

    @property
    def users(self):
        return self._of(self.id)

    def hold(self, users):
        self._looker.put("set_role_users", f"/roles/{self.id}/users", json.dumps(sorted(users)).encode())

    def another(self):
        return next(row["id"] for row in self._world["users"] if row["id"] not in self.at_first)


@pytest.fixture
def role(simulator, looker):
    return Role(simulator, looker)


def test_a_user_who_is_put_into_a_role_after_the_plan_stays_also_after_an_undo(run_of, role, backed_up, looker):
    gone, added = min(role.at_first), role.another()
    role.hold(role.at_first - {gone})
    run = run_of(Selection.bulk("roles"))
    run.plan()
    role.hold(role.at_first - {gone} | {added})
    report = restore(run)
    assert (report.status, role.users) == ("completed", role.at_first | {added})
    undo(backed_up, looker, report.session_id)
    assert role.users == role.at_first - {gone} | {added}


def test_a_user_who_is_put_into_a_role_after_the_restore_began_stays_also_after_an_undo(
    run_of, role, backed_up, looker
):
    gone, other, added = *sorted(role.at_first)[:2], role.another()
    role.hold(role.at_first - {gone})
    run = run_of(Selection.bulk("roles"))
    run.begin()
    hers = role.at_first - {gone, other} | {added}
    role.hold(hers)
    report = restore(run)
    assert (report.status, role.users) == ("completed", role.at_first | {added})
    undo(backed_up, looker, report.session_id)
    assert role.users == hers


def test_an_attribute_value_that_is_given_to_a_group_after_the_plan_stays(run_of, simulator, looker, backed_up):
    world = simulator.world
    attribute = next(
        a["id"] for a in world["user_attributes"]
        if not a["value_is_hidden"] and not a["is_system"] and group_values(world, a["id"])
    )  # fmt: skip
    before = group_values(world, attribute)
    group = next(row["id"] for row in world["groups"] if row["id"] not in before)
    looker.delete("wreck", f"/groups/{min(before)}/attribute_values/{attribute}")
    run = run_of(Selection.bulk("user_attributes"))
    run.plan()
    looker.patch("meanwhile", f"/groups/{group}/attribute_values/{attribute}", b'{"value": "hers"}')
    report = restore(run)
    assert (report.status, group_values(world, attribute)) == ("completed", before | {group: "hers"})
    undo(backed_up, looker, report.session_id)
    assert group_values(world, attribute).get(group) == "hers"


def group_values(world, attribute):
    rows = (row for row in world["user_attribute_group_values"] if row["user_attribute_id"] == attribute)
    return {row["group_id"]: row["value"] for row in rows}


@pytest.fixture
def dashboard(simulator):
    """A dashboard with another title than in the backup, which nobody is known to have changed since."""

    def wreck():
        one = next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
        simulator.world["dashboards"].change(one, title="Wrecked", updated_at="2001-01-01T00:00:00.000+00:00")
        return one

    return wreck


def title(simulator, dashboard):
    return simulator.world["dashboards"].get(dashboard)["title"]


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_the_undo_brings_back_a_title_that_somebody_gave_after_the_plan(
    how, run_of, simulator, dashboard, backed_up, looker
):
    before = {row["id"]: row["title"] for row in simulator.world["dashboards"]}
    one = dashboard()
    run = run_of(Selection.single("dashboards", one) if how == "single" else Selection.bulk("dashboards"))
    run.plan()
    mutate(simulator.world, "update", "dashboards", one, {"title": "Ann's"})
    report = restore(run)
    assert (report.status, title(simulator, one)) == ("completed", before[one])
    undo(backed_up, looker, report.session_id)
    assert title(simulator, one) == "Ann's"


def test_what_was_changed_after_the_plan_is_left_alone_with_skip_if_modified(run_of, simulator, dashboard):
    one = dashboard()
    run = run_of(Selection.single("dashboards", one), skip_if_modified=True)
    assert run.plan().actions["update"] == 1
    mutate(simulator.world, "update", "dashboards", one, {"title": "Ann's"})
    report = restore(run)
    assert (report.writes, run.plan().actions["conflict"]) == (0, 1)
    assert title(simulator, one) == "Ann's"


@pytest.mark.parametrize("how", ["trash", "delete"])
def test_what_was_deleted_after_the_plan_comes_back(how, run_of, simulator, dashboard):
    one = dashboard()
    run = run_of(Selection.single("dashboards", one))
    run.plan()
    mutate(simulator.world, how, "dashboards", one)
    assert restore(run).status == "completed"


def test_what_is_as_in_the_backup_by_now_is_not_written(run_of, simulator, dashboard):
    before = {row["id"]: row["title"] for row in simulator.world["dashboards"]}
    one = dashboard()
    run = run_of(Selection.bulk("dashboards"))
    run.plan()
    simulator.world["dashboards"].change(one, title=before[one])
    report = restore(run)
    assert (report.status, report.writes) == ("completed", 0)


def test_the_undo_of_a_removal_brings_back_what_was_changed_after_the_plan(run_of, simulator, backed_up, looker):
    made = json.loads(looker.post("more", "/boards", b'{"title": "made since"}').body)["id"]
    run = run_of(Selection.bulk("boards"), exact=True)
    run.plan()
    looker.patch("meanwhile", f"/boards/{made}", b'{"description": "hers"}')
    report = restore(run)
    assert report.types["boards"].removed_count == 1
    undo(backed_up, looker, report.session_id)
    assert [row["description"] for row in simulator.world["boards"] if row["title"] == "made since"] == ["hers"]


@pytest.fixture
def made_since(simulator, looker):
    """An empty folder that the backup does not have."""
    home = next(row["id"] for row in simulator.world["folders"] if row.get("is_shared_root"))
    body = json.dumps({"name": "made since", "parent_id": home}).encode()
    return str(json.loads(looker.post("more", "/folders", body).body)["id"])


@pytest.mark.parametrize("what", ["dashboard", "trash", "look", "folder", "folder in a folder"])
def test_a_folder_that_was_filled_after_the_plan_is_not_removed(what, run_of, simulator, looker, made_since):
    world, folder = simulator.world, made_since
    if what == "folder in a folder":
        folder = str(json.loads(looker.post("more", "/folders", folder_in(made_since)).body)["id"])
    run = run_of(Selection.bulk("folders"), exact=True)
    assert made_since in {step.id for step in run.plan().removals}
    if what == "folder":
        looker.post("meanwhile", "/folders", folder_in(made_since))
    else:
        table = "looks" if what == "look" else "dashboards"
        source = next(row["id"] for row in world[table] if not row["deleted"])
        hers = mutate(world, "create", table, source, {"title": "hers", "folder_id": folder})
        if what == "trash":
            mutate(world, "trash", table, hers)
    content = len(list(world["dashboards"])), len(list(world["looks"]))
    report = restore(run)
    assert report.status == "completed"
    assert any(made_since in one and "it stays: something lies in it" in one for one in report.warnings)
    assert made_since in world["folders"]
    assert content == (len(list(world["dashboards"])), len(list(world["looks"])))
    assert report.types["folders"].removed_count == 0


def folder_in(folder):
    return json.dumps({"name": "hers", "parent_id": folder}).encode()


def report_in(simulator, folder):
    """Make a Studio report, which no call of the API does."""
    return simulator.world["reports"].add({"title": "Sales", "folder_id": folder})["id"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_folder_with_a_studio_report_in_it_or_below_it_is_not_removed(inside, run_of, simulator, looker, made_since):
    folder = made_since if inside else str(json.loads(looker.post("x", "/folders", folder_in(made_since)).body)["id"])
    report_in(simulator, folder)
    run = run_of(Selection.bulk("folders"), exact=True)
    assert run.plan().removals == ()
    assert any("“Sales” lies in it" in warning for warning in run.planner.warnings)
    assert restore(run).status == "completed"
    assert {folder, made_since} <= simulator.world["folders"].rows.keys()


def test_a_folder_that_got_a_studio_report_after_the_plan_is_not_removed(run_of, simulator, made_since):
    run = run_of(Selection.bulk("folders"), exact=True)
    assert made_since in {step.id for step in run.plan().removals}
    report_in(simulator, made_since)
    report = restore(run)
    assert any(made_since in one and "it stays: the Studio report “Sales” lies in it" in one for one in report.warnings)
    assert made_since in simulator.world["folders"]


def test_an_undo_leaves_a_folder_with_a_studio_report_put_into_it_since(run_of, simulator, backed_up, looker):
    world = simulator.world
    home = {row["id"] for row in world["folders"] if row["is_personal"] or row["parent_id"] is None}
    parents = {row["parent_id"] for row in world["folders"]}
    folder = next(row for row in world["folders"] if row["id"] not in home | parents | {"lookml"})
    looker.delete("delete_folder", f"/folders/{folder['id']}")
    report = restore(run_of(Selection.single("folders", folder["id"])))
    made = next(row["id"] for row in world["folders"] if row["name"] == folder["name"])
    report_in(simulator, made)
    taken = undo(backed_up, looker, report.session_id)
    assert made in world["folders"]
    assert any("“Sales” lies in it" in reason for one in taken.proof.items for _, reason in one.lost)
