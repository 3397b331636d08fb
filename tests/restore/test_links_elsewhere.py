"""On another instance the number of the old one is somebody else's: links and colours follow what is known, or are named."""

from __future__ import annotations

import json

import msgspec
import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_colors import corporate, ids_of, palette
from tests.restore.test_links import HOLDERS, linked
from tests.simulated import capture

OFFSET = 5000
ONTO = RestoreOptions(target="other", workers=4)
TOLD = "is not there: the link is left as it is"


@pytest.fixture
def other():
    """The same objects under other numbers."""
    with Simulator(SimulatorOptions(scale="tiny", id_offset=OFFSET)) as running:
        for row in list(running.world["dashboards"]):
            running.world.unpack(row["id"])
        yield running


@pytest.fixture
def there(other, connect):
    with connect(other) as one:
        yield one


def moved(item_id):
    return str(int(item_id) + OFFSET)


def selected(world, table, chosen):
    """Return a restore of nothing but the item that holds a link."""
    row = world[table].get(chosen[table])
    if table == "dashboard_elements":
        return Selection.single("dashboards", row["dashboard_id"])
    if table == "board_sections":
        return Selection.single("boards", row["board_id"])
    if table == "board_items":
        return Selection.single("boards", world["board_sections"].get(row["board_section_id"])["board_id"])
    return Selection.single(table, chosen[table])


def of_two(world):
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    return [row["id"] for row in world["dashboards"] if not row["deleted"]][:2]


def holding(world, field, text):
    """Let a tile of one dashboard say something about another one; return both dashboards and the tile."""
    holder, target = of_two(world)
    tile = world.parts("dashboard_elements", holder)[0]["id"]
    world["dashboard_elements"].change(tile, **{field: text.format(target)})
    return holder, target, tile


def row_of(world, table, target):
    """Return the row that links to a dashboard as it should there."""
    return next(row for row in world[table] if f"/dashboards/{moved(target)}?" in str(row[HOLDERS[table][0]]))


def losses(report):
    return [reason for item in report.proof.items for _, reason in item.lost]


def of_step(plan, item_id):
    return next(step for step in plan.steps if step.id == item_id)


@pytest.mark.parametrize("table", HOLDERS)
def test_a_link_of_an_item_restored_by_itself_leads_to_the_same_dashboard_there(
    table, vault, looker, simulator, other, there
):
    target, chosen = linked(simulator.world, "")
    capture(vault, looker)
    if table == "alerts":  # its tile is known there by what it says
        restore(RestoreRun(vault, there, selected(simulator.world, "dashboard_elements", chosen), ONTO))
    report = restore(RestoreRun(vault, there, selected(simulator.world, table, chosen), ONTO))
    assert (report.status, [one for one in losses(report) if "link" in one]) == ("completed", [])
    row = row_of(other.world, table, target)
    said = {field: row[field] for field in HOLDERS[table]}
    assert said == dict.fromkeys(HOLDERS[table], f"/dashboards/{moved(target)}?Region=EU")


@pytest.mark.parametrize("table", ["dashboard_elements", "looks"])
def test_a_link_in_a_query_leads_to_the_same_dashboard_there(table, vault, looker, simulator, other, there):
    target, chosen = linked(simulator.world, "")
    capture(vault, looker)
    restore(RestoreRun(vault, there, selected(simulator.world, table, chosen), ONTO))
    query = other.world.find("queries", row_of(other.world, table, target)["query_id"])
    assert f"/dashboards/{moved(target)}?" in json.dumps(query["vis_config"], default=lambda raw: bytes(raw).decode())
    assert f"/dashboards/{moved(target)}?" in query["dynamic_fields"]


@pytest.mark.parametrize("kind", ["dashboards", "dashboards-next", "looks", "boards", "folders"])
def test_a_link_to_each_kind_of_content_follows_it(kind, vault, looker, simulator, other, there):
    table = kind.removesuffix("-next")
    rows = [row for row in simulator.world[table] if not row.get("deleted") and not row.get("deleted_at")]
    holder, _, tile = holding(simulator.world, "body_text", f"see /{kind}/{rows[-1]['id']}.")
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    assert report.status == "completed"
    text = other.world["dashboard_elements"].get(moved(tile))["body_text"]
    assert text == f"see /{kind}/{moved(rows[-1]['id'])}."


@pytest.mark.parametrize("slash", ["/", "\\/"], ids=["plain", "escaped"])
@pytest.mark.parametrize("scheme", ["http:", ""], ids=["with its scheme", "without"])
def test_a_link_with_the_address_of_the_old_instance_gets_that_of_the_other(
    scheme, slash, vault, looker, simulator, other, there
):
    host = simulator.base_url.partition("//")[2]
    text = f'"{scheme}//{host}/dashboards/{{}}"'.replace("/", slash)
    holder, target, tile = holding(simulator.world, "rich_content_json", text)
    capture(vault, looker)
    restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    theirs = f'"{scheme}//{other.base_url.partition("//")[2]}/dashboards/{moved(target)}"'.replace("/", slash)
    assert other.world["dashboard_elements"].get(moved(tile))["rich_content_json"] == theirs


