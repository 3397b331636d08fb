"""Fields that nobody has heard of: what Looker says can be written comes back, everything else that differs is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle, wreck
from looker_simulator.future import KINDS
from looker_simulator.seed.future import ROWS
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client

SEEDS = range(1, 1 + int(os.environ.get("LOOKERVAULT_FUTURE_SEEDS", "1")))
FIELDS = 40
UNDESCRIBED = "x_unknown_to_the_spec"  # the simulator has one field that it says nothing about


def restored(vault: Vault, looker: Any, selection: Selection | None = None, **options: Any) -> Report:
    run = RestoreRun(
        vault, looker, selection or Selection.everything(), RestoreOptions(**options), sleep=lambda _: None
    )
    return restore(run, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_wreckage_every_field_is_as_before(seed: int, tmp_path: Path) -> None:
    options = SimulatorOptions(scale="small", seed=seed, release="26.22", future=FIELDS, dashboard_kb=4)
    with Simulator(options) as simulator, client(simulator) as looker:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            before = simulator.oracle()
            done = wreck(simulator.world, seed, extras=False)
            report = restored(vault, looker, exact=True)
        assert [line for line in done if "newer fields" in line]
        assert (oracle.differences(before, simulator.oracle()), report.status) == ([], "completed")
        assert {path for one in report.proof.items for path, why in one.lost if "description" in why} <= {UNDESCRIBED}


def alive(simulator: Simulator, table: str) -> dict[str, Any]:
    world = simulator.world
    lying = {
        row["id"]
        for one in ("dashboards", "boards")
        for row in world[one]
        if row.get("deleted") or row.get("deleted_at")
    }
    rows = (row for row in world[table] if not row.get("deleted") and not row.get("_deleted"))
    return next(row for row in rows if row.get("dashboard_id") not in lying)


@pytest.mark.parametrize("made_anew", [False, True], ids=["changed", "made anew"])
def test_a_field_that_is_refused_by_name_is_left_out_alone(made_anew: bool, tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator, client(simulator) as looker:
        tile = next(one for one in simulator.world["dashboard_elements"] if one["query_id"] and one["title"])
        dashboard = tile["dashboard_id"]
        mutate(simulator.world, "update", "dashboards", dashboard, {"title_color": "#111111", "description": "then"})
        mutate(
            simulator.world, "update", "dashboard_elements", tile["id"], {"note_text": "then", "subtitle_text": "then"}
        )
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            if made_anew:
                mutate(simulator.world, "delete", "dashboards", dashboard)
            else:
                now = {"title_color": "#222222", "description": "now"}
                mutate(simulator.world, "update", "dashboards", dashboard, now)
                now = {"note_text": "now", "subtitle_text": "now"}
                mutate(simulator.world, "update", "dashboard_elements", tile["id"], now)
            simulator.bends.on("refused_fields", "Dashboard.title_color+DashboardElement.note_text")
            report = restored(vault, looker, Selection.single("dashboards", dashboard))
        (proof,) = (one for one in report.proof.items if one.key == ContentKey("dashboards", dashboard))
        lost = {path.rpartition(".")[2] for path, reason in proof.lost if "refuses it" in reason}
        there = simulator.world["dashboards"].rows[proof.destination_id or ""]
        tiles = simulator.world.parts("dashboard_elements", there["id"])
        assert (report.status, lost) == ("completed", {"title_color", "note_text"})
        assert there["description"] == "then"
        assert "then" in [one["subtitle_text"] for one in tiles]


@pytest.mark.parametrize("release", ["26.4", "26.12"])
def test_onto_an_older_release_every_lost_field_is_named(release: str, tmp_path: Path) -> None:
    newer = SimulatorOptions(scale="tiny", seed=3, release="26.22", future=FIELDS, dashboard_kb=2)
    older = SimulatorOptions(scale="tiny", seed=8, release=release, id_offset=5000, dashboard_kb=2)
    with Simulator(newer) as ours, Simulator(older) as theirs, client(ours) as looker, client(theirs) as other:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            report = restored(vault, other, target="older")
        named = {(one.key.content_type, path.rpartition(".")[2]) for one in report.proof.items for path, _ in one.lost}
        for table, content_type in (
            ("dashboards", "dashboards"),
            ("looks", "looks"),
            ("alerts", "alerts"),
            ("boards", "boards"),
        ):
            shape = ROWS[table][0]
            for prop in (*ours.world.api.newer(shape), *ours.world.api.beyond(shape)):
                if any(row.get(prop.name) is not None for row in ours.world[table] if not row.get("deleted")):
                    assert (content_type, prop.name) in named, (table, prop.name)
        newer_ones = [reason for one in report.proof.items for path, reason in one.lost if path == "style"]
        assert {"newer than the destination" in reason for reason in newer_ones} == {True}


@pytest.mark.parametrize("seed", SEEDS)
def test_on_another_instance_what_is_not_as_in_the_backup_is_named(seed: int, tmp_path: Path) -> None:
    options: dict[str, Any] = {"scale": "tiny", "seed": seed, "release": "26.22", "future": FIELDS, "dashboard_kb": 2}
    ours, theirs = (Simulator(SimulatorOptions(**options, id_offset=offset)) for offset in (0, 5000))
    with ours, theirs, client(ours) as looker, client(theirs) as other:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            wreck(theirs.world, seed, extras=False)
            report = restored(vault, other, target="other", exact=True)
        newer = {prop.name for kind in KINDS for prop in (*ours.world.api.newer(kind), *ours.world.api.beyond(kind))}
        # An agent of the backup is made beside one of its name that is another one there, and so has its number.
        lines = (one.split(": ")[0].split(" › ") for one in oracle.differences(ours.oracle(), theirs.oracle()))
        lines = (line for line in lines if line[0] != "agents")
        differing = {part.partition("[")[0] for line in lines for part in line} & newer
        named = {path.rpartition(".")[2] for one in report.proof.items for path, _ in one.lost}
        assert (differing - named, report.status) == (set(), "completed")
