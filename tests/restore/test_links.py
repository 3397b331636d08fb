"""Wherever content links to a dashboard that got a new id, the link follows it."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

HOLDERS = {
    "dashboards": ("description",),
    "dashboard_elements": ("title_text", "subtitle_text", "body_text", "note_text", "rich_content_json"),
    "looks": ("description",),
    "boards": ("description",),
    "board_sections": ("description",),
    "board_items": ("custom_url", "custom_description"),
    "scheduled_plans": ("custom_url_base",),
    "alerts": ("custom_url_base", "description"),
}


def linked(world, host):
    """Let one object of each type link to the same dashboard, its queries too; return that dashboard and the objects."""
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    alive = [row["id"] for row in world["dashboards"] if not row["deleted"]]
    target, link = alive[0], f"{host}/dashboards/{alive[0]}?Region=EU"
    tile = next(row for row in world.parts("dashboard_elements", alive[1]) if row["query_id"])
    look = next(row for row in world["looks"] if not row["deleted"])
    for query_id in (tile["query_id"], look["query_id"]):
        fields = json.dumps([{"url": link}])
        world["queries"].change(query_id, vis_config={"drills": [{"url": link}]}, dynamic_fields=fields)
    chosen = {"dashboards": alive[1], "dashboard_elements": tile["id"], "looks": look["id"]}
    for table, fields in HOLDERS.items():
        plan = table == "scheduled_plans"
        row_id = chosen.setdefault(table, next(row["id"] for row in world[table] if not plan or row["look_id"]))
        world[table].change(row_id, **dict.fromkeys(fields, link))
    world["alerts"].change(chosen["alerts"], dashboard_element_id=tile["id"], investigative_content_id=alive[1])
    world["board_items"].change(chosen["board_items"], dashboard_id=alive[1])
    return target, chosen


def texts(world, chosen):
    """Return the texts that hold the link, by table and field."""
    found = {
        (table, field): world[table].get(chosen[table])[field] for table, names in HOLDERS.items() for field in names
    }
    for table in ("dashboard_elements", "looks"):
        query = world.find("queries", world[table].get(chosen[table])["query_id"])
        found[table, "vis_config"] = json.dumps(query["vis_config"])
        found[table, "dynamic_fields"] = query["dynamic_fields"]
    return found


@pytest.mark.parametrize("host", ["", "https://127.0.0.1", "//127.0.0.1"], ids=["path", "host", "no scheme"])
def test_links_follow_a_dashboard_wherever_they_stand(host, vault, looker, simulator):
    world = simulator.world
    target, chosen = linked(world, host)
    capture(vault, looker)
    fired = len(world.fired)
    mutate(world, "delete", "dashboards", target)
    report = restore(RestoreRun(vault, looker, Selection.everything()), 4)
    assert report.status == "completed"
    new = next(row["id"] for row in reversed(list(world["dashboards"])))
    left = {where: text for where, text in texts(world, chosen).items() if f"/dashboards/{new}?" not in text}
    assert left == {}
    assert len(world.fired) == fired
    assert {step.action for step in RestoreRun(vault, looker, Selection.everything()).plan().steps} == {"skip"}


def test_links_that_followed_are_taken_back_with_the_restore(vault, looker, simulator):
    world = simulator.world
    target, chosen = linked(world, "")
    capture(vault, looker)
    mutate(world, "delete", "dashboards", target)
    before, said = oracle.dump(world), texts(world, chosen)
    report = restore(RestoreRun(vault, looker, Selection.everything()), 4)
    assert undo(vault, looker, report.session_id).status == "completed"
    assert texts(world, chosen) == said
    gone = [line for line in oracle.differences(before, oracle.dump(world)) if "(trash)" not in line]
    assert gone == []


def test_links_elsewhere_and_to_what_did_not_move_stay(vault, looker, simulator):
    world = simulator.world
    target, chosen = linked(world, "https://elsewhere.example")
    capture(vault, looker)
    said = texts(world, chosen)
    mutate(world, "delete", "dashboards", target)
    assert restore(RestoreRun(vault, looker, Selection.everything()), 4).status == "completed"
    assert texts(world, chosen) == said


def test_links_follow_a_dashboard_that_was_made_anew_and_deleted_again(vault, looker, simulator):
    world = simulator.world
    other, target = [row["id"] for row in world["dashboards"] if not row["deleted"]][:2]
    mutate(world, "update", "dashboards", other, {"description": f"/dashboards/{target}"})  # it is written first
    capture(vault, looker)
    for one in (target, other):
        mutate(world, "delete", "dashboards", one)
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"))
    assert restore(run).status == "completed"
    for one in (target, other):
        mutate(world, "delete", "dashboards", run.destination.renamed("dashboards", one))
    again = RestoreRun(vault, looker, Selection.bulk("dashboards"))
    assert restore(again, 1).status == "completed"
    ids = {one: again.destination.renamed("dashboards", one) for one in (target, other)}
    assert world["dashboards"].get(ids[other])["description"].endswith(f"/dashboards/{ids[target]}")


def of_two_dashboards(world):
    """Return a dashboard and one that comes after it in a restore."""
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    return [row["id"] for row in world["dashboards"] if not row["deleted"]][:2]


@pytest.mark.parametrize("slash", ["/", "\\/"], ids=["plain", "escaped"])
def test_a_link_in_the_json_text_of_a_tile_follows_its_dashboard(slash, vault, looker, simulator):
    world = simulator.world
    holder, target = of_two_dashboards(world)
    tile = world.parts("dashboard_elements", holder)[0]["id"]
    text = json.dumps([{"type": "a", "url": "LINK"}]).replace("LINK", f"{slash}dashboards{slash}{target}")
    world["dashboard_elements"].change(tile, rich_content_json=text)
    capture(vault, looker)
    mutate(world, "delete", "dashboards", target)
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"))
    assert restore(run).status == "completed"
    new = run.destination.renamed("dashboards", target)
    assert world["dashboard_elements"].get(tile)["rich_content_json"] == text.replace(
        f"dashboards{slash}{target}", f"dashboards{slash}{new}"
    )


@pytest.mark.parametrize("slash", ["/", "\\/"], ids=["plain", "escaped"])
def test_a_link_follows_its_dashboard_where_something_else_differs_too(slash, vault, looker, simulator):
    world = simulator.world
    holder, target = of_two_dashboards(world)
    tile = world.parts("dashboard_elements", holder)[0]["id"]
    world["dashboard_elements"].change(tile, body_text=f'<a href="{slash}dashboards{slash}{target}">')
    capture(vault, looker)
    mutate(world, "update", "dashboards", holder, {"title": "changed"})
    mutate(world, "delete", "dashboards", target)
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"))
    step = next(one for one in run.plan().steps if one.id == holder)
    assert any("body_text" in change.path for change in step.fields)
    assert restore(run).status == "completed"
    new = run.destination.renamed("dashboards", target)
    assert world["dashboard_elements"].get(tile)["body_text"] == f'<a href="{slash}dashboards{slash}{new}">'


def in_the_trash(world, target):
    """Return a dashboard in the trash, one tile of which links to *target*."""
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    trashed = next(row["id"] for row in world["dashboards"] if row["deleted"])
    tile = world.parts("dashboard_elements", trashed)[0]["id"]
    world["dashboard_elements"].change(tile, body_text=f"/dashboards/{target}?Region=EU")
    return trashed, tile


@pytest.mark.parametrize("what", ["single", "everything"])
def test_a_link_that_followed_in_the_trash_is_named_and_taken_back(what, vault, looker, simulator):
    world = simulator.world
    target = next(row["id"] for row in world["dashboards"] if not row["deleted"])
    trashed, tile = in_the_trash(world, target)
    capture(vault, looker)
    mutate(world, "delete", "dashboards", target)
    selection = Selection.everything() if what == "everything" else Selection.single("dashboards", target)
    report = restore(RestoreRun(vault, looker, selection))
    assert report.status == "completed"
    assert f"/dashboards/{target}?" not in world["dashboard_elements"].get(tile)["body_text"]
    assert [one.reason for one in report.followed if one.key == ContentKey("dashboards", trashed)] == [
        f"it lies in the trash and names dashboard {target}, made anew"
    ]
    taken_back = undo(vault, looker, report.session_id)
    assert taken_back.status == "completed"
    assert world["dashboard_elements"].get(tile)["body_text"] == f"/dashboards/{target}?Region=EU"
    assert world["dashboards"].get(trashed)["deleted"]
    assert ContentKey("dashboards", trashed) not in {one.key for one in taken_back.trashed}
