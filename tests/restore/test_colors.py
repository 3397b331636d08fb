"""A colour collection that is made again has a new id; everything that is drawn in its colours follows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.simulated import capture, client


def test_the_queries_behind_a_merge_tile_follow_a_collection_that_is_made_again(tmp_path: Path):
    with (
        Simulator(SimulatorOptions(scale="small", seed=5)) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "v.db") as vault,
    ):
        capture(vault, looker)
        before = oracle.dump(simulator.world)
        custom = [row["id"] for row in simulator.world["color_collections"] if len(row["id"]) > 20]
        for one in custom:
            mutate(simulator.world, "delete", "color_collections", one)
        report = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(workers=4)), 4)
        assert custom
        assert report.status == "completed"
        left = [
            line for line in oracle.differences(before, oracle.dump(simulator.world)) if "color_application" in line
        ]
        assert [line for line in left if "(trash)" not in line] == []


def palette(label, color):
    return {"label": label, "type": "Categorical", "colors": [color]}


def corporate(looker, *palettes):
    """Make a collection of these palettes and return it as Looker answers: ids are Looker's own."""
    body = {"label": "Corporate", "categoricalPalettes": palettes, "sequentialPalettes": [], "divergingPalettes": []}
    return json.loads(looker.post("setup", "/color_collections", json.dumps(body).encode()).body)


def ids_of(collection):
    return {one["label"]: one["id"] for one in collection["categoricalPalettes"]}


def colors_of(world):
    found = ((row["vis_config"] or {}).get("color_application") or {} for row in world["queries"])
    return {(one.get("collection_id"), one.get("palette_id")) for one in found}


@pytest.mark.parametrize("in_order", [True, False], ids=["equal", "in another order"])
def test_on_another_instance_a_collection_that_is_there_already_lends_its_own_palettes(
    in_order, simulator, looker, vault
):
    night, day = palette("Night", "#111111"), palette("Day", "#eeeeee")
    ours = corporate(looker, night, day)
    drawn = {"collection_id": ours["id"], "palette_id": ids_of(ours)["Night"]}
    for query in simulator.world["queries"]:
        vis_config = {**(query["vis_config"] or {}), "color_application": drawn, "n": query["id"]}
        simulator.world["queries"].change(query["id"], vis_config=vis_config)
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=500, seed=9)) as other, client(other) as there:
        theirs = corporate(there, *((night, day) if in_order else (day, night)))
        report = restore(RestoreRun(vault, there, Selection.everything(), RestoreOptions(target="other")))
        assert report.status == "completed"
        used = {one for one in colors_of(other.world) if one[0] == theirs["id"]}
        assert used == {(theirs["id"], ids_of(other.world["color_collections"].get(theirs["id"]))["Night"])}
        again = RestoreRun(vault, there, Selection.everything(), RestoreOptions(target="other")).plan()
        assert not again.of("looks")


@pytest.fixture
def theme(simulator, looker, vault):
    """A theme in the backup whose colour collection was gone already."""
    gone = corporate(looker, palette("Night", "#111111"))["id"]
    themes, default = simulator.world["themes"], simulator.world.default_theme_id
    one = next(row for row in themes if row["settings"] and row["id"] != default)
    settings = {**one["settings"], "color_collection_id": gone, "background_color": "#123456"}
    mutate(simulator.world, "update", "themes", one["id"], {"settings": settings})
    mutate(simulator.world, "delete", "color_collections", gone)
    capture(vault, looker)
    return one["id"]


def restored(vault, looker, theme):
    def run():
        return RestoreRun(vault, looker, Selection.single("themes", theme), RestoreOptions())

    report = restore(run())
    assert (report.status, run().plan().of("themes")) == ("completed", ())
    return [field for item in report.proof.items for field, _ in item.lost]


def test_a_theme_whose_collection_is_gone_is_made_again_with_all_its_other_settings(simulator, looker, vault, theme):
    name = simulator.world["themes"].get(theme)["name"]
    mutate(simulator.world, "delete", "themes", theme)
    assert restored(vault, looker, theme) == ["settings.color_collection_id"]
    (again,) = [row for row in simulator.world["themes"] if row["name"] == name]
    assert again["settings"]["background_color"] == "#123456"
    assert again["settings"].get("color_collection_id") is None


def test_a_theme_whose_collection_is_gone_gets_its_other_settings_back_and_keeps_its_collection(
    simulator, looker, vault, theme
):
    now = corporate(looker, palette("Day", "#eeeeee"))["id"]
    settings = simulator.world["themes"].get(theme)["settings"]
    mutate(
        simulator.world,
        "update",
        "themes",
        theme,
        {"settings": {**settings, "background_color": "#ffffff", "color_collection_id": now}},
    )
    assert restored(vault, looker, theme) == ["settings.color_collection_id"]
    settings = simulator.world["themes"].get(theme)["settings"]
    assert (settings["background_color"], settings["color_collection_id"]) == ("#123456", now)


def test_a_collection_with_the_name_of_a_standard_one_is_made_beside_it(simulator, looker, vault):
    standard = next(row for row in simulator.world["color_collections"] if row["id"] == "google")
    ours = corporate(looker, palette("Night", "#111111"))
    mutate(simulator.world, "update", "color_collections", ours["id"], {"label": standard["label"]})
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=500, seed=9)) as other, client(other) as there:
        before = dict(other.world["color_collections"].rows["google"])

        def run():
            return RestoreRun(
                vault, there, Selection.bulk("color_collections"), RestoreOptions(target="other"), sleep=lambda _: None
            )

        # As a release that took the one for the other left it.
        with vault.write() as db:
            db.execute(
                "INSERT INTO id_mappings VALUES ('other', 'color_collections', ?, 'google', 'earlier', '2026-01-01')",
                (ours["id"],),
            )
        assert (restore(run()).status, other.world["color_collections"].rows["google"]) == ("completed", before)
        made = [row for row in other.world["color_collections"] if row["label"] == standard["label"]]
        assert len(made) == 2
        assert run().plan().of("color_collections") == ()


def test_an_undo_puts_palettes_back_in_the_order_that_they_had(simulator, looker, vault):
    """Looker makes the ids of palettes of their places, so that what was sent and what is there have other ones."""
    world = simulator.world
    one = next(row["id"] for row in world["color_collections"] if len(row["id"]) > 20)
    ordered = [palette(label, "#000000") for label in "abc"]

    def give(palettes):
        looker.patch("update", f"/color_collections/{one}", json.dumps({"categoricalPalettes": palettes}).encode())

    def labels():
        return [each["label"] for each in world["color_collections"].get(one)["categoricalPalettes"]]

    give(ordered)
    capture(vault, looker)
    give(json.loads(looker.get("read", f"/color_collections/{one}").body)["categoricalPalettes"][::-1])
    report = restore(RestoreRun(vault, looker, Selection.single("color_collections", one)))
    assert labels() == ["a", "b", "c"]
    undone = undo(vault, looker, report.session_id)
    assert (undone.status, labels()) == ("completed", ["c", "b", "a"])
    assert (undo(vault, looker, undone.session_id).status, labels()) == ("completed", ["a", "b", "c"])
