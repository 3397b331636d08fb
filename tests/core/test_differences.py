"""The comparison of a backup with the live side names what differs, only that, and keeps the ids of what is still there."""

from __future__ import annotations

import copy
import itertools

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lookervault_core.diff.comparing import compare as comparing
from lookervault_core.diff.comparing.compare import compared
from lookervault_core.diff.difference import NEW, Rules
from lookervault_core.diff.document import document
from lookervault_core.diff.known import Ask, Known, Question
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.planning.step import PlanOptions, plan_step
from lookervault_core.model import ContentKey

HOME = Rules()


class Told:
    """Answers by *resolve*; all else is as *facts* say, or so that nothing is special."""

    def __init__(self, resolve, facts=()):
        self._resolve, self._facts = resolve, dict(facts)

    def answer(self, ask, *about):
        if ask is Ask.ID:
            return self._resolve(*about)
        return self._facts.get(ask)


def compare(content_type, source, live, resolve, rules):
    return compared(content_type, source, live, Told(resolve), rules)


TEXT = st.text("abc \"'é", max_size=6)


def query(n: int) -> dict:
    return {
        "id": str(n),
        "model": "m",
        "view": "v",
        "fields": ["v.a", "v.b"],
        "sorts": [f"v.a {n}"],
        "client_id": f"c{n}",
        "limit": "500",
    }


@st.composite
def dashboards(draw):
    ids = map(str, itertools.count(draw(st.integers(10, 99))))
    layouts = [
        {"id": next(ids), "active": n == 0, "type": "newspaper", "label": f"tab {n}", "order": n}
        for n in range(draw(st.integers(1, 2)))
    ]
    filters = [
        {"id": next(ids), "name": f"f{n}", "title": draw(TEXT), "type": "field_filter", "row": n}
        for n in range(draw(st.integers(0, 3)))
    ]
    tiles = []
    for n in range(draw(st.integers(0, 4))):
        layout = draw(st.sampled_from(layouts))
        tile = {
            "id": next(ids),
            "title": draw(TEXT),
            "type": "vis",
            "dashboard_layout_id": layout["id"],
            "query_id": str(900 + n),
            "query": query(900 + n),
        }
        tile["result_maker"] = {
            "filterables": [
                {"model": "m", "view": "v", "name": "", "listen": [{"dashboard_filter_name": "f0", "field": "v.a"}]}
            ]
        }
        place = {
            "id": next(ids),
            "dashboard_element_id": tile["id"],
            "dashboard_layout_id": layout["id"],
            "row": n,
            "column": 0,
            "width": 8,
            "height": 6,
        }
        layout.setdefault("dashboard_layout_components", []).append(place)
        tiles.append(tile)
    return {
        "id": "5", "title": draw(TEXT), "description": draw(st.none() | TEXT), "folder_id": "7", "user_id": "3", "slug": "abc",
        "dashboard_filters": filters, "dashboard_layouts": layouts, "dashboard_elements": tiles, "view_count": 3,
    }  # fmt: skip


