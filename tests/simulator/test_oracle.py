"""The oracle tells instances apart by what they hold, and a wrecked one from a whole one."""

import json
from typing import Any

import pytest
import requests

from looker_simulator import Simulator, SimulatorOptions, differences, mutate, oracle_connected, wreck
from looker_simulator.names import Names

READS = (
    "/users", "/groups/search/with_hierarchy", "/roles", "/roles/search/with_user_count", "/permission_sets", "/model_sets",
    "/user_attributes", "/folders", "/folders/search", "/looks", "/looks/search", "/dashboards", "/dashboards/search",
    "/boards", "/board_items", "/scheduled_plans?all_users=true", "/alerts/search?all_owners=true", "/themes",
    "/themes/default", "/color_collections", "/color_collections/default", "/lookml_models", "/content_favorite/search",
    "/looks/search?deleted=true", "/dashboards/search?deleted=true", "/dashboard_elements/search?deleted=true",
)  # fmt: skip


def world(**options: Any) -> Simulator:
    chosen: dict[str, Any] = {"scale": "tiny"} | options
    return Simulator(SimulatorOptions(**chosen))


def test_the_same_instance_with_other_ids_looks_the_same() -> None:
    assert differences(world(scale="small").oracle(), world(scale="small", id_offset=7_000).oracle()) == []


def test_the_oracle_is_plain_json_and_the_same_over_http(fresh) -> None:
    simulator, _ = fresh()
    found = requests.get(f"{simulator.base_url}/_sim/oracle", timeout=10).json()
    assert found == simulator.oracle() == json.loads(json.dumps(simulator.oracle()))


def test_what_changes_by_itself_is_no_difference() -> None:
    looker = world()
    before = looker.oracle()
    volatile = {"view_count": 99, "last_viewed_at": "now", "updated_at": "now", "last_updater_id": "3"}
    mutate(looker.world, "update", "dashboards", "1", volatile)
    assert differences(before, looker.oracle()) == []


@pytest.mark.parametrize(
    ("table", "values", "line"),
    [
        ("dashboards", {"description": "changed"}, "description"),
        ("dashboard_elements", {"title": "changed", "note_text": "n"}, "changed: new"),
        ("dashboard_layout_components", {"row": 99}, "place › row"),
        ("looks", {"user_id": "3"}, "owner"),
        ("users", {"is_disabled": True}, "is_disabled: false → true"),
        ("boards", {"section_order": []}, "sections"),
        ("alerts", {"threshold": 12345}, "threshold: 0 → 12345"),
        ("scheduled_plans", {"enabled": True}, "enabled: false → true"),
        ("color_collections", {"categoricalPalettes": []}, "categoricalPalettes"),
        ("user_attribute_group_values", {"value": "changed"}, "group_values"),
    ],
)
def test_a_change_is_told_in_a_readable_line(table, values, line) -> None:
    looker = world()
    before = looker.oracle()
    first = None if table != "color_collections" else "corporate-colours"
    mutate(looker.world, "update", table, first, values)
    found = differences(before, looker.oracle())
    assert any(line in one for one in found), found


def test_a_number_written_another_way_is_a_difference() -> None:
    looker = world()
    before = looker.oracle()
    tile = next(row for row in looker.world["dashboard_elements"] if row["query_id"])
    query = looker.world["queries"].rows[tile["query_id"]]
    looker.world["queries"].change(query["id"], vis_config=query["vis_config"] | {"font_size": 1.1})
    assert any('"number 1.10" → 1.1' in line for line in differences(before, looker.oracle()))


def test_a_brief_dump_still_sees_every_change_in_a_packed_dashboard() -> None:
    looker = world(dashboards=70)
    before = looker.oracle(brief=True)
    dashboard = next(iter(looker.world.packed))
    looker.world.unpack(dashboard)
    assert differences(before, looker.oracle(brief=True)) == []
    tile = looker.world.parts("dashboard_elements", dashboard)[0]
    mutate(looker.world, "update", "dashboard_elements", tile["id"], {"title": "changed"})
    assert len(differences(before, looker.oracle(brief=True))) == 1


@pytest.mark.parametrize("scale", ["tiny", "small"])
def test_a_wreck_does_damage_and_leaves_an_instance_that_works(fresh, scale) -> None:
    simulator, api = fresh(scale=scale)
    before, me = simulator.oracle(), api.get("/user")
    done = requests.post(f"{simulator.base_url}/_sim/wreck", json={"seed": 3}, timeout=10).json()["done"]
    assert len(done) > (40 if scale == "small" else 20)
    found = differences(before, simulator.oracle())
    connected = oracle_connected.dump(simulator.world, Names(simulator.world))
    for part in before.keys() - {"connections", "defaults"} - connected.keys():
        assert any(line.startswith(part) for line in found), part
    for path in READS:
        assert api.ask(path).status_code == 200, path
    after = api.get("/user")
    assert (after["group_ids"], after["email"]) == (me["group_ids"], me["email"])
    assert simulator.world.admin_role_id in after["role_ids"]


def test_a_wreck_is_the_same_every_time_and_can_do_without_surprises() -> None:
    one, other = world(scale="small"), world(scale="small", id_offset=50)
    assert wreck(one.world, 5) == wreck(other.world, 5)
    plain = world(scale="small")
    assert not any("surprise" in line for line in wreck(plain.world, 5, extras=False))
    assert not any("Surprise" in line for line in json.dumps(plain.oracle()).split('"'))


def test_whatever_is_deleted_from_outside_leaves_an_instance_that_works(fresh) -> None:
    simulator, api = fresh()
    for table in ("users", "groups", "roles", "folders", "looks", "dashboards", "boards", "user_attributes"):
        rows = [row["id"] for row in simulator.world[table]]
        mutate(simulator.world, "delete", table, rows[-1])
        for path in READS:
            assert api.ask(path).status_code == 200, (table, path)
        assert simulator.oracle()
