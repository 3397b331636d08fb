"""One change is taken back, alone, under what people have edited since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.history import LogRequest, log
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault import Vault
from tests.history.test_log import stamp, visible
from tests.restore.test_edits_since import patch
from tests.restore.test_interruptions import Killed, Scythe
from tests.restore.test_taking_back import post
from tests.simulated import capture, capture_all, client


class Place(NamedTuple):
    simulator: Simulator
    looker: Looker
    vault: Vault
    world: Any
    ids: dict[str, str]
    before: dict[str, Any]


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    """An instance after a change of one dashboard, with a backup of both sides of it."""
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        capture_all(vault, looker, simulator)
        world, ids = simulator.world, {}
        board = next(
            row for row in visible(world, "dashboards") if len(world.parts("dashboard_elements", row["id"])) > 3
        )
        world.unpack(board["id"])
        asking = next(tile for tile in world.parts("dashboard_elements", board["id"]) if tile.get("query_id"))
        before = {"title": board["title"], "description": board["description"]}
        query: dict[str, Any] = world["queries"].get(asking["query_id"]) or {}
        before["fields"], before["limit"] = list(query["fields"]), query.get("limit")
        anew = world["queries"].add(query | {"id": None, "fields": [*query["fields"], "orders.gross"]})["id"]
        world["dashboard_elements"].change(asking["id"], query_id=anew)
        stamp(world, board["id"], "2", title="Broken", description="Broken too")
        ids |= {"board": board["id"], "asking": asking["id"]}
        world.show_anew(board["id"])
        capture(vault, looker)
        yield Place(simulator, looker, vault, world, ids, before)


def board(place: Place) -> dict[str, Any]:
    return place.world["dashboards"].get(place.ids["board"])


def query_of(place: Place) -> dict[str, Any]:
    tile = place.world["dashboard_elements"].get(place.ids["asking"])
    return place.world["queries"].get(tile["query_id"])


def change_of(place: Place, kind: str = "dashboards", **request: Any) -> str:
    return log(place.vault, LogRequest(kind, **request))[0].change_id


def test_a_change_alone_is_taken_back_under_later_edits(place: Place) -> None:
    ids, world = place.ids, place.world
    change = change_of(place)
    stamp(world, ids["board"], "3", refresh_interval="1 hour", description="Edited since")
    later = world["queries"].add(query_of(place) | {"id": None, "limit": "77"})["id"]
    world["dashboard_elements"].change(ids["asking"], query_id=later)
    added = mutate(world, "create", "dashboard_elements", ids["asking"], {"title": "Added since"})
    world.show_anew(ids["board"])

    found = reverting(place.vault, place.looker, [change[:9]])
    assert [(one.path, one.wanted, one.now) for one in found.conflicts] == [
        ("description", place.before["description"], "Edited since")
    ]
    assert [(step.content_type, step.id, step.action) for step in found.run.plan().steps] == [
        ("dashboards", ids["board"], "update")
    ]
    report = restore(found.run)
    assert report.status == "completed", report.proof
    assert board(place)["title"] == place.before["title"]
    assert board(place)["description"] == "Edited since"
    assert board(place)["refresh_interval"] == "1 hour"
    assert query_of(place)["fields"] == place.before["fields"]
    assert query_of(place)["limit"] == "77", "an edit of the same query stays"
    assert world["dashboard_elements"].get(added)["title"] == "Added since"
    assert not world["dashboard_elements"].get(added).get("_deleted")

    again = reverting(place.vault, place.looker, [change])
    assert not again.run.plan().changes_anything, "what is taken back once is not taken back twice"

    theirs = reverting(place.vault, place.looker, [change], RestoreOptions(theirs=True))
    assert theirs.conflicts == ()
    assert restore(theirs.run).status == "completed"
    assert board(place)["description"] == place.before["description"]

    undone = undo(place.vault, place.looker, report.session_id)
    assert undone.status == "completed"
    assert board(place)["title"] == "Broken"


def test_of_several_changes_those_that_can_be_taken_back_are_and_the_others_are_named(place: Place) -> None:
    ids, world = place.ids, place.world
    change = change_of(place)
    section = next(iter(world["homepage_sections"]))
    world["homepage_sections"].change(section["id"], title="Nobody can write it")
    capture(place.vault, place.looker)
    unwritable = change_of(place, "homepage_sections")
    with pytest.raises(UsageError, match="no way to write homepage_sections"):
        reverting(place.vault, place.looker, [unwritable])
    with pytest.raises(NotFound):
        reverting(place.vault, place.looker, [change, "f" * 12])
    found = reverting(place.vault, place.looker, [change, unwritable])
    (left,) = found.conflicts
    assert (left.change_id, left.content_type, left.reason, left.forced) == (
        unwritable,
        "homepage_sections",
        "Looker has no way to write homepage_sections",
        False,
    )
    assert restore(found.run).status == "completed"
    row = world["dashboards"].get(ids["board"])
    assert (row["title"], row["description"]) == (place.before["title"], place.before["description"])
    assert section["title"] == "Nobody can write it"


def test_a_tile_that_comes_back_leaves_the_place_of_one_added_since_and_is_taken_back_once(place: Place) -> None:
    world, dashboard = place.world, place.ids["board"]
    gone = world.parts("dashboard_elements", dashboard)[0]
    where = places(place, gone["id"])
    mutate(world, "delete", "dashboard_elements", gone["id"])
    world.show_anew(dashboard)
    capture(place.vault, place.looker)
    change = change_of(place)
    added = str(
        post(place.looker, "/dashboard_elements", dashboard_id=dashboard, type="text", body_text="by Ann")["id"]
    )
    theirs = places(place, added)
    there = {row["id"] for row in world.parts("dashboard_elements", dashboard)}
    assert restore(reverting(place.vault, place.looker, [change]).run).status == "completed"
    (made,) = {row["id"] for row in world.parts("dashboard_elements", dashboard)} - there
    assert (places(place, made), places(place, added)) == (where, theirs)
    again = restore(reverting(place.vault, place.looker, [change]).run)
    assert (again.status, again.writes, again.not_tried) == ("completed", 0, ())


def places(place: Place, tile: str) -> list[tuple[Any, ...]]:
    """Return where a tile is shown."""
    rows = place.world["dashboard_layout_components"].where("dashboard_element_id", tile)
    return [tuple(row[one] for one in ("dashboard_layout_id", "row", "column", "width", "deleted")) for row in rows]


def test_deletions_are_restored_and_creations_go_to_the_trash(place: Place) -> None:
    ids, world = place.ids, place.world
    look = visible(world, "looks")[0]
    group = list(world["groups"])[-1]
    mutate(world, "trash", "looks", look["id"])
    mutate(world, "delete", "groups", group["id"])
    made = mutate(world, "create", "dashboards", ids["board"], {"title": "Made"})
    edited = mutate(world, "create", "dashboards", ids["board"], {"title": "Made and edited"})
    capture(place.vault, place.looker)
    stamp(world, edited, "3", title="Edited since")
    names = {(one.content_type, one.id): one.change_id for one in log(place.vault, LogRequest())}
    wanted = [names["looks", look["id"]], names["groups", group["id"]], names["dashboards", made]]
    found = reverting(place.vault, place.looker, [*wanted, names["dashboards", edited]])
    told = [(one.id, one.path, one.wanted, one.now) for one in found.conflicts]
    assert told == [(edited, "title", "Made and edited", "Edited since")]
    report = restore(found.run)
    assert report.status == "completed", report.proof
    assert not world["looks"].get(look["id"])["deleted"]
    assert group["name"] in {row["name"] for row in world["groups"]}
    assert world["dashboards"].get(made)["deleted"]
    assert not world["dashboards"].get(edited)["deleted"]
    assert (
        not reverting(place.vault, place.looker, [names["looks", look["id"]], names["dashboards", made]])
        .run.plan()
        .changes_anything
    )


def test_parts_and_members_come_back_and_what_is_gone_is_a_conflict(place: Place) -> None:
    ids, world = place.ids, place.world
    tiles = world.parts("dashboard_elements", ids["board"])
    removed = next(tile for tile in tiles if tile["id"] != ids["asking"] and tile.get("query_id"))
    mutate(world, "delete", "dashboard_elements", removed["id"])
    member = next(iter(world["group_users"]))
    world["group_users"].remove(member["id"])
    world.show_anew(ids["board"])
    capture(place.vault, place.looker)
    new = {(one.content_type, one.id): one for one in log(place.vault, LogRequest()) if one.to_snapshot == 3}
    listed = new["group_users", member["group_id"]]
    assert [one.part for one in listed.fields] != [""]
    assert "left" in listed.fields[0].text
    joined = next(
        row["id"]
        for row in world["users"]
        if not any(
            one["group_id"] == member["group_id"] and one["user_id"] == row["id"] for one in world["group_users"]
        )
        and row["id"] != member["user_id"]
    )
    world["group_users"].add({"id": None, "group_id": member["group_id"], "user_id": joined})
    stamp(world, ids["board"], "3", title="Other title")
    both = [listed.change_id, new["dashboards", ids["board"]].change_id]
    report = restore(reverting(place.vault, place.looker, both).run)
    assert report.status == "completed", report.proof
    members = {row["user_id"] for row in world["group_users"] if row["group_id"] == member["group_id"]}
    assert {member["user_id"], joined} <= members
    assert removed["title"] in {tile["title"] for tile in world.parts("dashboard_elements", ids["board"])}
    assert board(place)["title"] == "Other title"
    mutate(world, "trash", "dashboards", ids["board"])
    gone = reverting(place.vault, place.looker, [both[1]])
    assert [one.reason for one in gone.conflicts] == ["it is gone since: restore it first"]
    assert not gone.run.plan().changes_anything


def create(looker: Looker, world: Any, kind: str, number: int) -> Any:
    """Make an object as people do, and return its id."""
    bodies: dict[str, dict[str, Any]] = {
        "groups": {"name": f"Made {number}"},
        "folders": {"name": "Made", "parent_id": next(row["id"] for row in world["folders"] if row["parent_id"])},
        "dashboards": {"title": "Made", "folder_id": next(row["folder_id"] for row in visible(world, "dashboards"))},
        "user_attributes": {"name": f"made_{number}", "label": f"Made {number}", "type": "string"},
        "roles": {
            "name": "Made",
            "permission_set_id": next(iter(world["permission_sets"]))["id"],
            "model_set_id": next(iter(world["model_sets"]))["id"],
        },
    }
    return post(looker, f"/{kind}", **bodies[kind])["id"]


def test_what_people_have_put_into_something_made_is_a_conflict_and_keeps_it(place: Place) -> None:
    looker, world, ids = place.looker, place.world, place.ids
    kinds = {"groups": 4, "folders": 1, "dashboards": 1, "user_attributes": 2, "roles": 1}
    new = {kind: [str(create(looker, world, kind, number)) for number in range(many)] for kind, many in kinds.items()}
    member = next(row["id"] for row in world["users"])
    post(looker, f"/groups/{new['groups'][2]}/users", user_id=member)
    capture(place.vault, place.looker)
    made = {(one.content_type, one.id): one.change_id for one in log(place.vault, LogRequest()) if one.to_snapshot == 3}
    changes = [made[kind, one] for kind, some in new.items() for one in some]

    filled, outer, untouched, empowered = new["groups"]
    role = next(iter(world["roles"]))["id"]
    looker.put("people", f"/roles/{role}/groups", json.dumps([empowered]).encode())
    patch(looker, f"/users/{member}/attribute_values/{new['user_attributes'][1]}", value="77")
    post(looker, f"/groups/{filled}/users", user_id=member)
    post(looker, f"/groups/{outer}/groups", group_id=next(iter(world["groups"]))["id"])
    patch(looker, f"/dashboards/{ids['board']}", folder_id=new["folders"][0])
    to = [{"type": "email", "address": "ann@example.com", "format": "wysiwyg_pdf"}]
    plan = {"name": "by Ann", "crontab": "0 6 * * *", "scheduled_plan_destination": to}
    post(looker, "/scheduled_plans", dashboard_id=new["dashboards"][0], **plan)
    old = next(iter(world["groups"]))["id"]
    value = {"group_id": old, "value": "by Ann"}
    path = f"/user_attributes/{new['user_attributes'][0]}/group_values"
    looker.post("people", path, json.dumps([value]).encode())
    looker.put("people", f"/roles/{new['roles'][0]}/users", json.dumps([member]).encode())

    found = reverting(place.vault, looker, changes)
    assert {(one.content_type, one.id, one.path) for one in found.conflicts} == {
        ("groups", filled, f"members[{member}]"),
        ("groups", outer, "groups"),
        ("groups", empowered, f"role_groups[{role}].members[{empowered}]"),
        (
            "user_attributes",
            new["user_attributes"][1],
            f"user_attribute_values[{member}].values[{new['user_attributes'][1]}]",
        ),
        ("folders", new["folders"][0], "dashboards"),
        ("dashboards", new["dashboards"][0], "scheduled_plans"),
        ("user_attributes", new["user_attributes"][0], f"values[{old}]"),
        ("roles", new["roles"][0], f"members[{member}]"),
    }
    assert [(one.wanted, one.now) for one in found.conflicts if (one.content_type, one.id) == ("groups", filled)] == [
        (None, member)
    ]
    assert [(step.content_type, step.id, step.action) for step in found.run.plan().steps] == [
        ("groups", untouched, "remove")
    ]
    assert not [line for line in found.run.planner.warnings if "--snapshot" in line], "a revert takes no snapshot"
    theirs = reverting(place.vault, looker, changes, RestoreOptions(theirs=True))
    assert [(one.content_type, one.id) for one in theirs.conflicts] == [("folders", new["folders"][0])]
    assert restore(theirs.run).status == "completed"
    assert {
        kind
        for kind, some in new.items()
        for one in some
        if one in world[kind] and not world[kind].get(one).get("deleted")
    } == {"folders"}


def test_a_change_of_something_made_anew_since_is_taken_back_of_what_stands_for_it(place: Place) -> None:
    looker, world, ids = place.looker, place.world, place.ids
    tile = dict(next(row for row in world.parts("dashboard_elements", ids["board"]) if row["id"] != ids["asking"]))
    patch(looker, f"/dashboard_elements/{tile['id']}", title="Broken tile")
    at = world["dashboard_layout_components"].where("dashboard_element_id", tile["id"])[0]
    row_before = at["row"]
    patch(looker, f"/dashboard_layout_components/{at['id']}", row=40)
    look = dict(visible(world, "looks")[0])
    made = str(create(looker, world, "dashboards", 0))
    patch(looker, f"/looks/{look['id']}", title="Broken look")
    capture(place.vault, looker)
    told = [one for one in log(place.vault, LogRequest()) if one.content_type in ("dashboards", "looks")]
    changes = [one.change_id for one in told if one.kind == "changed"]
    (creation,) = (one.change_id for one in told if one.kind == "created")
    for kind, one in (("dashboards", made), ("dashboards", ids["board"]), ("looks", look["id"])):
        looker.delete("people", f"/{kind}/{one}")
        anew = restore(RestoreRun(place.vault, looker, Selection.single(kind, one), sleep=lambda _: None))
        assert anew.status == "completed", anew.proof
        ids[one if one == made else kind] = next(
            new.destination_id for new in anew.new_ids if new.key.content_type == kind
        )
    patch(looker, f"/dashboards/{ids['dashboards']}", description="Edited since")

    found = reverting(place.vault, looker, changes)
    assert [(one.path, one.now) for one in found.conflicts] == [("description", "Edited since")]
    report = restore(found.run)
    assert report.status == "completed", report.proof
    row = world["dashboards"].get(ids["dashboards"])
    assert (row["title"], row["description"]) == (place.before["title"], "Edited since")
    titles = {one["title"] for one in world.parts("dashboard_elements", ids["dashboards"])}
    there = {one["id"] for one in world.parts("dashboard_elements", ids["dashboards"])}
    rows = [one["row"] for one in world["dashboard_layout_components"] if one["dashboard_element_id"] in there]
    assert (40 in rows, row_before in rows) == (False, True)
    assert tile["title"] in titles
    assert "Broken tile" not in titles
    asking = [one for one in world.parts("dashboard_elements", ids["dashboards"]) if one.get("query_id")]
    assert place.before["fields"] in [world["queries"].get(one["query_id"])["fields"] for one in asking]
    assert world["looks"].get(ids["looks"])["title"] == look["title"]
    capture(place.vault, looker)
    assert not reverting(place.vault, looker, changes).run.plan().changes_anything
    taken = reverting(place.vault, looker, [creation])
    assert taken.conflicts == ()
    assert restore(taken.run).status == "completed"
    assert world["dashboards"].get(ids[made])["deleted"]


def test_the_order_of_a_section_keeps_what_people_have_added_to_it_since(place: Place) -> None:
    looker, world = place.looker, place.world
    section = next(row for row in world["board_sections"] if len(row["item_order"] or ()) > 1)
    first, *rest = section["item_order"]
    item = dict(world["board_items"].get(first))
    shown = {row["dashboard_id"] for row in world["board_items"]}
    new = [row["id"] for row in visible(world, "dashboards") if row["id"] not in shown]
    looker.delete("people", f"/board_items/{first}")
    made = post(looker, "/board_items", board_section_id=section["id"], dashboard_id=new[0])["id"]
    capture(place.vault, looker)
    change = change_of(place, "boards")
    added = post(looker, "/board_items", board_section_id=section["id"], dashboard_id=new[1])["id"]
    found = reverting(place.vault, looker, [change])
    assert found.conflicts == ()
    report = restore(found.run)
    assert report.status == "completed", report.proof
    order = world["board_sections"].get(section["id"])["item_order"]
    assert (order[1:], made in order) == ([*rest, added], False)
    shows = world["board_items"].get(order[0])
    assert (shows["dashboard_id"], shows["look_id"]) == (item["dashboard_id"], item["look_id"])
    again = reverting(place.vault, looker, [change])
    assert (again.conflicts, again.run.plan().changes_anything) == ((), False)


@pytest.mark.parametrize(("entry", "moment"), [("conclude", "before"), ("conclude", "after"), ("intend", "after")])
def test_a_revert_that_is_killed_at_every_write_is_resumed_and_makes_nothing_twice(
    place: Place, entry: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, board = place.world, place.ids["board"]
    gone = dict(next(row for row in world.parts("dashboard_elements", board) if row["id"] != place.ids["asking"]))
    titles = sorted(str(row["title"]) for row in world.parts("dashboard_elements", board))
    place.looker.delete("people", f"/dashboard_elements/{gone['id']}")
    capture(place.vault, place.looker)
    changes = [one.change_id for one in log(place.vault, LogRequest("dashboards", board))]
    patch(place.looker, f"/dashboards/{board}", refresh_interval="2 hours")  # an edit since, which is to stay
    scythe, report = Scythe(monkeypatch, entry, moment), None
    run = reverting(place.vault, place.looker, changes).run
    while report is None:
        try:
            report = restore(run, 1)
        except Killed:
            run = resumed(place.vault, place.looker)
    assert len(scythe.fallen) > 1
    assert report.status == "completed", report.proof
    row = world["dashboards"].get(board)
    assert (row["title"], row["description"], row["refresh_interval"]) == (
        place.before["title"],
        place.before["description"],
        "2 hours",
    )
    assert sorted(str(row["title"]) for row in world.parts("dashboard_elements", board)) == titles