def rebuilt(dashboard: dict, shift: int = 1000) -> dict:
    """The same dashboard as Looker would show it after it was made anew: every id of it is another one."""

    def new(value, key=""):
        if isinstance(value, dict):
            return {k: new(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [new(v, key) for v in value]
        own = key in ("id", "dashboard_element_id", "dashboard_layout_id", "query_id")
        return str(int(value) + shift) if own and value else value

    return new(copy.deepcopy(dashboard))


def difference(ours: dict, theirs: dict | None, rules: Rules = HOME, resolve=lambda _, i: i):
    live = document("dashboards", theirs) if theirs is not None else None
    return compare("dashboards", document("dashboards", ours), live, resolve, rules)


@given(dashboards())
def test_a_dashboard_differs_in_nothing_from_itself(dashboard):
    assert difference(dashboard, copy.deepcopy(dashboard)).empty


@given(dashboards())
def test_a_dashboard_made_anew_with_other_ids_differs_in_nothing(dashboard):
    theirs = rebuilt(dashboard)
    assert difference(dashboard, theirs).empty
    assert difference(dashboard, theirs, Rules(same_instance=False)).empty


@given(dashboards(), TEXT)
def test_one_changed_scalar_is_the_only_field_to_send(dashboard, title):
    theirs = copy.deepcopy(dashboard) | {"title": title}
    found = difference(dashboard, theirs)
    assert found.changed == ({"title": dashboard["title"]} if title != dashboard["title"] else {})
    assert all(child.empty for child in found.children)


@given(dashboards(), st.data())
def test_only_the_changed_tile_is_written_and_it_keeps_its_id(dashboard, data):
    if not dashboard["dashboard_elements"]:
        return
    theirs = copy.deepcopy(dashboard)
    tile = data.draw(st.sampled_from(theirs["dashboard_elements"]))
    tile["title"] = "changed by someone"
    touched = [one for one in difference(dashboard, theirs).walk() if one.changed]
    assert [(one.content_type, one.live.id) for one in touched if one.live] == [("dashboard_elements", tile["id"])]


@given(dashboards(), st.data())
def test_extra_tiles_are_removed_only_by_an_exact_restore(dashboard, data):
    ours = copy.deepcopy(dashboard)
    if not ours["dashboard_elements"]:
        return
    gone = ours["dashboard_elements"].pop()
    assert difference(ours, dashboard).extras == []
    assert [(kind, doc.id) for kind, doc in difference(ours, dashboard, Rules(exact=True)).extras] == [
        ("dashboard_elements", gone["id"])
    ]


@given(dashboards())
def test_a_missing_tile_is_made_and_its_place_waits_for_it(dashboard):
    theirs = copy.deepcopy(dashboard)
    if not theirs["dashboard_elements"]:
        return
    gone = theirs["dashboard_elements"].pop(0)
    for layout in theirs["dashboard_layouts"]:
        places = layout.get("dashboard_layout_components", [])
        layout["dashboard_layout_components"] = [p for p in places if p["dashboard_element_id"] != gone["id"]]
    made = [one for one in difference(dashboard, theirs).walk() if one.live is None]
    assert {one.content_type for one in made} == {"dashboard_elements", "dashboard_layout_components"}
    assert (
        next(one for one in made if one.content_type == "dashboard_layout_components").changed["dashboard_element_id"]
        == NEW
    )


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["v.a", "v.b", "v.c"]), unique=True, min_size=2))
def test_the_order_of_a_query_s_fields_is_part_of_it(fields):
    tile = {"id": "1", "query_id": "8", "query": query(8) | {"fields": fields}}
    other = {
        "id": "1",
        "query_id": "9",
        "query": query(9) | {"id": "9", "fields": fields[::-1], "sorts": query(8)["sorts"]},
    }
    found = compare(
        "dashboard_elements",
        document("dashboard_elements", tile),
        document("dashboard_elements", other),
        lambda *_: None,
        Rules(),
    )
    assert found.changed["query"]["fields"] == fields
    assert "client_id" not in found.changed["query"]


def test_listening_to_filters_is_written_although_it_is_called_read_only():
    tile = {
        "id": "1",
        "look_id": "4",
        "result_maker": {
            "filterables": [
                {"model": "m", "view": "v", "name": None, "listen": [{"dashboard_filter_name": "Date", "field": "v.d"}]}
            ]
        },
    }
    found = compare(
        "dashboard_elements",
        document("dashboard_elements", tile),
        document("dashboard_elements", tile | {"result_maker": None}),
        lambda _, i: i,
        Rules(),
    )
    assert found.changed["filterables"][0]["listen"] == [{"dashboard_filter_name": "Date", "field": "v.d"}]


def test_null_and_the_empty_text_are_one():
    ours, theirs = {"id": "1", "first_name": None}, {"id": "1", "first_name": ""}
    assert compare("users", document("users", ours), document("users", theirs), lambda _, i: i, Rules()).empty


def test_a_null_in_the_backup_clears_what_was_set_since():
    found = compare(
        "users",
        document("users", {"id": "1", "locale": None}),
        document("users", {"id": "1", "locale": "de"}),
        lambda _, i: i,
        Rules(),
    )
    assert found.changed == {"locale": None}


def test_members_added_since_stay_unless_the_restore_is_exact():
    ours, theirs = (
        document("role_users", [{"id": "1"}, {"id": "2"}], "9"),
        document("role_users", [{"id": "2"}, {"id": "3"}], "9"),
    )
    assert compare("role_users", ours, theirs, lambda _, i: i, Rules()).changed == {"members": ["1", "2", "3"]}
    assert compare("role_users", ours, theirs, lambda _, i: i, Rules(exact=True)).changed == {"members": ["1", "2"]}


