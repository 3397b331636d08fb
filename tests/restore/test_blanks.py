"""A blank text is not null, and neither is no key: each comes back as it was, or the report names what Looker made of it."""

from __future__ import annotations

import json

import pytest

from looker_simulator import oracle
from looker_simulator.mutations import mutate
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture

TEXTS = [
    ("dashboards", "description"),
    ("dashboards", "title_color"),
    ("dashboard_elements", "subtitle_text"),
    ("dashboard_elements", "note_text"),
    ("dashboard_filters", "default_value"),
    ("dashboard_layouts", "description"),
    ("looks", "description"),
    ("boards", "description"),
    ("board_sections", "description"),
    ("board_items", "custom_description"),
    ("scheduled_plans", "filters_string"),
    ("alerts", "description"),
    ("user_attributes", "default_value"),
]


def row_of(world, table: str):
    row = next(row for row in world[table] if not row.get("deleted") and not row.get("is_system"))
    return row.get("id"), row


@pytest.mark.parametrize(("then", "now"), [("", None), (None, ""), ("", "text"), (None, "text")])
def test_a_blank_text_and_null_come_back_each_as_it_was(then, now, vault, looker, simulator):
    world = simulator.world
    for table, field in TEXTS:
        mutate(simulator.world, "update", table, row_of(world, table)[0], {field: then})
    capture(vault, looker)
    before = oracle.dump(world)
    for table, field in TEXTS:
        mutate(simulator.world, "update", table, row_of(world, table)[0], {field: now})
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, losses(report.proof)) == ("completed", [])
    assert {row_of(world, table)[1][field] for table, field in TEXTS} == {then}
    assert oracle.differences(before, oracle.dump(world)) == []


def test_a_dashboard_that_was_deleted_comes_back_with_its_blank_texts(vault, looker, simulator):
    dashboard_id, _ = row_of(simulator.world, "dashboards")
    mutate(simulator.world, "update", "dashboards", dashboard_id, {"description": "", "title_color": None})
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "delete", "dashboards", dashboard_id)
    assert restore(RestoreRun(vault, looker, Selection.everything())).status == "completed"
    found = [one for one in oracle.differences(before, oracle.dump(simulator.world)) if "description" in one]
    assert found == []


def test_where_looker_keeps_no_blank_text_the_report_names_it_and_does_not_say_identical(vault, looker, simulator):
    look_id, row = row_of(simulator.world, "looks")
    mutate(simulator.world, "update", "looks", look_id, {"description": ""})
    capture(vault, looker)
    simulator.bends.on("blank_is_null")
    mutate(simulator.world, "update", "looks", look_id, {"description": "text", "title": "Other"})
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, row["description"]) == ("completed", None)
    assert [(one["id"], one["field"], one["reason"]) for one in losses(report.proof)] == [
        (look_id, "description", 'Looker keeps nothing where it was sent ""')
    ]
    assert report.proof.count("identical") == 0


def test_a_default_value_that_decides_an_access_filter_is_put_back_as_null(run_of, simulator):
    attribute_id, row = next(
        (one["id"], one)
        for one in simulator.world["user_attributes"]
        if one["default_value"] is None and not one["is_system"]
    )
    run_of()
    mutate(simulator.world, "update", "user_attributes", attribute_id, {"default_value": ""})
    plan = run_of().plan()
    assert [(s.id, str(s.fields[0])) for s in plan.steps if s.writes] == [(attribute_id, 'default_value: "" → nothing')]
    assert (restore(run_of()).status, row["default_value"]) == ("completed", None)


def test_names_of_users_that_looker_shows_blank_for_null_are_no_difference(vault, looker, simulator):
    simulator.bends.on("names_are_never_null")
    user_id = next(one["id"] for one in simulator.world["users"] if one["id"] != simulator.world.admin_user_id)
    mutate(simulator.world, "update", "users", user_id, {"first_name": None})
    capture(vault, looker)
    mutate(simulator.world, "update", "users", user_id, {"first_name": "Ada"})
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, report.proof.count("identical"), losses(report.proof)) == ("completed", 1, [])
    assert restore(RestoreRun(vault, looker, Selection.everything())).writes == 0


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"show": True}, {"show": 1}),
        ({"show": 1}, {"show": True}),
        ({"max": None}, {}),
        ({}, {"max": None}),
        ({"max": None}, {"max": ""}),
        ({"can": True}, {"can": False}),
        ({"deep": [{"followed": 1}]}, {"deep": [{"followed": 2}]}),
        ({"limit": "5"}, {"limit": 5}),
        ({"order": [1, 2]}, {"order": [2, 1]}),
    ],
)
def test_what_somebody_chose_in_the_settings_of_a_filter_counts_to_the_type(then, now, vault, looker, simulator):
    filter_id, row = row_of(simulator.world, "dashboard_filters")
    mutate(simulator.world, "update", "dashboard_filters", filter_id, {"ui_config": {"type": "x", **then}})
    capture(vault, looker)
    mutate(simulator.world, "update", "dashboard_filters", filter_id, {"ui_config": {"type": "x", **now}})
    plan = RestoreRun(vault, looker, Selection.everything()).plan()
    assert [len(step.fields) for step in plan.steps if step.writes] == [1]
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, report.proof.count("identical")) == ("completed", 1)
    assert json.dumps(row["ui_config"]) == json.dumps({"type": "x", **then})


