"""Whatever a release makes of fields between a backup and a restore, each is put back or named, and nothing is called identical."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.schema import Property, shape
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client

_COLORS = ("background_color", "text_tile_text_color", "tile_background_color", "tile_text_color", "title_color")
_TEXTS = ("note_text", "subtitle_text", "body_text")
# By the table: the shape, the type and fields of texts that nothing hangs on.
FIELDS = {
    "dashboards": ("Dashboard", "dashboards", (*_COLORS, "description", "query_timezone", "refresh_interval")),
    "dashboard_elements": ("DashboardElement", "dashboards", (*_TEXTS, "refresh_interval", "aria_description")),
    "looks": ("LookWithQuery", "looks", ("description",)),
    "users": ("User", "users", ("first_name", "last_name", "locale")),
    "boards": ("Board", "boards", ("description",)),
    "user_attributes": ("UserAttribute", "user_attributes", ("default_value", "value_for_ci_run")),
}
DRAWS = 6


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
    for kind, _, fields in FIELDS.values():
        for name in fields:
            for made in redrawn(random, shape(kind)[name]):
                simulator.world.api.change(kind, made.name if made is not None else name, made)
        added = Property(f"since_{random.randint(0, 9)}", random.choice(("s", "b", "o")), True, False, False, True)
        simulator.world.api.change(kind, added.name, added)
    simulator.world.become(random.choice(("26.12", "26.22")))


def victims(simulator: Simulator) -> dict[str, str]:
    world = simulator.world
    mine = {world.admin_user_id, world.viewer_user_id}
    found = {}
    for table in FIELDS:
        rows = (row for row in world[table] if not (row.get("deleted") or row.get("deleted_at") or row.get("_deleted")))
        if table == "dashboard_elements":
            rows = (row for row in rows if row["dashboard_id"] == found["dashboards"] and row["query_id"])
        rows = (row for row in rows if not row.get("is_system") and (table != "users" or row["id"] not in mine))
        found[table] = next(row["id"] for row in rows if table != "users" or row["id"] in world["credentials_email"])
    return found


def put(simulator: Simulator, random: Random, ids: dict[str, str], word: str) -> dict[str, dict[str, Any]]:
    """Give each field a value of its own, or none; return them by table."""
    found: dict[str, dict[str, Any]] = {}
    for table, row_id in ids.items():
        values = {name: random.choice((f"{word} {name}", f"{word} {name}", None)) for name in FIELDS[table][2]}
        simulator.world[table].change(row_id, **values)
        found[table] = values
    return found


@pytest.mark.parametrize("draw", range(DRAWS))
def test_each_field_is_put_back_or_named(draw: int, tmp_path: Path) -> None:
    random = Random(draw)
    options = SimulatorOptions(scale="tiny", seed=draw, release="26.12", dashboard_kb=2)
    with Simulator(options) as simulator, Vault.create_or_open(tmp_path / "looker.db") as vault:
        ids = victims(simulator)
        then = put(simulator, random, ids, "then")
        with client(simulator) as looker:
            capture(vault, looker)
        now = put(simulator, random, ids, "now")
        redraw(random, simulator)
        with client(simulator) as looker:
            run = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(), sleep=lambda _: None)
            report = restore(run, 4)
        proofs = {item.key: item for item in report.proof.items}
        for table, row_id in ids.items():
            owner = ContentKey(FIELDS[table][1], ids["dashboards"] if table == "dashboard_elements" else row_id)
            named = {path.rpartition(".")[2] for path, _ in proofs[owner].lost} if owner in proofs else set()
            live = simulator.world[table].rows[row_id]
            there = simulator.world.api.properties(FIELDS[table][0])
            values = {name: value for name, value in then[table].items() if name in there or value is not None}
            left = {name for name, value in values.items() if (live.get(name) or None) != value}
            told = {name: (there.get(name), then[table][name], now[table][name]) for name in left - named}
            assert left <= named, (table, told, proofs.get(owner))
            assert not left or proofs[owner].verdict != "identical"
