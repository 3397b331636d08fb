"""How a difference is said: by names, by rows, by the part that differs, and never so that both sides look the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookervault_core.diff.wording.words import NEW, ROWS_SHOWN, WIDTH, Place, changed, nameless, pair, sources, titled

NAMES = {("users", "3"): "ann@example.com", ("groups", "7"): "Finance", ("folders", "12"): "Shared/Finance/Archive"}


def names(content_type: str, item_id: str, _live: bool) -> str:
    return NAMES.get((content_type, item_id), "")


def place(content_type: str, path: str) -> Place:
    return Place(content_type, path, path, "Sales (2)")


def said(where: Place, old: object, new: object, source: object = None) -> str:
    return changed(where, old, new, sources(where, new, source if source is not None else new), names)


@pytest.mark.parametrize(
    ("content_type", "path", "old", "new", "text"),
    [
        ("looks", "title", "A", "B", 'title: "A" → "B"'),
        ("looks", "folder_id", None, "12", "folder_id: nothing → Shared/Finance/Archive (12)"),
        ("looks", "user_id", "3", None, "user_id: ann@example.com (3) → nobody"),
        ("looks", "user_id", "9", "3", "user_id: user 9 → ann@example.com (3)"),
        ("group_users", "members", [], ["3"], "ann@example.com (3) joins group Sales (2)"),
        ("group_users", "members", ["3"], [], "ann@example.com (3) leaves group Sales (2)"),
        ("role_groups", "members", [], ["7"], "group Finance (7) gets role Sales (2)"),
        ("groups", "parent_group_ids", ["7"], [], "it leaves group Finance (7)"),
        ("permission_sets", "permissions", ["a", "b"], ["b", "c"], "permissions: + c, - a"),
        (
            "content_metadata_accesses", "accesses", [], [{"group_id": "7", "user_id": None, "permission_type": "view"}],
            "Finance (7) may view Sales (2)",
        ),
        (
            "user_attribute_group_values", "values", [{"group_id": "7", "value": "EMEA"}], [{"group_id": "7", "value": "US"}],
            'values: Finance (7) = "US" (now "EMEA")',
        ),
        ("scheduled_plans", "scheduled_plan_destination", [{"format": "csv"}], [{"format": "xlsx"}],
         'scheduled_plan_destination[1].format: "csv" → "xlsx"'),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(content_type, path, old, new, text):
    assert said(place(content_type, path), old, new) == text


def test_what_the_restore_makes_has_the_name_that_it_has_in_the_backup():
    assert said(place("group_users", "members"), [], [NEW], ["3"]) == (
        "ann@example.com (made by this restore) joins group Sales (2)"
    )
    assert said(place("looks", "folder_id"), "1", NEW, "12").endswith("→ Shared/Finance/Archive (made by this restore)")
    assert NEW not in said(place("looks", "query"), None, [{"palette": NEW}])


def test_of_rows_that_are_not_there_none_lends_its_name_to_another():
    where = Place("group_users", "members", "members", "Sales (2)", gone={"9"})
    assert changed(where, [], [NEW], sources(where, [NEW], ["9", "3"]), names).startswith("ann@example.com (made ")


def test_a_list_is_cut_and_says_how_many_more_there_are():
    many = [f"p{number}" for number in range(ROWS_SHOWN + 4)]
    assert said(place("permission_sets", "permissions"), [], many).endswith("… and 4 more")


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
def test_two_values_that_differ_never_look_the_same(head, tail, one, other):
    old, new = head + one + tail, head + other + tail
    was, _, becomes = pair(old, new).partition(" → ")
    if old != new and " → " not in old + new:
        assert was != becomes
    assert len(was) <= WIDTH + 2


def test_an_object_is_told_by_title_id_and_place():
    assert titled("12", "Weekly Revenue", "in Shared/Finance") == "Weekly Revenue (12) in Shared/Finance"
    assert titled("model", "model") == titled("model", "") == "model"
    assert len(titled("12", "x" * 300)) < 100
    assert nameless("users", "3", True) == ""