@pytest.mark.parametrize("key", ["can", "followed", "view_count"])
def test_a_key_of_a_chart_is_not_taken_for_one_that_looker_changes_by_itself(key, vault, looker, simulator):
    query = {"model": "m", "view": "v", "vis_config": {"type": "x", key: 1}}
    other = query | {"vis_config": {"type": "x", key: 2}}
    made = [
        json.loads(looker.post("queries", "/queries", json.dumps(one).encode()).body)["id"] for one in (query, other)
    ]
    look_id, row = row_of(simulator.world, "looks")
    mutate(simulator.world, "update", "looks", look_id, {"query_id": made[0]})
    first = capture(vault, looker)
    mutate(simulator.world, "update", "looks", look_id, {"query_id": made[1]})
    capture(vault, looker)
    versions = [one for one in vault.items("looks") if one.id == look_id]
    assert json.loads(vault.payload(versions[0].key))["query"]["vis_config"][key] == 2
    report = restore(RestoreRun(vault, looker, Selection.everything(), snapshot_id=first))
    assert (report.status, row["query_id"]) == ("completed", made[0])


NOT_KEPT = 'Looker keeps nothing where it was sent ""'
BLANKS = [
    ("looks", "description"),
    ("dashboards", "description"),
    ("dashboard_elements", "subtitle_text"),
    ("dashboard_filters", "default_value"),
    ("board_sections", "description"),
    ("scheduled_plans", "filters_string"),
    ("user_attributes", "default_value"),
]


@pytest.mark.parametrize("deleted", [False, True], ids=["edited", "deleted"])
def test_a_blank_that_looker_does_not_keep_is_named_and_not_written_again(deleted, vault, looker, simulator):
    world = simulator.world
    ids = {table: row_of(world, table)[0] for table, _ in BLANKS}
    for table, field in BLANKS:
        mutate(world, "update", table, ids[table], {field: ""})
    mutate(world, "update", "looks", ids["looks"], {"public": True})
    capture(vault, looker)
    simulator.bends.on("blank_is_null")
    for table, field in BLANKS:
        mutate(world, "update", table, ids[table], {field: "text"})
    if deleted:
        for table in ("dashboards", "looks"):
            mutate(world, "delete", table, ids[table])
    first = restore(RestoreRun(vault, looker, Selection.everything()))
    named = {(one["id"], one["field"]) for one in losses(first.proof) if one["reason"] == NOT_KEPT}
    assert {field for _, field in BLANKS} == {field.rpartition(".")[2] for _, field in named}
    again = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (first.status, again.status, again.writes) == ("completed", "completed", 0)
    lost = {(one["id"], one["field"]) for one in losses(again.proof) if one["field"] != "x_unknown_to_the_spec"}
    assert lost == named, "but for what nobody describes, which is lost with whatever is made anew"


def test_a_blank_in_the_query_of_a_tile_is_learned_too(vault, looker, simulator):
    body = json.dumps({"model": "m", "view": "v", "filter_expression": ""}).encode()
    query_id = json.loads(looker.post("create_query", "/queries", body).body)["id"]
    tile_id = next(row["id"] for row in simulator.world["dashboard_elements"] if row["query_id"])
    mutate(simulator.world, "update", "dashboard_elements", tile_id, {"query_id": query_id})
    capture(vault, looker)
    now = {
        "model": "m",
        "view": "v",
        "filter_expression": "",
        "limit": "7",
    }  # only its limit differs, and it is written whole
    other = json.loads(looker.post("create_query", "/queries", json.dumps(now).encode()).body)["id"]
    simulator.bends.on("blank_is_null")
    mutate(simulator.world, "update", "dashboard_elements", tile_id, {"query_id": other})
    first = restore(RestoreRun(vault, looker, Selection.everything()))
    (loss,) = losses(first.proof)
    assert (loss["field"].rpartition(".query.")[2], first.status) == ("filter_expression", "completed")
    again = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (again.writes, losses(again.proof)) == (0, [loss])


def test_what_is_not_blank_is_written_beside_a_blank_that_is_not_kept(vault, looker, simulator):
    look_id, _ = row_of(simulator.world, "looks")
    mutate(simulator.world, "update", "looks", look_id, {"description": "", "title": "Then"})
    capture(vault, looker)
    simulator.bends.on("blank_is_null")
    mutate(simulator.world, "update", "looks", look_id, {"description": "text"})
    restore(RestoreRun(vault, looker, Selection.everything()))
    mutate(simulator.world, "update", "looks", look_id, {"title": "Now"})
    (step,) = [step for step in RestoreRun(vault, looker, Selection.everything()).plan().steps if step.writes]
    assert [change.path for change in step.fields] == ["title"]
    mutate(simulator.world, "update", "looks", look_id, {"description": "text"})
    (step,) = [step for step in RestoreRun(vault, looker, Selection.everything()).plan().steps if step.writes]
    assert {change.path for change in step.fields} == {"title", "description"}


def test_a_null_is_written_over_a_blank_where_looker_keeps_no_blank(vault, looker, simulator):
    looks = [row for row in simulator.world["looks"] if not row["deleted"]][:2]
    for row, then in zip(looks, ("", None), strict=True):
        mutate(simulator.world, "update", "looks", row["id"], {"description": then})
    capture(vault, looker)
    mutate(simulator.world, "update", "looks", looks[1]["id"], {"description": ""})
    simulator.bends.on("blank_is_null")
    mutate(simulator.world, "update", "looks", looks[0]["id"], {"description": "text"})
    assert restore(RestoreRun(vault, looker, Selection.everything())).status == "completed"
    assert [row["description"] for row in looks] == [None, None]
    simulator.bends.off("blank_is_null")
    mutate(simulator.world, "update", "looks", looks[1]["id"], {"description": ""})
    assert restore(RestoreRun(vault, looker, Selection.everything())).writes == 1
    assert [row["description"] for row in looks] == [None, None]
