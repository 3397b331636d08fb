"""An item or a section that somebody moved to another board goes back to its own, the same one, and an undo moves it again."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture, client

MOVES = {"board_items": "board_section_id", "board_sections": "board_id"}


def patch(looker, kind, one, **body):
    looker.patch("people", f"/{kind}/{one}", json.dumps(body).encode())


@pytest.fixture
def home(simulator):
    """The section of a board with several items, which is not the last of its board."""
    world = simulator.world
    boards = [row for row in world["boards"] if not row["deleted_at"] and len(row["section_order"]) > 1]
    firsts = (world["board_sections"].get(row["section_order"][0]) for row in boards)
    return dict(next(row for row in firsts if len(row["item_order"]) > 1))


@pytest.fixture
def host(simulator, home):
    """A section of another board, with an item."""
    living = {row["id"] for row in simulator.world["boards"] if not row["deleted_at"]} - {home["board_id"]}
    sections = (dict(row) for row in simulator.world["board_sections"])
    return next(row for row in sections if row["board_id"] in living and len(row["item_order"]) > 1)


@pytest.fixture(params=MOVES)
def moved(request, simulator, looker, backed_up, home, host):
    """Somebody moved the first item of a section, or the section, to another board and to the first place there.

    Returned with what there was before."""
    before = oracle.dump(simulator.world)
    if request.param == "board_items":
        one = home["item_order"][0]
        patch(looker, "board_items", one, board_section_id=host["id"])
        patch(looker, "board_sections", host["id"], item_order=[one, *host["item_order"]])
    else:
        order = simulator.world["boards"].get(host["board_id"])["section_order"]
        patch(looker, "board_sections", home["id"], board_id=host["board_id"])
        patch(looker, "boards", host["board_id"], section_order=[home["id"], *order])
    return before


def counts(world):
    return {kind: sorted(world[kind].rows) for kind in ("boards", *MOVES)}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("what", ["its board", "the other board too", "everything"])
def test_it_goes_back_to_its_board_and_an_undo_puts_it_there_again(
    what, exact, moved, run_of, simulator, backed_up, looker, home
):
    world = simulator.world
    wrecked, there = oracle.dump(world), counts(world)
    selection = {
        "its board": Selection.single("boards", home["board_id"]),
        "the other board too": Selection.bulk("boards"),
        "everything": Selection.everything(),
    }[what]
    plan = run_of(selection, exact=exact).plan()
    steps = [step for step in plan.steps if step.writes or step.action == "remove"]
    assert [(step.action, step.id) for step in steps] == [("update", home["board_id"])]
    assert any(change.path.endswith(tuple(MOVES.values())) for change in steps[0].fields)
    report = restore(run_of(selection, exact=exact))
    assert report.status == "completed"
    assert (counts(world), oracle.differences(moved, oracle.dump(world))) == (there, [])
    assert restore(run_of(selection, exact=exact)).writes == 0
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert (counts(world), oracle.differences(wrecked, oracle.dump(world))) == (there, [])


def test_it_goes_into_a_section_that_is_made_anew(backed_up, simulator, looker, run_of, home, host):
    world, item = simulator.world, home["item_order"][0]
    before = oracle.dump(world)
    patch(looker, "board_items", item, board_section_id=host["id"])
    looker.delete("people", f"/board_sections/{home['id']}")
    wrecked = oracle.dump(world)
    report = restore(run_of(Selection.bulk("boards")))
    assert report.status == "completed"
    assert item in world["board_items"]
    assert oracle.differences(before, oracle.dump(world)) == []
    assert restore(run_of(Selection.bulk("boards"))).writes == 0
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(wrecked, oracle.dump(world)) == []


def test_it_goes_to_a_board_that_is_made_anew(backed_up, simulator, looker, run_of, home, host):
    world, item = simulator.world, home["item_order"][0]
    before = oracle.dump(world)
    patch(looker, "board_items", item, board_section_id=host["id"])
    looker.delete("people", f"/boards/{home['board_id']}")
    wrecked = oracle.dump(world)
    report = restore(run_of())
    assert report.status == "completed"
    assert item in world["board_items"]
    assert [line for line in oracle.differences(before, oracle.dump(world)) if "(trash)" not in line] == []
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(wrecked, oracle.dump(world)) == []


def test_what_somebody_moves_after_the_restore_stays_where_it_is_after_an_undo(
    backed_up, simulator, looker, run_of, home, host
):
    patch(looker, "board_items", home["item_order"][-1], custom_title="wrecked")
    report = restore(run_of(Selection.bulk("boards")))
    item = home["item_order"][0]
    patch(looker, "board_items", item, board_section_id=host["id"])
    undo(backed_up, looker, report.session_id)
    assert simulator.world["board_items"].get(item)["board_section_id"] == host["id"]
    assert simulator.world["board_items"].get(home["item_order"][-1])["custom_title"] == "wrecked"


@pytest.mark.parametrize("offset", [0, 1, 3, 5000])
def test_on_another_instance_the_number_of_an_item_tells_nothing(offset, backed_up):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=offset)) as other, client(other) as there:
        before = counts(other.world)
        options = RestoreOptions(target="other")
        plan = RestoreRun(backed_up, there, Selection.bulk("boards"), options).plan()
        assert not plan.of("boards")
        restore(RestoreRun(backed_up, there, Selection.everything(), options))
        assert counts(other.world) == before


def test_an_undo_takes_back_a_section_once_the_item_in_it_is_where_it_was(
    run_of, simulator, backed_up, looker, home, host
):
    patch(looker, "board_items", home["item_order"][0], board_section_id=host["id"])
    looker.delete("people", f"/board_sections/{home['id']}")
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(exact=True))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("when", ["with the move", "before the backup"])
def test_a_section_in_the_trash_goes_back_to_its_board_and_an_undo_puts_it_there_again(
    when, exact, run_of, simulator, vault, looker, home, host
):
    world, trashed = simulator.world, "2026-01-01T00:00:00.000+00:00"
    if when == "before the backup":
        patch(looker, "board_sections", home["id"], deleted_at=trashed)
    capture(vault, looker)
    before = oracle.dump(world)
    patch(looker, "board_sections", home["id"], deleted_at=trashed, board_id=host["board_id"])
    wrecked, there = oracle.dump(world), counts(world)
    report = restore(run_of(Selection.single("boards", home["board_id"]), exact=exact))
    assert (report.status, report.proof.count("identical")) == ("completed", 1)
    assert (counts(world), oracle.differences(before, oracle.dump(world))) == (there, [])
    assert undo(vault, looker, report.session_id).status == "completed"
    assert (counts(world), oracle.differences(wrecked, oracle.dump(world))) == (there, [])


def test_a_section_stays_as_long_as_an_item_of_another_board_is_in_it(run_of, simulator, backed_up, looker, home, host):
    """Its own board did not get it back: removing the section would delete it."""
    world, item = simulator.world, home["item_order"][0]
    before = oracle.dump(world)
    body = {"board_id": host["board_id"], "title": "Somebody's"}
    new = json.loads(looker.post("people", "/board_sections", json.dumps(body).encode()).body)["id"]
    patch(looker, "board_items", item, board_section_id=new)
    refused = simulator.faults.add("422", operation="update_board_item")
    report = restore(run_of(Selection.bulk("boards"), exact=True))
    assert (report.status, report.dead_letters) == ("partial", 2)
    assert (item in world["board_items"], new in world["board_sections"]) == (True, True)
    simulator.faults.rules.remove(refused)
    assert restore(run_of(Selection.bulk("boards"), exact=True)).status == "completed"
    assert (item in world["board_items"], new in world["board_sections"]) == (True, False)
    assert oracle.differences(before, oracle.dump(world)) == []


def test_a_board_stays_as_long_as_an_item_of_another_one_is_on_it(run_of, simulator, backed_up, looker, home):
    world, item = simulator.world, home["item_order"][0]
    before = oracle.dump(world)

    def made(kind, **body):
        return json.loads(looker.post("people", f"/{kind}", json.dumps(body).encode()).body)["id"]

    new = made("boards", title="Somebody's")
    patch(looker, "board_items", item, board_section_id=made("board_sections", board_id=new, title="New"))
    refused = simulator.faults.add("422", operation="update_board_item")
    report = restore(run_of(Selection.bulk("boards"), exact=True))
    assert (report.status, any(new in line for line in report.warnings)) == ("partial", True)
    assert (item in world["board_items"], new in world["boards"]) == (True, True)
    simulator.faults.rules.remove(refused)
    assert restore(run_of(Selection.bulk("boards"), exact=True)).status == "completed"
    assert (item in world["board_items"], new in world["boards"]) == (True, False)
    assert oracle.differences(before, oracle.dump(world)) == []


def test_what_is_gone_from_a_board_is_looked_for_on_others_at_once(vault):
    with Simulator(SimulatorOptions(scale="tiny", latency_ms=20)) as simulator, client(simulator) as looker:
        capture(vault, looker)
        sections = (row for row in simulator.world["board_sections"] if len(row["item_order"]) > 2)
        section = dict(next(sections))
        looker.delete("people", f"/board_sections/{section['id']}")
        simulator.calls.reset()
        plan = RestoreRun(vault, looker, Selection.single("boards", section["board_id"])).plan()
        calls = simulator.calls.snapshot()
        assert plan.changes_anything
        assert calls["by_operation"]["board_item"] == len(section["item_order"])
        assert calls["max_concurrent"] >= len(section["item_order"])


@pytest.mark.parametrize("what", MOVES)
def test_an_exact_restore_of_the_board_that_it_was_moved_to_does_not_remove_it(
    what, run_of, simulator, looker, home, host
):
    one = home["item_order"][0] if what == "board_items" else home["id"]
    patch(looker, what, one, **{MOVES[what]: host["id"] if what == "board_items" else host["board_id"]})
    there = counts(simulator.world)
    patch(looker, "boards", host["board_id"], title="renamed")
    report = restore(run_of(Selection.single("boards", host["board_id"]), exact=True))
    assert (report.status, report.writes, counts(simulator.world)) == ("completed", 1, there)
    again = run_of(Selection.single("boards", host["board_id"]), exact=True)
    assert not again.plan().changes_anything