def test_a_link_to_a_third_instance_stays(vault, looker, simulator, other, there):
    text = "https://third.example.com/dashboards/{}"
    holder, target, tile = holding(simulator.world, "body_text", text)
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    assert other.world["dashboard_elements"].get(moved(tile))["body_text"] == text.format(target)
    assert not any("link" in one for one in losses(report))


@pytest.mark.parametrize("action", ["delete", "unknown"])
def test_a_link_to_what_is_not_there_is_named_in_plan_report_and_json(action, vault, looker, simulator, other, there):
    text = "see /dashboards/{}" if action == "delete" else "see /dashboards/4999"
    holder, target, tile = holding(simulator.world, "body_text", text)
    title = simulator.world["dashboards"].get(target)["title"] if action == "delete" else "4999"
    capture(vault, looker)
    mutate(other.world, "delete", "dashboards", moved(target))

    def run():
        return RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO)

    told = [(field, reason) for field, reason in of_step(run().plan(), holder).lost if TOLD in reason]
    assert len(told) == 1
    assert told[0][0].endswith(".body_text")
    assert title in told[0][1]
    report = restore(run())
    assert report.status == "completed"
    assert other.world["dashboard_elements"].get(moved(tile))["body_text"] == text.format(target)
    assert TOLD in json.dumps(msgspec.to_builtins(report, str_keys=True))
    step = of_step(run().plan(), holder)  # and again where it is there as it was left
    assert (step.action, any(TOLD in reason for _, reason in step.lost)) == ("skip", True)
    assert any(TOLD in one for one in losses(restore(run())))


def test_a_dashboard_made_anew_names_a_link_to_what_is_not_there(vault, looker, simulator, other, there):
    holder, target, _ = holding(simulator.world, "body_text", "see /dashboards/{}")
    capture(vault, looker)
    for one in (holder, target):
        mutate(other.world, "delete", "dashboards", moved(one))
    report = restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    assert any(TOLD in one for one in losses(report))


def test_links_follow_what_the_same_restore_makes_and_nothing_is_named(vault, looker, simulator, other, there):
    holder, target, _ = holding(simulator.world, "body_text", "see /dashboards/{}")
    back = simulator.world.parts("dashboard_elements", target)[0]["id"]
    simulator.world["dashboard_elements"].change(back, body_text=f"back to /dashboards/{holder}")
    capture(vault, looker)
    for one in (holder, target):
        mutate(other.world, "delete", "dashboards", moved(one))
    run = RestoreRun(vault, there, Selection.bulk("dashboards"), ONTO)
    assert not any(TOLD in reason for step in run.plan().steps for _, reason in step.lost)
    report = restore(run, 4)
    new = {one: run.destination.renamed("dashboards", one) for one in (holder, target)}
    said = {row["body_text"] for one in new.values() for row in other.world.parts("dashboard_elements", one)}
    assert {f"see /dashboards/{new[target]}", f"back to /dashboards/{new[holder]}"} <= said
    assert (report.status, any(TOLD in one for one in losses(report))) == ("completed", False)


def test_a_link_follows_a_dashboard_that_an_earlier_restore_made_there(vault, looker, simulator, other, there):
    holder, target, tile = holding(simulator.world, "body_text", "see /dashboards/{}")
    capture(vault, looker)
    mutate(other.world, "delete", "dashboards", moved(target))
    first = RestoreRun(vault, there, Selection.single("dashboards", target), ONTO)
    assert restore(first).status == "completed"
    mutate(other.world, "update", "dashboards", first.destination.renamed("dashboards", target), {"title": "Theirs"})
    restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    new = first.destination.renamed("dashboards", target)
    assert other.world["dashboard_elements"].get(moved(tile))["body_text"] == f"see /dashboards/{new}"


def test_links_of_a_restored_folder_follow(vault, looker, simulator, other, there):
    holder, target, tile = holding(simulator.world, "body_text", "see /dashboards/{}")
    folder = simulator.world["dashboards"].get(holder)["folder_id"]
    capture(vault, looker)
    restore(RestoreRun(vault, there, Selection.folder(folder), ONTO), 4)
    assert other.world["dashboard_elements"].get(moved(tile))["body_text"] == f"see /dashboards/{moved(target)}"


def test_the_proof_finds_a_link_that_leads_to_somebody_else_s(vault, looker, simulator, other, there):
    holder, target, tile = holding(simulator.world, "body_text", "see /dashboards/{}")
    capture(vault, looker)
    run = RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO)
    execution = run.begin()
    for span in [span for wave in execution.waves("dashboards") for span in wave]:
        execution.apply("dashboards", span.start, span.stop)
    assert execution.verify().holds
    other.world["dashboard_elements"].change(moved(tile), body_text=f"see /dashboards/{target}")
    (item,) = [one for one in execution.verify().items if one.key.id == holder]
    assert item.verdict == "different"


