"""After something was made anew, everything inside the instance that named it names the new one: also what is no part of the
restore, and what lies in the trash. The proof reads whole listings and names what still points to the old id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from looker_simulator import mutate
from looker_simulator.world import World
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture_all


class Case(NamedTuple):
    """What is deleted, and a row of which a field names it; *put* makes of an id what the field holds."""

    deleted: tuple[str, str]
    table: str
    row_id: str
    field: str
    put: Callable[[str], Any] = lambda item_id: item_id
    restored: str = ""

    def value(self, world: World) -> Any:
        return world[self.table].rows[self.row_id][self.field]


def live(world: World, table: str) -> list[dict[str, Any]]:
    if table == "dashboards":
        for row in list(world["dashboards"]):
            world.unpack(row["id"])
    return [row for row in world[table] if not row.get("deleted") and not row.get("_deleted")]


def tiles(world: World, **where: Any) -> list[dict[str, Any]]:
    homes = {row["id"] for row in live(world, "dashboards")}
    rows = (row for row in live(world, "dashboard_elements") if row["dashboard_id"] in homes)
    return [row for row in rows if all(bool(row[name]) is there for name, there in where.items())]


def a_tile(world: World) -> Case:
    look = live(world, "looks")[0]["id"]
    tile = tiles(world, query_id=True)[0]["id"]
    world["dashboard_elements"].change(tile, query_id=None, look_id=look)
    return Case(("looks", look), "dashboard_elements", tile, "look_id")


def in_item(kind: str) -> Callable[[World], Case]:
    def case(world: World) -> Case:
        content = live(world, kind)[0]["id"]
        item = live(world, "board_items")[0]["id"]
        fields: dict[str, Any] = {"dashboard_id": None, "look_id": None, "lookml_dashboard_id": None}
        world["board_items"].change(item, **fields | {f"{kind[:-1]}_id": content})
        return Case((kind, content), "board_items", item, f"{kind[:-1]}_id")

    return case


def named_by(kind: str, table: str, field: str, **also: Any) -> Callable[[World], Case]:
    def case(world: World) -> Case:
        target, row = live(world, kind)[-1]["id"], live(world, table)[0]["id"]
        world[table].change(row, **{field: target}, **also)
        return Case((kind, target), table, row, field)

    return case


def owned(table: str, field: str = "user_id") -> Callable[[World], Case]:
    def case(world: World) -> Case:
        user = next(row["id"] for row in reversed(live(world, "users")) if row["id"] in world["credentials_email"])
        row = live(world, table)[0]["id"]
        world[table].change(row, **{field: user})
        return Case(("users", user), table, row, field)

    return case


def linked(table: str, field: str) -> Callable[[World], Case]:
    def case(world: World) -> Case:
        target = live(world, "dashboards")[-1]["id"]
        row = (tiles(world) if table == "dashboard_elements" else live(world, table))[0]["id"]
        return Case(("dashboards", target), table, row, field, lambda item_id: f"see /dashboards/{item_id}?a=b")

    return case


def a_theme(world: World) -> Case:
    collection, theme = live(world, "color_collections")[-1]["id"], live(world, "themes")[-1]
    return Case(
        ("color_collections", collection), "themes", theme["id"], "settings",
        lambda item_id: {**theme["settings"], "color_collection_id": item_id},
    )  # fmt: skip


def an_alert(world: World) -> Case:
    alert = next(
        row for row in world["alerts"] if any(row["dashboard_element_id"] == one["id"] for one in tiles(world))
    )
    home = world["dashboard_elements"].rows[alert["dashboard_element_id"]]["dashboard_id"]
    tile = ("dashboard_elements", alert["dashboard_element_id"])
    return Case(tile, "alerts", alert["id"], "dashboard_element_id", restored=home)


CASES: dict[str, Callable[[World], Case]] = {
    "a tile that shows a look": a_tile,
    "a board item of a look": in_item("looks"),
    "a board item of a dashboard": in_item("dashboards"),
    "a plan of a look": named_by("looks", "scheduled_plans", "look_id", dashboard_id=None, lookml_dashboard_id=None),
    "a plan of a dashboard": named_by("dashboards", "scheduled_plans", "dashboard_id", look_id=None, lookml_dashboard_id=None),
    "an alert on a tile": an_alert,
    "what an alert investigates": named_by("dashboards", "alerts", "investigative_content_id"),
    "a home folder": named_by("folders", "users", "home_folder_id"),
    "the owner of a dashboard": owned("dashboards"),
    "the owner of a look": owned("looks"),
    "the owner of a board": owned("boards"),
    "the owner of an alert": owned("alerts", "owner_id"),
    "the owner of a plan": owned("scheduled_plans"),
    "the colours of a theme": a_theme,
    "a link in a dashboard": linked("dashboards", "description"),
    "a link in a text tile": linked("dashboard_elements", "body_text"),
    "a link in a button": linked("dashboard_elements", "rich_content_json"),
    "a link in a look": linked("looks", "description"),
    "a link in a board": linked("boards", "description"),
    "a link in a section": linked("board_sections", "description"),
    "a link in a board item": linked("board_items", "custom_url"),
    "a link in a plan": linked("scheduled_plans", "custom_url_base"),
    "a link in an alert": linked("alerts", "custom_url_base"),
}  # fmt: skip


@pytest.fixture(params=CASES)
def dangling(request, simulator, vault, looker) -> tuple[Case, Any]:
    """A backup, and an instance on which what one object names is deleted for good; with it what the object says."""
    simulator.bends.on("purged_look_stays_in_tiles")
    world = simulator.world
    case = CASES[request.param](world)
    said = case.put(case.deleted[1])
    world[case.table].change(case.row_id, **{case.field: said})
    row = dict(world[case.table].get(case.row_id))
    capture_all(vault, looker, simulator)
    mutate(world, "delete", *case.deleted)
    if case.row_id not in world[case.table]:  # Looker took it along; that one may be left is what this is about
        world[case.table].add(row)
    world[case.table].change(case.row_id, **{case.field: said})
    if case.table in ("dashboards", "looks"):
        world[case.table].change(case.row_id, deleted=False, deleted_at=None)
    return case, said


def selection_of(case: Case) -> Selection:
    table, item_id = ("dashboards", case.restored) if case.restored else case.deleted
    return Selection(keys=(ContentKey(table, item_id),))


def new_id(run: RestoreRun, case: Case) -> str:
    found = run.destination.renamed(*case.deleted)
    assert found is not None
    assert found != case.deleted[1]
    return found


def test_what_named_it_follows_and_the_plan_shows_that(dangling, vault, looker, simulator):
    case, _ = dangling
    run = RestoreRun(vault, looker, selection_of(case))
    plan = run.plan()
    home = case.table == "users"  # users come along with their home folder
    assert home or [step for step in plan.followers if "made anew" in step.reason and step.fields]
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert case.value(simulator.world) == case.put(new_id(run, case))
    assert RestoreRun(vault, looker, selection_of(case)).plan().followers == ()


def test_an_alert_follows_its_tile_where_all_dashboards_are_restored(vault, looker, simulator, back_up):
    case = an_alert(simulator.world)
    row = dict(simulator.world["alerts"].rows[case.row_id])
    back_up(vault, looker)
    mutate(simulator.world, "delete", *case.deleted)
    if case.row_id not in simulator.world["alerts"]:
        simulator.world["alerts"].add(row)
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"))
    assert restore(run).status == "completed"
    assert case.value(simulator.world) == new_id(run, case)


def test_the_proof_names_what_still_points_to_the_old_id(dangling, vault, looker, simulator):
    case, said = dangling
    run = RestoreRun(vault, looker, selection_of(case))
    execution = run.begin()
    for name in run.plan().types():
        for wave in execution.waves(name):
            for span in wave:
                execution.apply(span.content_type, span.start, span.stop)
    execution.second_pass()
    simulator.world[case.table].change(case.row_id, **{case.field: said})  # somebody, or a write that was lost
    if case.table == "dashboard_elements":
        simulator.world.show_anew(simulator.world["dashboard_elements"].get(case.row_id)["dashboard_id"])
    report = execution.finish(execution.verify())
    assert report.status == "partial"
    left = [one for one in report.proof.items if one.verdict == "different"]
    assert len(left) == 1
    told = [reason for _, reason in left[0].lost] + [f"{one.old}, which is {one.new} now" for one in left[0].fields]
    assert any(f"{case.deleted[1]}, which is {new_id(run, case)} now" in line for line in told)


def test_an_undo_takes_back_what_followed(vault, looker, simulator, back_up):
    world = simulator.world
    case = linked("looks", "description")(world)
    said = case.put(case.deleted[1])
    world["looks"].change(case.row_id, description=said)
    back_up(vault, looker)
    mutate(world, "delete", *case.deleted)
    report = restore(RestoreRun(vault, looker, selection_of(case)))
    assert case.value(world) != said
    assert undo(vault, looker, report.session_id).status == "completed"
    assert case.value(world) == said


@pytest.mark.parametrize("bent", [True, False], ids=["names it still", "is empty"])
def test_a_tile_of_a_look_that_was_deleted_shows_it_again_and_listens(bent, vault, looker, simulator, back_up):
    world = simulator.world
    if bent:
        simulator.bends.on("purged_look_stays_in_tiles")
    case = a_tile(world)
    query = world["looks"].get(case.deleted[1])["query_id"]
    listens = [{"model": "m", "view": "v", "name": None, "listen": [{"dashboard_filter_name": "A", "field": "x.y"}]}]
    maker = world["dashboard_elements"].get(case.row_id)["result_maker"] | {"query_id": query, "filterables": listens}
    world["dashboard_elements"].change(case.row_id, look_id=case.deleted[1], result_maker=maker)
    back_up(vault, looker)
    mutate(world, "delete", *case.deleted)
    run = RestoreRun(vault, looker, Selection.single(*case.deleted))
    report = restore(run)
    assert report.status == "completed"
    tile = world["dashboard_elements"].get(case.row_id)
    assert tile["look_id"] == new_id(run, case)
    assert tile["result_maker"]["filterables"] == listens


@pytest.mark.parametrize("whole", [True, False], ids=["all", "single"])
def test_what_lies_in_the_trash_follows_and_stays_there(whole, vault, looker, simulator, back_up):
    world = simulator.world
    simulator.bends.on("purged_look_stays_in_tiles")
    case = a_tile(world)
    world["dashboard_elements"].change(case.row_id, look_id=case.deleted[1])
    home = world["dashboard_elements"].get(case.row_id)["dashboard_id"]
    mutate(world, "trash", "dashboards", home)
    back_up(vault, looker)
    mutate(world, "delete", *case.deleted)
    run = RestoreRun(vault, looker, Selection.everything() if whole else Selection.single(*case.deleted))
    (step,) = [one for one in run.plan().followers if one.key == ContentKey("dashboards", home)]
    assert "lies in the trash" in step.reason
    assert restore(run).status == "completed"
    assert case.value(world) == new_id(run, case)
    assert world["dashboards"].get(home)["deleted"]


def test_whatever_in_the_trash_names_what_is_made_anew_follows(vault, looker, simulator, back_up):
    world = simulator.world
    gone = {
        "users": owned("looks")(world).deleted[1],
        "folders": live(world, "folders")[-1]["id"],
        "dashboards": live(world, "dashboards")[-1]["id"],
        "color_collections": live(world, "color_collections")[-1]["id"],
    }
    names = {"user_id": gone["users"], "folder_id": gone["folders"], "description": f"/dashboards/{gone['dashboards']}"}
    held = [(table, live(world, table)[0]["id"]) for table in ("dashboards", "looks")]
    for table, row_id in held:
        world[table].change(row_id, **names, deleted=True, deleted_at=world.now())
    drawn = {"color_application": {"collection_id": gone["color_collections"]}}
    world["queries"].change(world["looks"].rows[held[1][1]]["query_id"], vis_config=drawn)
    rows = [(table, dict(world[table].rows[row_id])) for table, row_id in held]
    back_up(vault, looker)
    for table in ("dashboards", "color_collections", "users", "folders"):
        mutate(world, "delete", table, gone[table])
    for table, row in rows:  # Looker took it along with its folder; that it may be left is what this is about
        if row["id"] not in world[table]:
            world[table].add(row)
        world[table].change(row["id"], **names)
    run = RestoreRun(vault, looker, Selection.everything())
    assert restore(run).status == "completed"
    now = {table: run.destination.renamed(table, item_id) for table, item_id in gone.items()}
    for table, row_id in held:
        row = world[table].rows[row_id]
        assert (row["user_id"], row["folder_id"], row["deleted"]) == (now["users"], now["folders"], True), table
        assert row["description"] == f"/dashboards/{now['dashboards']}"
    query = world["queries"].rows[world["looks"].rows[held[1][1]]["query_id"]]
    assert query["vis_config"]["color_application"]["collection_id"] == now["color_collections"]


def test_a_tile_that_people_added_since_follows_in_a_dashboard_that_is_restored(vault, looker, simulator, back_up):
    world = simulator.world
    look, home = live(world, "looks")[0]["id"], live(world, "dashboards")[0]["id"]
    back_up(vault, looker)
    simulator.bends.on("purged_look_stays_in_tiles")
    mutate(world, "update", "dashboards", home, {"title": "changed"})
    added = world["dashboard_elements"].add({**tiles(world, query_id=True)[0], "id": None, "dashboard_id": home})["id"]
    world["dashboard_elements"].change(added, query_id=None, look_id=look)
    world.show_anew(home)
    mutate(world, "delete", "looks", look)
    run = RestoreRun(vault, looker, Selection.bulk("looks", "dashboards"))
    assert restore(run).status == "completed"
    assert world["dashboard_elements"].get(added)["look_id"] == run.destination.renamed("looks", look)


def test_types_that_are_left_out_are_not_written_and_the_proof_names_them(vault, looker, simulator, back_up):
    world = simulator.world
    case = linked("looks", "description")(world)
    world["looks"].change(case.row_id, description=case.put(case.deleted[1]))
    back_up(vault, looker)
    mutate(world, "delete", *case.deleted)
    run = RestoreRun(vault, looker, Selection.bulk("dashboards", exclude=("looks",)))
    run.plan()
    assert [line for line in run.planner.warnings if f"looks {case.row_id}" in line and "left out" in line]
    report = restore(run)
    assert case.value(world) == case.put(case.deleted[1])
    assert report.status == "partial"
    assert ContentKey("looks", case.row_id) in {one.key for one in report.proof.items if one.verdict == "different"}


def test_nothing_is_listed_for_it_where_nothing_is_made_anew(vault, looker, simulator, back_up, connect):
    dashboard = live(simulator.world, "dashboards")[0]["id"]
    back_up(vault, looker)
    mutate(simulator.world, "update", "dashboards", dashboard, {"title": "changed"})
    with connect(simulator) as other:
        assert restore(RestoreRun(vault, other, Selection.single("dashboards", dashboard))).status == "completed"
        assert not other.calls.keys() & {"search_looks", "all_boards", "search_alerts", "all_users"}
