"""Fields come with the releases, and those that nobody has heard of are described, shown, kept, damaged and compared."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, differences, wreck
from looker_simulator.future import KINDS, draw, invented
from looker_simulator.seed.future import ROWS, drawn
from tests.simulator.conftest import Client

_NEW = [
    ("/dashboards", "Dashboard", "style", "26.18", "26.20"),
    ("/dashboards", "Dashboard", "layout_granularity", "26.12", "26.18"),
    ("/scheduled_plans", "ScheduledPlan", "include_filters", "26.18", "26.20"),
]


@contextmanager
def _looker(**options: Any) -> Generator[tuple[Simulator, Client]]:
    with Simulator(SimulatorOptions(scale="tiny", **options)) as simulator:
        yield simulator, Client(simulator.base_url)


def _own(simulator: Simulator, api: Client, path: str) -> str:
    if path == "/dashboards":
        return next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
    return api.get(path, all_users="true")[0]["id"]


@pytest.mark.parametrize(("path", "shape", "field", "before", "since"), _NEW)
def test_a_field_is_there_from_its_release_on(path, shape, field, before, since) -> None:
    for release, has in ((before, False), (since, True)):
        with _looker(release=release) as (simulator, api):
            row_id = _own(simulator, api, path)
            described = api.get("/api_spec/4.0/swagger.json")["definitions"][shape]["properties"]
            value = True if described.get(field, {}).get("type") == "boolean" else "modern"
            shown = api.patch(f"{path}/{row_id}", {field: value})
            assert (field in described) is has
            assert shown.get(field, "absent") == (value if has else "absent")


def test_what_stands_in_an_object_has_its_release_too() -> None:
    for release, has in (("26.12", False), ("26.22", True)):
        with _looker(release=release) as (simulator, api):
            dashboard = next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
            shown = api.patch(f"/dashboards/{dashboard}", {"appearance": {"tile_shadow": True, "show_title": True}})
            assert shown["appearance"].get("show_title", "absent") == (True if has else "absent")
            assert ("background_opacity" in api.get("/themes")[0]["settings"]) is has


def test_forty_fields_have_every_type_and_names_of_their_seed() -> None:
    fields = {prop.name: prop for props in invented(40, 7).values() for prop in props}
    assert len(fields) == 40
    assert fields.keys().isdisjoint(prop.name for props in invented(40, 8).values() for prop in props)
    assert {prop.type for prop in fields.values()} >= {"s", "i", "f", "b", "[s]", "{o}", "o", "[o]"}
    assert any(prop.choices for prop in fields.values())
    assert any(prop.nullable for prop in fields.values())
    assert any(name.endswith("_id") for name in fields)
    assert invented(len(KINDS), 7).keys() >= {shapes[0] for shapes in KINDS.values()}


def test_an_invented_field_is_described_shown_and_kept() -> None:
    with _looker(future=64, seed=3) as (simulator, api):
        definitions = api.get("/api_spec/4.0/swagger.json")["definitions"]
        dashboard = next(row for row in simulator.world["dashboards"] if not row["deleted"])
        tile = simulator.world.parts("dashboard_elements", dashboard["id"])[0]
        for path, table, row in (
            ("/dashboards", "dashboards", dashboard),
            ("/dashboard_elements", "dashboard_elements", tile),
        ):
            shape = ROWS[table][0]
            props = simulator.world.api.beyond(shape)
            assert props
            values = {prop.name: draw(Random(1), prop, but=api.get(f"{path}/{row['id']}")[prop.name]) for prop in props}
            assert values.keys() <= definitions[shape]["properties"].keys()
            assert not any(definitions[shape]["properties"][name].get("readOnly") for name in values)
            assert api.patch(f"{path}/{row['id']}", values).items() >= values.items()
            assert api.get(f"{path}/{row['id']}").items() >= values.items()


def test_a_value_that_does_not_fit_is_refused() -> None:
    with _looker(future=320, seed=3) as (simulator, api):
        dashboard = next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
        props = simulator.world.api.beyond("Dashboard")
        chosen = next(prop for prop in props if prop.choices)
        flag = next(prop for prop in props if prop.type == "b")
        for name, value in ((chosen.name, "no such word"), (flag.name, "yes")):
            refusal = api.refusal("PATCH", f"/dashboards/{dashboard}", {name: value})
            assert refusal == (422, {(name, "invalid")}), (name, value)


def test_a_bend_refuses_what_the_description_allows() -> None:
    with _looker(bends=("refused_fields=Dashboard.title_color",)) as (simulator, api):
        dashboard = next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
        described = api.get("/api_spec/4.0/swagger.json")["definitions"]["Dashboard"]["properties"]
        assert not described["title_color"].get("readOnly")
        assert api.refusal("PATCH", f"/dashboards/{dashboard}", {"title_color": "#fff"}) == (
            422,
            {("title_color", "invalid")},
        )
        api.patch(f"/dashboards/{dashboard}", {"title": "Another"})


@pytest.fixture(scope="module")
def future() -> tuple[Simulator, Any]:
    simulator = Simulator(SimulatorOptions(scale="tiny", future=200, seed=2, release="26.22"))
    return simulator, simulator.oracle()


@pytest.mark.parametrize("table", [name for name in ROWS if name not in ("queries", "merge_queries", "connections")])
def test_the_oracle_sees_every_field_beyond_the_releases(future, table) -> None:
    simulator, before = future
    rows = list(simulator.world[table])
    if table == "content_metadata":
        rows = [row for row in rows if row["folder_id"] in simulator.world["folders"]]
    row = rows[-1] if table == "color_collections" else rows[0]  # the first ones are Looker's own
    for name, value in drawn(simulator.world.api, Random(9), table, row, anew=True).items():
        old = row.get(name)
        simulator.world[table].change(row[simulator.world[table].key], **{name: value})
        assert differences(before, simulator.oracle()), (table, name)
        simulator.world[table].change(row[simulator.world[table].key], **{name: old})


def test_wreckage_damages_fields_beyond_the_releases() -> None:
    simulator = Simulator(SimulatorOptions(scale="small", future=64, seed=2))
    done = wreck(simulator.world, 5)
    assert len([line for line in done if "newer fields" in line]) > 20


def test_a_call_is_described_with_its_body() -> None:
    with _looker() as (_, api):
        swagger = api.get("/api_spec/4.0/swagger.json")["paths"]
        body = next(one for one in swagger["/dashboard_filters"]["post"]["parameters"] if one["in"] == "body")
        assert body["schema"] == {"$ref": "#/definitions/CreateDashboardFilter"}
        openapi = api.get("/api_spec/4.0/openapi.json")["paths"]["/alerts/{alert_id}"]["put"]
        assert openapi["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Alert"}