def test_links_cost_no_request_each(vault, looker, simulator, other, there):
    holder, _, tile = holding(simulator.world, "body_text", "plain {}")
    capture(vault, looker)
    without = RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO)
    without.plan()
    every = [row["id"] for row in simulator.world["dashboards"] if not row["deleted"]]
    text = " ".join(f"/dashboards/{one}" for one in (*every, *range(4000, 4100)))
    mutate(simulator.world, "update", "dashboards", holder, {"description": text})
    simulator.world["dashboard_elements"].change(tile, body_text=text)
    capture(vault, looker)
    before = there.requests
    RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO).plan()
    assert there.requests - before <= without.planned_with


def test_an_undo_takes_the_links_back(vault, looker, simulator, other, there):
    holder, target, tile = holding(simulator.world, "body_text", "see /dashboards/{}")
    other.world["dashboard_elements"].change(moved(tile), body_text=f"theirs: /dashboards/{target}")
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    assert undo(vault, there, report.session_id).status == "completed"
    assert other.world["dashboard_elements"].get(moved(tile))["body_text"] == f"theirs: /dashboards/{target}"


@pytest.mark.parametrize("case", ["same", "another", "gone", "no dashboard's"])
def test_a_link_by_slug_stays_where_the_slug_is_there_and_follows_its_dashboard_or_is_named_where_it_is_not(
    case, vault, looker, simulator, other, there
):
    holder, target, tile = holding(simulator.world, "body_text", "")
    slug = simulator.world["dashboards"].get(target)["slug"]
    slug = "NobodysSlug" if case == "no dashboard's" else slug
    simulator.world["dashboard_elements"].change(tile, body_text=f"see /dashboards/{slug}, /dashboards/m::{slug}")
    if case == "another":
        other.world["dashboards"].change(moved(target), slug="anotherSlugOfTheirs")
    elif case == "gone":
        mutate(other.world, "delete", "dashboards", moved(target))
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.single("dashboards", holder), ONTO))
    text = other.world["dashboard_elements"].get(moved(tile))["body_text"]
    leads_to = moved(target) if case == "another" else slug
    assert text == f"see /dashboards/{leads_to}, /dashboards/m::{slug}"
    assert any(TOLD in one for one in losses(report)) is (case == "gone")


def drawn(simulator, look, colors):
    query = simulator.world["looks"].get(look)["query_id"]
    simulator.world["queries"].change(query, vis_config={"color_application": colors, "n": query})


@pytest.mark.parametrize("is_there", [True, False], ids=["there", "not there"])
def test_a_look_restored_by_itself_is_drawn_in_the_collection_of_that_name_or_it_is_named(
    is_there, vault, looker, simulator, other, there
):
    night, day = palette("Night", "#111111"), palette("Day", "#eeeeee")
    ours = corporate(looker, night, day)
    look = next(row["id"] for row in simulator.world["looks"] if not row["deleted"])
    colors = {"collection_id": ours["id"], "palette_id": ids_of(ours)["Night"]}
    drawn(simulator, look, colors)
    capture(vault, looker)
    theirs = corporate(there, day, night) if is_there else None
    report = restore(RestoreRun(vault, there, Selection.single("looks", look), ONTO))
    query = other.world.find("queries", other.world["looks"].get(moved(look))["query_id"])
    if theirs:
        colors = {"collection_id": theirs["id"], "palette_id": ids_of(theirs)["Night"]}
    told = [reason for reason in losses(report) if "drawn in other colours" in reason]
    assert (query["vis_config"]["color_application"], report.status) == (colors, "completed")
    assert len(told) == (0 if is_there else 1)
    assert is_there or "Corporate" in told[0]


def test_looker_s_own_colors_stay_and_nothing_is_named(vault, looker, simulator, other, there):
    look = next(row["id"] for row in simulator.world["looks"] if not row["deleted"])
    own = next(one for one in simulator.world["color_collections"] if len(one["id"]) <= 20)
    colors = {"collection_id": own["id"], "palette_id": own["categoricalPalettes"][0]["id"]}
    drawn(simulator, look, colors)
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.single("looks", look), ONTO))
    query = other.world.find("queries", other.world["looks"].get(moved(look))["query_id"])
    assert query["vis_config"]["color_application"] == colors
    assert not any("colours" in reason for reason in losses(report))


def test_every_link_is_as_it_should_be_after_a_restore_of_everything(vault, looker, simulator, other, there):
    target, _ = linked(simulator.world, "")
    capture(vault, looker)
    report = restore(RestoreRun(vault, there, Selection.everything(), ONTO), 4)
    assert report.status == "completed"
    assert not any(TOLD in one for one in losses(report))
    for table, fields in HOLDERS.items():
        row = row_of(other.world, table, target)
        assert {row[field] for field in fields} == {f"/dashboards/{moved(target)}?Region=EU"}
    again = RestoreRun(vault, there, Selection.everything(), ONTO).plan()
    assert [step.key for step in again.steps if step.writes] == []
