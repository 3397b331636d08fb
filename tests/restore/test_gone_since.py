"""An object that names what is gone since is not as in the backup, although it equals the backup to the byte: it is repaired where
that comes along, and else blocked, with what to do about it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from looker_simulator import mutate
from looker_simulator.world import World
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore

Gone = tuple[ContentKey, tuple[str, str], str]


def living(world: World, table: str) -> list[dict[str, Any]]:
    if table == "dashboards":
        for row in list(world["dashboards"]):
            world.unpack(row["id"])
    return [row for row in world[table] if not row.get("deleted") and not row.get("_deleted")]


def a_user(world: World) -> str:
    spared = (world.admin_user_id, world.viewer_user_id)
    return next(
        row["id"]
        for row in reversed(living(world, "users"))
        if row["id"] not in spared and not row["credentials_embed"]
    )


def owned(table: str, field: str = "user_id") -> Any:
    def arrange(world: World) -> Gone:
        user, row = a_user(world), living(world, table)[0]["id"]
        world[table].change(row, **{field: user})
        return ContentKey(table, row), ("users", user), field

    return arrange


def an_alert(world: World) -> Gone:
    homes = {row["id"] for row in living(world, "dashboards")}
    tiles = {row["id"]: row for row in living(world, "dashboard_elements") if row["dashboard_id"] in homes}
    alert = next(row for row in world["alerts"] if row["dashboard_element_id"] in tiles)
    return (
        ContentKey("alerts", alert["id"]),
        ("dashboard_elements", alert["dashboard_element_id"]),
        "dashboard_element_id",
    )


def an_alert_of_a_dashboard(world: World) -> Gone:
    key, (_, tile), field = an_alert(world)
    return key, ("dashboards", world["dashboard_elements"].rows[tile]["dashboard_id"]), field


def a_theme(world: World) -> Gone:
    theme, colors = living(world, "themes")[-1], living(world, "color_collections")[-1]["id"]
    world["themes"].change(theme["id"], settings={**theme["settings"], "color_collection_id": colors})
    return ContentKey("themes", theme["id"]), ("color_collections", colors), "settings"


def a_look(world: World) -> Gone:
    look, colors = living(world, "looks")[0], living(world, "color_collections")[-1]["id"]
    world["queries"].change(look["query_id"], vis_config={"color_application": {"collection_id": colors}})
    return ContentKey("looks", look["id"]), ("color_collections", colors), "query.vis_config"


ARRANGED = {
    "an alert, its tile": an_alert,
    "an alert, its dashboard": an_alert_of_a_dashboard,
    "an alert, its owner": owned("alerts", "owner_id"),
    "a board, its owner": owned("boards"),
    "a dashboard out of the trash, its owner": owned("dashboards"),
    "a look out of the trash, its owner": owned("looks"),
    "a theme, its colours": a_theme,
    "a look, its colours": a_look,
}


@pytest.fixture(params=ARRANGED)
def gone(request, simulator, vault, looker, back_up) -> Gone:
    world = simulator.world
    key, (table, item_id), field = ARRANGED[request.param](world)
    row = dict(world[key.content_type].rows[key.id])
    back_up(vault, looker)
    mutate(world, "delete", table, item_id)
    if key.id not in world[key.content_type]:  # Looker took it along; that one may be left is what this is about
        world[key.content_type].add(row)
    if key.content_type in ("dashboards", "looks"):
        world[key.content_type].change(key.id, deleted=False, deleted_at=None, deleter_id=None)
    return key, (table, item_id), field


def selections(key: ContentKey) -> dict[str, Selection]:
    return {"single": Selection.single(*key_of(key)), "bulk": Selection.bulk(key.content_type)}


def key_of(key: ContentKey) -> tuple[str, str]:
    return key.content_type, key.id


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_it_is_blocked_with_what_to_do_about_it(how, gone, vault, looker):
    key, _, _ = gone
    run = RestoreRun(vault, looker, selections(key)[how])
    step = next(step for step in run.plan().steps if step.key == key)
    assert step.action == "blocked", step
    assert "--with-dependencies" in step.reason
    report = restore(run)
    assert report.status == "partial"
    assert key in {one.key for one in report.not_tried}


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_it_is_repaired_where_that_comes_along(how, gone, vault, looker, simulator):
    key, (table, item_id), field = gone
    said = simulator.world[key.content_type].rows[key.id].get(field)
    run = RestoreRun(vault, looker, selections(key)[how], RestoreOptions(with_dependencies=True))
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    table, item_id = (table, item_id) if table != "dashboards" else ("dashboard_elements", str(said))
    new = run.destination.renamed(table, item_id)
    row = simulator.world[key.content_type].rows[key.id]
    held = simulator.world.find("queries", row["query_id"]) if field.startswith("query") else row
    assert f'"{new}"' in json.dumps(held[field.partition(".")[2] or field])
    again = RestoreRun(vault, looker, selections(key)[how]).plan()
    assert next(step for step in again.steps if step.key == key).action == "skip"


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_a_plan_whose_dashboard_lies_in_the_trash_is_named_and_comes_out_with_it(
    how, vault, looker, simulator, back_up
):
    world = simulator.world
    plan = next(row for row in world["scheduled_plans"] if row["dashboard_id"])
    back_up(vault, looker)
    mutate(world, "trash", "dashboards", plan["dashboard_id"])
    key = ContentKey("scheduled_plans", plan["id"])
    run = RestoreRun(vault, looker, selections(key)[how])
    step = next(step for step in run.plan().steps if step.key == key)
    assert [reason for field, reason in step.lost if field == "dashboard_id" and "lies in the trash" in reason]
    report = restore(run)
    assert [one.verdict for one in report.proof.items if one.key == key] == ["accepted_losses"]
    along = RestoreRun(vault, looker, selections(key)[how], RestoreOptions(with_dependencies=True))
    assert restore(along).status == "completed"
    assert not world["dashboards"].rows[plan["dashboard_id"]]["deleted"]
    assert RestoreRun(vault, looker, Selection.single(*key_of(key))).plan().steps[0].lost == ()


@pytest.mark.parametrize("known", [True, False], ids=["the look is in the vault", "it is not"])
def test_a_tile_whose_look_was_deleted_is_named_and_not_written_each_time(known, vault, looker, simulator, back_up):
    world = simulator.world
    simulator.bends.on("purged_look_stays_in_tiles")
    homes = {row["id"] for row in living(world, "dashboards")}
    tile = next(row for row in living(world, "dashboard_elements") if row["query_id"] and row["dashboard_id"] in homes)
    look = living(world, "looks")[0]
    maker = {**tile["result_maker"], "query_id": look["query_id"]}
    world["dashboard_elements"].change(tile["id"], query_id=None, look_id=look["id"], result_maker=maker)
    if known:
        back_up(vault, looker)
    else:
        from lookervault_core.extract.options import ExtractOptions
        from tests.simulated import capture

        capture(vault, looker, ExtractOptions(types=("dashboards",), workers=2))
    mutate(world, "delete", "looks", look["id"])
    run = RestoreRun(vault, looker, Selection.single("dashboards", tile["dashboard_id"]))
    (step,) = run.plan().steps
    assert step.action == ("blocked" if known else "skip")
    assert f"({look['id']})" in step.reason or f"looks {look['id']}" in str(step.lost)
    assert restore(run).writes == 0


def test_whether_it_is_there_is_asked_of_listings_and_of_nothing_item_by_item(
    simulator, vault, looker, back_up, connect
):
    back_up(vault, looker)
    counts = []
    for _ in range(2):
        with connect(simulator) as other:
            plan = RestoreRun(vault, other, Selection.bulk("dashboards", "looks", "boards")).plan()
            assert {step.action for step in plan.steps} == {"skip"}, [s for s in plan.steps if s.action != "skip"]
            counts.append(Counter({name: calls.calls for name, calls in other.calls.items()}))
    # Two threads that ask about a type at the same moment may each ask once more before its listing is there.
    assert ((counts[0] - counts[1]) | (counts[1] - counts[0])).total() <= 2, counts
    assert counts[0].pop("user", 0) <= 1  # the API user itself
    singles = {"folder", "look", "dashboard", "board", "color_collection", "dashboard_element"}
    assert singles & counts[0].keys() == set()


def test_the_plan_of_unchanged_dashboards_takes_their_pages_and_a_listing_of_what_is_in_doubt(
    simulator, vault, back_up, looker, connect
):
    back_up(vault, looker)
    with connect(simulator) as other:
        RestoreRun(vault, other, Selection.bulk("dashboards")).plan()
        asked = {name: calls.calls for name, calls in other.calls.items()}
    assert asked.pop("search_dashboards") == 2
    assert all(calls <= 2 for calls in asked.values()), asked
    assert not asked.keys() & {"user", "folder", "look", "dashboard", "dashboard_element"}
