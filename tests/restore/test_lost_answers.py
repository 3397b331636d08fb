"""A create whose answer was lost is known again by what it shows: what people made of that name meanwhile stays theirs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from looker_simulator import Simulator, mutate, oracle
from looker_simulator.world import World
from lookervault_core.diff.document import decode
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault.restoring import journal
from tests.restore.test_interruptions import Killed, Scythe, full_dashboard

Twin = Callable[[World], str]


def living(simulator: Simulator, table: str) -> list[dict]:
    return [row for row in simulator.world[table] if not row.get("deleted")]


def since(world: World, table: str, first: int) -> list[dict]:
    """Return the rows that were made since the next number of a table was *first*."""
    return [row for row in world[table] if int(row["id"]) >= first and not row.get("_deleted")]


def tile(simulator: Simulator, what: str, other: Callable[[dict], dict]) -> tuple[str, str, Twin, Selection]:
    """Delete a tile that shows *what*; its twin is as it was, but for what it shows."""
    world = simulator.world
    row = next(
        row
        for row in world["dashboard_elements"]
        if row[what] and row["dashboard_id"] in {one["id"] for one in living(simulator, "dashboards")}
    )
    gone = dict(row)
    pattern = {name: value for name, value in gone.items() if name != "id"} | other(gone)
    mutate(world, "delete", "dashboard_elements", gone["id"])
    return (
        "dashboard_elements",
        "create_dashboard_element",
        lambda world: world["dashboard_elements"].add(dict(pattern))["id"],
        Selection.single("dashboards", gone["dashboard_id"]),
    )


def tile_of_query(simulator: Simulator):
    def other(gone: dict) -> dict:
        queries = (row["id"] for row in simulator.world["queries"] if row["id"] != gone["query_id"])
        query = next(queries)
        return {"query_id": query, "result_maker": gone["result_maker"] | {"query_id": query}}

    return tile(simulator, "query_id", other)


def tile_of_text(simulator: Simulator):
    return tile(simulator, "body_text", lambda _: {"body_text": "of somebody else"})


def tile_of_look(simulator: Simulator):
    looks = [row["id"] for row in living(simulator, "looks")]
    return tile(simulator, "look_id", lambda gone: {"look_id": next(one for one in looks if one != gone["look_id"])})


def tile_of_merge(simulator: Simulator):
    def other(gone: dict) -> dict:
        merges = simulator.world["merge_queries"]
        whole = dict(merges.rows[gone["merge_result_id"]])
        merge = merges.add(whole | {"id": None, "source_queries": whole["source_queries"][:1]})["id"]
        return {"merge_result_id": merge, "result_maker": gone["result_maker"] | {"merge_result_id": merge}}

    return tile(simulator, "merge_result_id", other)


def tab(simulator: Simulator):
    """The twin of the tab has a tile of somebody else on it."""
    world, dashboard = simulator.world, full_dashboard(simulator)
    gone = dict(next(row for row in world.parts("dashboard_layouts", dashboard) if not row["active"]))
    some = dict(world.parts("dashboard_elements", dashboard)[0])
    mutate(world, "delete", "dashboard_layouts", gone["id"])

    def twin(world: World) -> str:
        new = world["dashboard_layouts"].add(gone | {"id": None})["id"]
        theirs = world["dashboard_elements"].add(some | {"id": None, "title": "theirs", "dashboard_layout_id": new})[
            "id"
        ]
        place = dict(next(iter(world["dashboard_layout_components"])))
        place |= {"id": None, "dashboard_layout_id": new, "dashboard_element_id": theirs}
        world["dashboard_layout_components"].add(place)
        return new

    return "dashboard_layouts", "create_dashboard_layout", twin, Selection.single("dashboards", dashboard)


def section(simulator: Simulator):
    """The twin of the section has an item of somebody else in it."""
    world = simulator.world
    board = next(row["id"] for row in world["boards"] if len(row["section_order"]) > 1)
    gone = dict(next(row for row in world["board_sections"] if row["board_id"] == board))
    some = dict(next(row for row in world["board_items"] if row["board_section_id"] == gone["id"]))
    mutate(world, "delete", "board_sections", gone["id"])

    def twin(world: World) -> str:
        new = world["board_sections"].add(gone | {"id": None})["id"]
        item = world["board_items"].add(some | {"id": None, "board_section_id": new, "custom_title": "theirs"})["id"]
        world["board_sections"].change(new, item_order=[item], visible_item_order=[item])
        return new

    return "board_sections", "create_board_section", twin, Selection.single("boards", board)


def item(simulator: Simulator):
    world = simulator.world
    gone = dict(next(row for row in world["board_items"] if row["look_id"] or row["dashboard_id"]))
    board = world["board_sections"].rows[gone["board_section_id"]]["board_id"]
    mutate(world, "delete", "board_items", gone["id"])
    other = gone | {"id": None, "custom_title": "theirs", "use_custom_title": True}
    return (
        "board_items",
        "create_board_item",
        lambda w: w["board_items"].add(dict(other))["id"],
        Selection.single("boards", board),
    )


def board(simulator: Simulator):
    """The twin of the board has sections already."""
    world = simulator.world
    gone = dict(next(iter(world["boards"])))
    mutate(world, "delete", "boards", gone["id"])

    def twin(world: World) -> str:
        new = mutate(world, "create", "boards", next(iter(world["boards"]))["id"], {"title": gone["title"]})
        world["boards"].change(new, description=gone["description"], section_order=[])
        section = world["board_sections"].add(dict(next(iter(world["board_sections"]))) | {"id": None, "board_id": new})
        world["boards"].change(new, section_order=[section["id"]])
        return new

    return "boards", "create_board", twin, Selection.single("boards", gone["id"])


def plan(simulator: Simulator):
    """The twin of the plan has the same hours, and is enabled."""
    gone = dict(next(row for row in simulator.world["scheduled_plans"] if row["enabled"]))
    mutate(simulator.world, "delete", "scheduled_plans", gone["id"])
    pattern = {name: value for name, value in gone.items() if name != "id"}
    add = lambda world: world["scheduled_plans"].add(dict(pattern))["id"]  # noqa: E731
    return "scheduled_plans", "create_scheduled_plan", add, Selection.single("scheduled_plans", gone["id"])


MEANWHILE = {
    "a tile of a query": tile_of_query,
    "a tile of a text": tile_of_text,
    "a tile of a look": tile_of_look,
    "a tile of a merge query": tile_of_merge,
    "a tab": tab,
    "a section": section,
    "an item of a board": item,
    "a board": board,
    "a plan": plan,
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_twin_that_people_made_before_an_answer_was_lost_stays_theirs(what, run_of, simulator, backed_up, looker):
    world = simulator.world
    table, operation, twin, selection = MEANWHILE[what](simulator)
    first, theirs = world[table].next_id, []
    simulator.faults.add("churn", operation=operation, first=1, hook=lambda world: theirs.append(twin(world)))
    lost = simulator.faults.add("reset_after", operation=operation, first=1)
    report = restore(run_of(selection), 1)
    assert lost.fired == 1
    assert (report.status, report.dead_letters, len(since(world, table, first))) == ("completed", 0, 2)
    adopted = [one.destination_id for one in journal.entries(backed_up, report.session_id) if one.outcome == "adopted"]
    assert len(adopted) == 1
    assert adopted[0] not in theirs
    there = dict(world[table].get(theirs[0]))
    undo(backed_up, looker, report.session_id)
    assert since(world, table, first) == [there]


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_twin_is_not_taken_where_nothing_had_been_made(what, run_of, simulator, backed_up):
    world = simulator.world
    table, operation, twin, selection = MEANWHILE[what](simulator)
    first, theirs = world[table].next_id, []
    simulator.faults.add("churn", operation=operation, first=1, hook=lambda world: theirs.append(twin(world)))
    simulator.faults.add("500_html", operation=operation, first=1)
    report = restore(run_of(selection), 1)
    assert (report.status, report.dead_letters, len(since(world, table, first))) == ("completed", 0, 2)
    assert [one for one in journal.entries(backed_up, report.session_id) if one.outcome == "adopted"] == []


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_restore_killed_before_the_answer_knows_its_own_from_a_twin(
    what, run_of, simulator, backed_up, looker, monkeypatch
):
    world = simulator.world
    table, operation, twin, selection = MEANWHILE[what](simulator)
    first, theirs = world[table].next_id, []
    simulator.faults.add("churn", operation=operation, first=1, hook=lambda world: theirs.append(twin(world)))
    with monkeypatch.context() as patch:
        Scythe(patch, "conclude", "before", table)
        with pytest.raises(Killed):
            restore(run_of(selection, workers=1), 1)
    report = restore(resumed(backed_up, looker, sleep=lambda _: None))
    assert (report.status, report.dead_letters, len(since(world, table, first))) == ("completed", 0, 2)
    there = dict(world[table].get(theirs[0]))
    undo(backed_up, looker, report.session_id)
    assert since(world, table, first) == [there]


@pytest.mark.parametrize(("table", "operation"), [("looks", "create_look"), ("dashboards", "create_dashboard")])
def test_content_of_the_same_title_that_people_made_when_ours_was_not_is_not_written_to(
    table, operation, run_of, simulator, backed_up
):
    world, gone = simulator.world, dict(living(simulator, table)[0])
    mutate(world, "delete", table, gone["id"])
    other = living(simulator, table)[0]["id"]
    values = {name: gone[name] for name in ("title", "folder_id", "description")}
    theirs = []
    simulator.faults.add(
        "churn",
        operation=operation,
        first=1,
        hook=lambda world: theirs.append(mutate(world, "create", table, other, values)),
    )
    simulator.faults.add("500_html", operation=operation, first=1)
    report = restore(run_of(msgspec.structs.replace(Selection.single(table, gone["id"]), only=(table,))), 1)
    assert (report.status, report.dead_letters) == ("partial", 1)
    assert [
        one for one in journal.entries(backed_up, report.session_id) if one.outcome == "done"
    ] == [] or table == "looks"
    assert theirs[0] not in {one.destination_id for one in journal.entries(backed_up, report.session_id)}


def gone_user(simulator: Simulator) -> tuple[str, str]:
    logins = simulator.world["credentials_email"]
    user = next(row["user_id"] for row in logins if row["user_id"] != simulator.world.admin_user_id)
    email = logins.rows[user]["email"]
    mutate(simulator.world, "delete", "users", user)
    return user, email


def test_a_user_whose_create_had_no_answer_is_not_made_twice(run_of, simulator):
    before, count = oracle.dump(simulator.world), len(simulator.world["users"])
    _, email = gone_user(simulator)
    lost = simulator.faults.add("reset_after", operation="create_user", first=1)
    report = restore(run_of(), 1)
    assert lost.fired == 1
    assert (report.status, report.dead_letters, len(simulator.world["users"])) == ("completed", 0, count)
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if line.startswith("users")] == []
    assert email in {row["email"] for row in simulator.world["credentials_email"]}


def test_a_namesake_with_a_login_is_not_taken_for_a_new_user(run_of, simulator, backed_up, looker):
    user, email = gone_user(simulator)
    pattern = dict(decode(backed_up.payload(ContentKey("users", user))))
    first, theirs = simulator.world["users"].next_id, []

    def namesake(world: World) -> None:
        values = {name: pattern[name] for name in ("first_name", "last_name", "is_disabled")}
        new = mutate(world, "create", "users", world.admin_user_id, values)
        login = dict(next(iter(world["credentials_email"]))) | {"user_id": new, "email": "namesake@example.com"}
        world["credentials_email"].add(login)
        theirs.append(new)

    simulator.faults.add("churn", operation="create_user", first=1, hook=namesake)
    simulator.faults.add("reset_after", operation="create_user", first=1)
    assert restore(run_of(Selection.single("users", user)), 1).status == "completed"
    mails = {row["user_id"]: row["email"] for row in simulator.world["credentials_email"]}
    (ours,) = {row["id"] for row in since(simulator.world, "users", first)} - set(theirs)
    assert (mails[theirs[0]], mails[ours]) == ("namesake@example.com", email)
