"""The seeded instance is deterministic, its references hold, and it contains what breaks naive tools."""

import json

import pytest

from looker_simulator import SimulatorOptions, mutate, seed
from looker_simulator.control import counts
from looker_simulator.shapes import encode
from looker_simulator.shapes_content import DASHBOARD

# table: {column: the table it leads to}
_REFERENCES = {
    "dashboards": {"folder_id": "folders", "user_id": "users", "content_metadata_id": "content_metadata"},
    "looks": {"folder_id": "folders", "user_id": "users", "query_id": "queries", "content_metadata_id": "content_metadata"},
    "dashboard_elements": {"dashboard_id": "dashboards", "query_id": "queries", "look_id": "looks",
                           "merge_result_id": "merge_queries", "dashboard_layout_id": "dashboard_layouts"},
    "dashboard_filters": {"dashboard_id": "dashboards"},
    "dashboard_layouts": {"dashboard_id": "dashboards"},
    "dashboard_layout_components": {"dashboard_layout_id": "dashboard_layouts", "dashboard_element_id": "dashboard_elements"},
    "folders": {"parent_id": "folders", "content_metadata_id": "content_metadata", "creator_id": "users"},
    "content_metadata": {"parent_id": "content_metadata", "folder_id": "folders", "dashboard_id": "dashboards", "look_id": "looks",
                         "homepage_id": "boards"},
    "content_metadata_access": {"content_metadata_id": "content_metadata", "group_id": "groups", "user_id": "users"},
    "users": {"home_folder_id": "folders", "personal_folder_id": "folders"},
    "group_users": {"group_id": "groups", "user_id": "users"},
    "group_groups": {"parent_id": "groups", "group_id": "groups"},
    "roles": {"permission_set_id": "permission_sets", "model_set_id": "model_sets"},
    "role_users": {"role_id": "roles", "user_id": "users"},
    "role_groups": {"role_id": "roles", "group_id": "groups"},
    "scheduled_plans": {"user_id": "users", "dashboard_id": "dashboards", "look_id": "looks",
                        "lookml_dashboard_id": "lookml_dashboards"},
    "alerts": {"owner_id": "users", "dashboard_element_id": "dashboard_elements", "investigative_content_id": "dashboards"},
    "boards": {"user_id": "users", "content_metadata_id": "content_metadata"},
    "board_sections": {"board_id": "boards"},
    "board_items": {"board_section_id": "board_sections", "dashboard_id": "dashboards", "look_id": "looks"},
    "explores": {"model_name": "lookml_models"},
    "lookml_models": {"project_name": "projects"},
}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    return seed.build(SimulatorOptions(scale="small"))


def test_equal_options_give_equal_instances(world) -> None:
    again = seed.build(SimulatorOptions(scale="small"))
    other = seed.build(SimulatorOptions(scale="small", seed=2))
    texts = [[encode(w, DASHBOARD, row) for row in w["dashboards"]] for w in (world, again, other)]
    assert texts[0] == texts[1] != texts[2]


def test_every_reference_leads_somewhere(world) -> None:
    for table, columns in _REFERENCES.items():
        for row in world[table]:
            for column, target in columns.items():
                assert row[column] is None or row[column] in world[target], (
                    table,
                    row,
                    column,
                )


def test_board_orders_merge_sources_and_colours_lead_somewhere(world) -> None:
    assert all(section in world["board_sections"] for board in world["boards"] for section in board["section_order"])
    assert all(item in world["board_items"] for section in world["board_sections"] for item in section["item_order"])
    assert all(s["query_id"] in world["queries"] for merge in world["merge_queries"] for s in merge["source_queries"])
    used = {query["vis_config"]["color_application"]["collection_id"] for query in world["queries"]}
    assert any(len(collection) == 36 for collection in used)
    assert used <= set(world["color_collections"].rows)


def test_ids_overlap_between_types(world) -> None:
    assert {"1", "2", "3"} <= set(world["dashboards"].rows) & set(world["looks"].rows) & set(world["users"].rows)


def test_numbers_keep_their_notation_and_unknown_keys_are_there(api) -> None:
    text = api.ask("/dashboards/1").text
    assert '"ratio":1.10' in text
    assert '"big":123456789012345678901234567890' in text


def test_the_instance_holds_what_breaks_naive_tools(world) -> None:
    titles = {row["title"] for row in world["dashboards"]} | {row["title"] for row in world["looks"]}
    assert any("%" in title for title in titles)
    assert any("/" in title for title in titles)
    assert any(ord(char) > 0xFFFF for title in titles for char in title)
    assert max(len(encode(world, DASHBOARD, row)) for row in world["dashboards"]) > 100_000
    assert any(row["query_id"] is None and row["look_id"] for row in world["dashboard_elements"])
    placed = {row["dashboard_element_id"] for row in world["dashboard_layout_components"]}
    assert any(row["id"] not in placed for row in world["dashboard_elements"])
    assert any(not meta["inherits"] and meta["folder_id"] for meta in world["content_metadata"])
    assert any(row["user_id"] for row in world["content_metadata_access"])
    assert any(group["externally_managed"] for group in world["groups"])
    assert any(user["is_disabled"] for user in world["users"])
    assert any(len(world.parts("dashboard_layouts", row["id"])) > 1 for row in world["dashboards"])


def test_another_instance_has_other_ids() -> None:
    other = seed.build(SimulatorOptions(scale="tiny", id_offset=1000))
    assert min(int(row["id"]) for row in other["dashboards"]) > 1000
    assert min(int(row["id"]) for row in other["folders"] if row["id"] != "lookml") > 1000


def test_packed_dashboards_unpack_to_the_same_bytes() -> None:
    world = seed.build(SimulatorOptions(scale="tiny", dashboards=80, dashboard_kb=20))
    dashboard_id = list(world.packed)[7]
    row, before = world["dashboards"].rows[dashboard_id], counts(world)
    text = encode(world, DASHBOARD, row)
    tile = json.loads(text)["dashboard_elements"][0]
    query = world.find("queries", tile["query_id"])
    assert query
    assert query["slug"] == tile["query"]["slug"]
    assert dashboard_id not in world.packed
    assert encode(world, DASHBOARD, row) == text
    assert counts(world) == before


def test_packed_dashboards_have_the_wanted_size_and_differ() -> None:
    world = seed.build(SimulatorOptions(scale="tiny", dashboards=160, dashboard_kb=40))
    texts = [encode(world, DASHBOARD, world["dashboards"].rows[dashboard_id]) for dashboard_id in world.packed]
    assert 36_000 < sum(map(len, texts)) / len(texts) < 48_000
    ids = [tile["query_id"] for text in texts for tile in json.loads(text)["dashboard_elements"]]
    assert len(ids) == len(set(ids))


def test_a_renamed_folder_shows_in_its_packed_dashboards() -> None:
    world = seed.build(SimulatorOptions(scale="tiny", dashboards=62))
    row = world["dashboards"].rows[next(iter(world.packed))]
    mutate(world, "update", "folders", row["folder_id"], {"name": "renamed"})
    assert json.loads(encode(world, DASHBOARD, row))["folder"]["name"] == "renamed"
