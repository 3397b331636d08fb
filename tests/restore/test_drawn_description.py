"""Whatever a release makes of fields between a backup and a restore, each is put back or named, and nothing is called identical:
of objects and of what is in them, changed and made anew, on the own instance and on another one, and when it is taken back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from looker_simulator.schema import Property, shape
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Proof
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.simulated import capture, client


class Place(NamedTuple):
    """Where fields are that nothing hangs on: the schema, the table, and the type of the vault that they come back with.

    `mark` is what a row is known by on every instance, `inside` the field of the row that holds them, where they are in one.
    """

    schema: str
    table: str
    content_type: str
    mark: str
    fields: tuple[str, ...]
    inside: str = ""


_COLORS = ("background_color", "text_tile_text_color", "tile_background_color", "tile_text_color", "title_color")
_PLAIN = (*_COLORS, "description", "query_timezone", "refresh_interval")
_TEXTS = ("note_text", "subtitle_text", "body_text", "refresh_interval", "aria_description")
_OF_SUITES = ("change_request_trigger_target_branch", "lookml_validator_config_severity")
PLACES = (
    Place("Dashboard", "dashboards", "dashboards", "title", _PLAIN),
    Place("DashboardElement", "dashboard_elements", "dashboards", "title", _TEXTS),
    Place("DashboardFilter", "dashboard_filters", "dashboards", "title", ("default_value", "dimension")),
    Place("DashboardLayout", "dashboard_layouts", "dashboards", "label", ("description",)),
    Place("DashboardLayoutComponent", "dashboard_layout_components", "dashboards", "element", ("width", "height")),
    Place("DashboardAppearance", "dashboards", "dashboards", "title", ("page_background_color", "key_color"), "appearance"),
    Place("LookWithQuery", "looks", "looks", "title", ("description",)),
    Place("User", "users", "users", "last_name", ("first_name", "locale")),
    Place("Board", "boards", "boards", "title", ("description",)),
    Place("BoardSection", "board_sections", "boards", "title", ("description",)),
    Place("BoardItem", "board_items", "boards", "custom_url", ("custom_title", "custom_description")),
    Place("UserAttribute", "user_attributes", "user_attributes", "name", ("default_value", "value_for_ci_run")),
    Place("Alert", "alerts", "alerts", "custom_url_label", ("custom_title", "description")),
    Place("ScheduledPlan", "scheduled_plans", "scheduled_plans", "name", ("filters_string",)),
    Place("ScheduledPlanDestination", "scheduled_plans", "scheduled_plans", "name", ("message",), "scheduled_plan_destination"),
    Place("ProjectCISuite", "ci_suites", "ci_suites", "name", _OF_SUITES),
    Place("Agent", "agents", "agents", "name", ("description",)),
)  # fmt: skip
MARK = "drawn"
# What can be made anew as a whole.
WHOLE = ("dashboards", "looks", "boards", "user_attributes", "scheduled_plans", "agents", "ci_suites")
SITES = ("changed", "changed", "made anew", "made anew", "elsewhere", "elsewhere")
SEEDS = int(os.environ.get("LOOKERVAULT_FUTURE_SEEDS", "1"))
DRAWS = [(SITES[draw % len(SITES)], draw) for draw in range(len(SITES) * SEEDS)]
Values = dict[Place, dict[str, Any]]


def redrawn(random: Random, prop: Property) -> tuple[Property | None, ...]:
    """Return what a release makes of a field: the field itself, and what stands beside it."""
    other = msgspec.structs.replace
    fate = random.choice(("kept", "removed", "renamed", "read only", "retyped", "other words", "no null"))
    return {
        "kept": (prop,),
        "removed": (None,),
        "renamed": (None, other(prop, name=f"{prop.name}_now")),
        "read only": (other(prop, writable=False),),
        "retyped": (other(prop, type=random.choice(("i", "b", "[s]", "{s}"))),),
        "other words": (other(prop, choices=("one", "other")),),
        "no null": (other(prop, nullable=False),),
    }[fate]


def redraw(random: Random, simulator: Simulator) -> None:
    """Let the release be another one."""
    for place in PLACES:
        for name in place.fields:
            for made in redrawn(random, shape(place.schema)[name]):
                simulator.world.api.change(place.schema, made.name if made is not None else name, made)
        added = Property(f"since_{random.randint(0, 9)}", random.choice(("s", "b", "o")), True, False, False, True)
        simulator.world.api.change(place.schema, added.name, added)
    simulator.world.become(random.choice(("26.18", "26.22")))


def chosen(simulator: Simulator) -> dict[str, str]:
    """Mark one row of each table; return its id. Parts are those of the dashboard, or of the board."""
    world = simulator.world
    mine, found = {world.admin_user_id, world.viewer_user_id}, dict[str, str]()
    for table in dict.fromkeys(place.table for place in PLACES):
        rows = [row for row in world[table] if not (row.get("deleted") or row.get("deleted_at") or row.get("_deleted"))]
        if table == "dashboards":
            tabs = [row["dashboard_id"] for row in world["dashboard_layouts"] if not row["active"]]
            rows = [
                row for row in rows if row["id"] in tabs and world["dashboard_filters"].where("dashboard_id", row["id"])
            ]
        elif table == "dashboard_layout_components":
            rows = [row for row in rows if row["dashboard_element_id"] == found["dashboard_elements"]]
        elif table.startswith("dashboard_"):
            rows = [row for row in rows if row["dashboard_id"] == found["dashboards"] and row.get("query_id", True)]
        elif table == "board_sections":
            rows = [row for row in rows if row["board_id"] == found["boards"]]
        elif table == "board_items":
            rows = [row for row in rows if row["board_section_id"] == found["board_sections"]]
        elif table == "users":
            rows = [row for row in rows if row["id"] not in mine and row["id"] in world["credentials_email"]]
        rows = [row for row in rows if not row.get("is_system")]
        found[table] = rows[0]["id"]
    for place in PLACES:
        if not place.inside and place.mark != "element":
            world[place.table].change(found[place.table], **{place.mark: f"{MARK} {place.table}"})
    return found


def marked(simulator: Simulator, place: Place) -> dict[str, Any] | None:
    """Return the row that stands for the marked one, on any instance."""
    world, mark = simulator.world, f"{MARK} {place.table}"
    if place.mark == "element":
        tile = next(
            (row["id"] for row in world["dashboard_elements"] if row["title"] == f"{MARK} dashboard_elements"), None
        )
        return next((row for row in world[place.table] if row["dashboard_element_id"] == tile), None)
    return next((row for row in world[place.table] if row[place.mark] == mark and not row.get("deleted")), None)


def value_of(row: Mapping[str, Any], place: Place, name: str) -> Any:
    held = row.get(place.inside) if place.inside else row
    held = held[0] if isinstance(held, list) and held else held
    return held.get(name) if isinstance(held, Mapping) else None


def put(simulator: Simulator, random: Random, ids: dict[str, str], word: str) -> Values:
    """Give each field a value of its own, or none; return them."""
    found: Values = {}
    for place in PLACES:
        props = shape(place.schema)
        values = {name: _drawn(random, props[name], word) for name in place.fields}
        table, row_id = simulator.world[place.table], ids[place.table]
        if place.inside:
            held = table.rows[row_id].get(place.inside)
            more = {**((held[0] if isinstance(held, list) else held) or {}), **values}
            table.change(row_id, **{place.inside: [more] if isinstance(held, list) else more})
        else:
            table.change(row_id, **values)
        found[place] = values
    return found


def _drawn(random: Random, prop: Property, word: str) -> Any:
    if prop.type == "i":
        return random.randint(2, 8) + 8 * (word == "now")
    text = f"{word} {prop.name}"
    return random.choice((text, text, None)) if prop.nullable else text


def unsaid(simulator: Simulator, proof: Proof, wanted: Values, owners: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Return the fields that are not as *wanted* and that the proof does not name, or calls identical all the same."""
    proofs = {item.key: item for item in proof.items}
    found: list[tuple[Any, ...]] = []
    for place, values in wanted.items():
        item = proofs.get(ContentKey(place.content_type, owners[place.content_type]))
        said = [*(path for path, _ in item.lost), *(field.path for field in item.fields)] if item is not None else []
        named = {path.rpartition(".")[2] for path in said}
        there, row = simulator.world.api.properties(place.schema), marked(simulator, place) or {}
        counts = {name: value for name, value in values.items() if name in there or value is not None}
        left = {name for name, value in counts.items() if (value_of(row, place, name) or None) != value}
        found += [
            (place.schema, name, there.get(name), values[name], value_of(row, place, name)) for name in left - named
        ]
        found += [(place.schema, "identical")] if left and item is not None and item.verdict == "identical" else []
    return found