def step_of(
    content_type: str,
    ours: dict,
    theirs: dict | None,
    resolve=lambda _, i: i,
    trashed: bool = False,
    rules: Rules = HOME,
    facts=(),
    **options,
):
    found = Found(theirs["id"], msgspec.json.encode(theirs), trashed) if theirs is not None else None
    wanted = Wanted(ContentKey(content_type, ours["id"]), msgspec.json.encode(ours))
    return plan_step(wanted, found, Told(resolve, facts), rules, PlanOptions(**options))


LOOK = {
    "id": "4",
    "title": "Orders",
    "folder_id": "7",
    "user_id": "3",
    "query_id": "8",
    "query": query(8),
    "updated_at": "2026-01-01",
}


def test_what_is_there_and_equal_is_skipped():
    assert step_of("looks", LOOK, LOOK | {"view_count": 9}).action == "skip"


def test_what_is_gone_is_created():
    step = step_of("looks", LOOK, None)
    assert (step.action, step.calls) == ("create", 2)


def test_what_is_in_the_trash_is_undeleted_although_nothing_else_differs():
    assert step_of("looks", LOOK, LOOK | {"deleted": True}, trashed=True).action == "undelete"


def test_a_change_since_the_backup_is_a_conflict_only_on_request():
    theirs = LOOK | {"title": "Mine", "updated_at": "2026-02-01"}
    assert step_of("looks", LOOK, theirs).action == "update"
    assert step_of("looks", LOOK, theirs, skip_if_modified=True).action == "conflict"
    assert step_of("looks", LOOK, theirs | {"updated_at": "2025-12-31"}, skip_if_modified=True).action == "update"
    same_time = theirs | {"updated_at": LOOK["updated_at"]}
    assert step_of("looks", LOOK, same_time, skip_if_modified=True).action == "conflict"


def test_a_missing_folder_blocks_and_says_whether_the_vault_has_it():
    missing = lambda kind, i: None if kind == "folders" else i  # noqa: E731
    step = step_of("looks", LOOK, None, missing, facts={Ask.IN_BACKUP: True})
    assert step.action == "blocked"
    assert "folder 7" in step.reason
    assert "--with-dependencies" in step.reason


def test_a_missing_owner_is_a_loss_and_no_obstacle():
    missing = lambda kind, i: None if kind == "users" else i  # noqa: E731
    step = step_of("looks", LOOK, None, missing)
    assert step.action == "create"
    assert step.lost == (("user_id", "user 3 is not there"),)


def test_a_built_in_role_that_is_gone_is_not_restored_and_the_reason_is_said():
    step = step_of("roles", {"id": "2", "name": "Admin", "permission_set": {"id": "1"}}, None)
    assert (step.action, "the Admin role is Looker's own" in step.reason) == ("blocked", True)


def test_a_built_in_role_that_differs_is_left_and_named_with_its_reason():
    admin = {"id": "2", "name": "Admin", "permission_set": {"id": "1"}}
    step = step_of("roles", admin, admin | {"permission_set": {"id": "3"}})
    assert (step.action, dict(step.lost)) == ("skip", {"permission_set_id": "the Admin role is Looker's own"})


def test_a_changed_field_reads_old_to_new():
    step = step_of("looks", LOOK, LOOK | {"query_id": "9", "query": query(8) | {"id": "9", "limit": "100"}})
    assert [str(change) for change in step.fields] == ['query.limit: "100" → "500"']


@given(dashboards())
def test_what_is_known_is_enough_to_compare(dashboard):
    """Once everything that was asked has an answer, comparing asks nobody: an answer that is not there would be asked for."""
    ours, theirs = document("dashboards", dashboard), document("dashboards", rebuilt(dashboard))
    rules, known = Rules(same_instance=False), Known()
    first = comparing.compare("dashboards", ours, theirs, known, rules)
    while known.asked:
        known = Known(known.answers | {q: q.about[1] if q.ask is Ask.ID else None for q in known.asked})
        first = comparing.compare("dashboards", ours, theirs, known, rules)
    assert all(isinstance(question, Question) for question in known.answers)
    assert comparing.compare("dashboards", ours, theirs, Known(known.answers), rules) == first
