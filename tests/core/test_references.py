"""Ids inside payloads are found and rewritten wherever Looker hides them, and nothing else changes."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookervault_core.catalog import Ref
from lookervault_core.diff.documents.references import Reference, find, rewrite
from lookervault_core.looker.instance import site

REFS = (
    Ref("folder_id", "folders"),
    Ref("tiles[].look_id", "looks"),
    Ref("tiles[].body_text", kind="links"),
    Ref("tiles[].vis", kind="colors"),
    Ref("tab_ids[]", "dashboard_layouts"),
    Ref("destination.type", kind="hub"),
)
IDS = st.integers(1, 999).map(str)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def payloads(draw):
    tile = st.fixed_dictionaries(
        {"look_id": st.none() | IDS, "body_text": st.none() | IDS.map(lambda i: f"see [this](/dashboards/{i}).")},
        optional={"vis": IDS.map(lambda i: {"series": [{"color_application": {"collection_id": i}}]}), "other": JSON},
    )
    return draw(
        st.fixed_dictionaries(
            {
                "folder_id": st.none() | IDS,
                "tiles": st.lists(tile, max_size=4),
                "tab_ids": st.none() | st.lists(IDS, max_size=3),
            },
            optional={"title": st.text(max_size=9), "destination": st.just({"type": "looker-integration://7::slack"})},
        )
    )


@given(payloads())
def test_a_rewrite_that_knows_no_id_changes_nothing(payload):
    assert rewrite(payload, REFS, lambda *_: None) == payload


@given(payloads())
def test_the_input_is_never_changed(payload):
    before = copy.deepcopy(payload)
    rewrite(payload, REFS, lambda _, i: f"9{i}")
    assert payload == before


@given(payloads())
def test_what_is_found_is_what_is_rewritten(payload):
    found = find(payload, REFS)
    renamed = rewrite(payload, REFS, lambda _, i: f"1000{i}")
    assert {(r.content_type, f"1000{r.id}") for r in found} == {(r.content_type, r.id) for r in find(renamed, REFS)}


@given(payloads())
def test_a_rewrite_is_undone_by_its_inverse(payload):
    there = rewrite(payload, REFS, lambda _, i: f"1000{i}")
    back = rewrite(there, REFS, lambda _, i: i.removeprefix("1000"))
    assert back == payload


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/dashboards/42", "/dashboards/x42"),
        ("[a](/looks/7?toggle=1)", "[a](/looks/x7?toggle=1)"),
        ('{"url":"\\/dashboards-next\\/42"}', '{"url":"\\/dashboards-next\\/x42"}'),
        ("https://my.looker.com/embed/dashboards/42#top", "https://my.looker.com/embed/dashboards/x42#top"),
        ("https://my.looker.com:443/folders/3", "https://my.looker.com:443/folders/x3"),
        ("//my.looker.com/dashboards/42", "//my.looker.com/dashboards/x42"),
        ("https://elsewhere.com/dashboards/42", "https://elsewhere.com/dashboards/42"),
        ("//elsewhere.com/dashboards/42", "//elsewhere.com/dashboards/42"),
        ("//dashboards/42", "//dashboards/42"),
        ("/dashboards/thelook::orders", "/dashboards/thelook::orders"),
        ("/dashboards/42abc", "/dashboards/42abc"),
        ("/dashboards/42::x", "/dashboards/42::x"),
        ("a/dashboards/42", "a/dashboards/42"),
        ("text\\n/boards/5", "text\\n/boards/x5"),
    ],
)
def test_links_are_rewritten_only_where_they_are_links_to_our_content(text, expected):
    assert rewrite(text, (Ref("", kind="links"),), lambda _, i: f"x{i}", site=site("https://my.looker.com")) == expected


def test_numbers_as_ids_are_found_as_text():
    assert find({"folder_id": 12}, REFS) == (Reference("folders", "12", "folder_id"),)
    assert rewrite({"folder_id": 12}, REFS, lambda *_: "13") == {"folder_id": "13"}


def test_a_color_collection_is_found_at_any_depth():
    vis = {"rules": [{"deep": {"color_application": {"collection_id": "abc", "palette_id": "p"}}}]}
    assert [r.id for r in find({"tiles": [{"vis": vis}]}, REFS)] == ["abc", "p"]


def test_the_hub_of_an_integration_is_part_of_a_name():
    out = rewrite({"destination": {"type": "looker-integration://7::slack"}}, REFS, lambda _, i: "12")
    assert out == {"destination": {"type": "looker-integration://12::slack"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/emea/dashboards/42", "/emea/dashboards/x42"),
        ("https://bi.example.com/emea/embed/looks/7", "https://bi.example.com/emea/embed/looks/x7"),
        ('{"url":"\\/emea\\/dashboards\\/42"}', '{"url":"\\/emea\\/dashboards\\/x42"}'),
        ("https://bi.example.com/us/dashboards/42", "https://bi.example.com/us/dashboards/42"),
        ("https://bi.example.com/dashboards/42", "https://bi.example.com/dashboards/42"),
        ("https://bi.example.com:8443/emea/dashboards/42", "https://bi.example.com:8443/emea/dashboards/42"),
        ("https://BI.example.com:443/emea/dashboards/42", "https://BI.example.com:443/emea/dashboards/x42"),
        ("/dashboards/42", "/dashboards/42"),
    ],
)
def test_a_link_to_another_instance_on_the_same_host_is_not_ours(text, expected):
    emea = site("https://bi.example.com/emea")
    assert rewrite(text, (Ref("", kind="links"),), lambda _, i: f"x{i}", emea) == expected
