"""Groups of tiles (26.18): who is in which comes back; a group that is gone is named, for no call makes one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, cascades, mutate, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.simulated import capture_all, client

RELEASE = "26.22"


def newest(**options: Any) -> Simulator:
    return Simulator(SimulatorOptions(scale="tiny", release=RELEASE, dashboard_kb=2, **options))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with newest() as running:
        yield running


def group_of(simulator: Simulator) -> tuple[dict, list[dict]]:
    """Return a group and the places in it."""
    places = simulator.world["dashboard_layout_components"]
    group = next(row for row in places if not row["dashboard_element_id"])
    return group, [row for row in places if row["group_id"] == group["id"]]


def dashboard_of(simulator: Simulator, place: dict) -> str:
    return simulator.world["dashboard_layouts"].rows[place["dashboard_layout_id"]]["dashboard_id"]


def restored(vault: Vault, looker: Looker, dashboard: str, **options: Any) -> Report:
    selection = Selection.single("dashboards", dashboard)
    return restore(RestoreRun(vault, looker, selection, RestoreOptions(**options), sleep=lambda _: None))


def losses(report: Report, dashboard: str) -> dict[str, str]:
    return {
        path: why
        for one in report.proof.items
        if one.key == ContentKey("dashboards", dashboard)
        for path, why in one.lost
    }


def test_an_undo_of_an_undo_puts_a_tile_that_went_to_another_tab_back_into_its_group(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    group, members = group_of(simulator)
    dashboard = dashboard_of(simulator, group)
    tab = mutate(simulator.world, "create", "dashboard_layouts", group["dashboard_layout_id"], {"label": "Other"})
    simulator.world["dashboard_layouts"].change(tab, active=False)
    tile = members[0]["dashboard_element_id"]
    looker.patch("people", f"/dashboard_elements/{tile}", json.dumps({"dashboard_layout_id": tab}).encode())
    assert members[0]["group_id"] is None
    report = restored(backed_up, looker, dashboard)
    for now in (None, group["id"]):
        report = undo(backed_up, looker, report.session_id)
        assert (report.status, losses(report, dashboard), members[0]["group_id"]) == ("completed", {}, now)


@pytest.mark.parametrize("exact", [False, True])
def test_tiles_go_back_into_their_group(exact: bool, backed_up: Vault, looker: Looker, simulator: Simulator) -> None:
    group, members = group_of(simulator)
    dashboard = dashboard_of(simulator, group)
    before = oracle.dump(simulator.world)
    places = simulator.world["dashboard_layout_components"]
    places.change(members[0]["id"], group_id=None)
    places.change(group["id"], row=99, height=2)
    cascades.remove_tile(simulator.world, members[1]["dashboard_element_id"])
    outsider = next(
        row
        for row in places.where("dashboard_layout_id", group["dashboard_layout_id"])
        if row["dashboard_element_id"] and not row["group_id"] and not row["deleted"]
    )
    places.change(outsider["id"], group_id=group["id"])
    report = restored(backed_up, looker, dashboard, exact=exact)
    assert (report.status, losses(report, dashboard)) == ("completed", {})
    assert oracle.differences(before, oracle.dump(simulator.world)) == []
    assert len(group_of(simulator)[1]) == len(members)
    assert restored(backed_up, looker, dashboard, exact=exact).writes == 0


def test_a_group_that_is_gone_is_named_and_its_tiles_are_placed(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    group, members = group_of(simulator)
    dashboard = dashboard_of(simulator, group)
    mutate(simulator.world, "delete", "dashboards", dashboard)
    report = restored(backed_up, looker, dashboard)
    lost = losses(report, dashboard)
    (proof,) = (one for one in report.proof.items if one.key == ContentKey("dashboards", dashboard))
    assert report.status == "completed"
    assert [why for why in lost.values() if "no call makes a group of tiles" in why]
    assert len([path for path in lost if path.endswith(".group_id")]) == len(members)
    tiles = simulator.world.parts("dashboard_elements", proof.destination_id or "")
    assert {tile["title"] for tile in tiles} >= {
        simulator.world["dashboard_elements"].rows[one["dashboard_element_id"]]["title"]
        for one in members
        if one["dashboard_element_id"] in simulator.world["dashboard_elements"]
    }
    assert restored(backed_up, looker, dashboard).writes == 0


def test_a_group_too_many_stays_empty_and_is_named_by_an_exact_restore(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    group, members = group_of(simulator)
    dashboard = dashboard_of(simulator, group)
    places = simulator.world["dashboard_layout_components"]
    other = places.add({**group, "id": None, "row": 80})
    places.change(members[0]["id"], group_id=other["id"])
    report = restored(backed_up, looker, dashboard, exact=True)
    assert places.rows[members[0]["id"]]["group_id"] == group["id"]
    assert [why for why in losses(report, dashboard).values() if "no call removes a group of tiles" in why]


@pytest.mark.parametrize("moved", [False, True], ids=["as in the backup", "moved and regrouped"])
def test_on_another_instance_a_group_is_known_by_its_tiles(moved: bool, tmp_path: Path) -> None:
    with newest() as ours, newest(id_offset=5000) as theirs, client(ours) as looker, client(theirs) as other:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture_all(vault, looker, ours)
            group, members = group_of(theirs)
            places = theirs.world["dashboard_layout_components"]
            if moved:
                places.change(group["id"], row=99, width=9)
                places.change(members[1]["id"], group_id=None)
            dashboard = dashboard_of(ours, group_of(ours)[0])
            report = restored(vault, other, dashboard, target="other", exact=True)
        assert (report.status, losses(report, dashboard)) == ("completed", {})
        ours_now, theirs_now = (oracle.dump(one.world) for one in (ours, theirs))
        assert [line for line in oracle.differences(ours_now, theirs_now) if line.startswith("dashboards")] == []
        assert {row["group_id"] for row in members} == {group["id"]}


def test_on_an_older_release_the_groups_are_named(simulator: Simulator, looker: Looker, backed_up: Vault) -> None:
    options = SimulatorOptions(scale="tiny", release="26.12", id_offset=5000, dashboard_kb=2)
    with Simulator(options) as older, client(older) as other:
        group, members = group_of(simulator)
        dashboard = dashboard_of(simulator, group)
        report = restored(backed_up, other, dashboard, target="older")
    named = [path for path in losses(report, dashboard) if path.endswith("group_id")]
    assert (report.status, len(named)) == ("completed", len(members))


@pytest.mark.parametrize("how", ["tile", "dashboard"])
def test_a_group_that_is_a_tile_is_made_anew_with_its_tiles_in_it(how: str, tmp_path: Path) -> None:
    """Nothing says of groups what they are in the API; in LookML they are elements (`groups_are_tiles`)."""
    with newest(bends=("groups_are_tiles",)) as simulator, client(simulator) as looker:
        world = simulator.world
        places = world["dashboard_layout_components"]
        member = next(row for row in places if row["group_id"])
        dashboard, group = dashboard_of(simulator, member), places.rows[member["group_id"]]
        before = oracle.dump(world)
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture_all(vault, looker, simulator)
            if how == "dashboard":
                mutate(world, "delete", "dashboards", dashboard)
            else:
                for row in [row for row in places if row["group_id"] == group["id"]]:
                    places.change(row["id"], group_id=None)
                cascades.remove_tile(world, group["dashboard_element_id"])
            report = restored(vault, looker, dashboard)
            assert restored(vault, looker, dashboard).writes == 0
        assert (report.status, losses(report, dashboard)) == ("completed", {})
        assert oracle.differences(before, oracle.dump(world)) == []
        assert sum(bool(row["group_id"]) for row in places) == 2