def taken(simulator: Simulator, values: Values) -> Values:
    """Return what the release takes: all else is Looker's own by the time of the restore that is taken back."""
    known = {place: simulator.world.api.properties(place.schema) for place in values}
    return {
        place: {name: value for name, value in told.items() if name in known[place] and known[place][name].writable}
        for place, told in values.items()
    }


def owners_of(simulator: Simulator, ids: dict[str, str]) -> dict[str, str]:
    """Return by type of the vault which of its items the fields come back with."""
    project = simulator.world["ci_suites"].rows[ids["ci_suites"]]["project_id"]
    return {place.content_type: ids[place.content_type] for place in PLACES} | {"ci_suites": project}


@pytest.mark.parametrize(("site", "draw"), DRAWS)
def test_each_field_is_put_back_or_named(site: str, draw: int, tmp_path: Path) -> None:
    random = Random(draw)
    options: dict[str, Any] = {"scale": "tiny", "seed": draw, "release": "26.22", "dashboard_kb": 2}
    with Simulator(SimulatorOptions(**options)) as ours, Vault.create_or_open(tmp_path / "looker.db") as vault:
        ids = chosen(ours)
        then, owners = put(ours, random, ids, "then"), owners_of(ours, ids)
        with client(ours) as looker:
            capture(vault, looker)
        if site == "elsewhere":
            with Simulator(SimulatorOptions(**options, id_offset=5000)) as theirs:
                redraw(random, theirs)
                proof, _ = restored(vault, theirs, target="other")
                assert unsaid(theirs, proof, then, owners) == []
            return
        now = put(ours, random, ids, "now")
        if site == "made anew":
            for table in WHOLE:
                if table == "ci_suites":
                    ours.world[table].remove(ids[table])
                else:
                    mutate(ours.world, "delete", table, ids[table])
        redraw(random, ours)
        proof, session = restored(vault, ours)
        assert unsaid(ours, proof, then, owners) == []
        with client(ours) as looker:
            back = undo(vault, looker, session)
        if site == "changed":
            assert unsaid(ours, back.proof, taken(ours, now), owners) == []
        else:
            assert [place.table for place in PLACES if place.table in WHOLE and marked(ours, place)] == []


def restored(vault: Vault, simulator: Simulator, **options: Any) -> tuple[Proof, str]:
    with client(simulator) as looker:
        run = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(**options), sleep=lambda _: None)
        report = restore(run, 4)
    return report.proof, report.session_id
