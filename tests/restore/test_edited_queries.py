"""A query that was edited in an export is a new query: the edit decides, not the id that stands beside it."""

from __future__ import annotations

import json

import pytest

from lookervault_core.exchange import export_directory, import_directory
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault


def edited(vault, tmp_path, kind, item_id, change):
    """Return the vault of an export of which *change* has edited one file."""
    export_directory(vault, tmp_path / "out")
    files = (tmp_path / "out").rglob("*.json")
    file = next(one for one in files if one.parent.name == kind and json.loads(one.read_text()).get("id") == item_id)
    payload = json.loads(file.read_text())
    change(payload)
    file.write_text(json.dumps(payload))
    import_directory(tmp_path / "out", tmp_path / "new.db", accept_edits=True)
    return tmp_path / "new.db"


@pytest.mark.parametrize("change", [{"limit": "77"}, {"view": "renamed"}], ids=["the limit", "the explore"])
def test_an_edited_query_of_a_tile_is_written(change, vault, looker, simulator, back_up, tmp_path):
    world = simulator.world
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    homes = {row["id"] for row in world["dashboards"] if not row["deleted"]}
    tile = next(row for row in world["dashboard_elements"] if row["query_id"] and row["dashboard_id"] in homes)
    before = tile["query_id"]
    back_up(vault, looker)

    def edit(payload):
        for one in payload["dashboard_elements"]:
            if one["id"] == tile["id"]:
                one["query"] |= change
                one["result_maker"] = {**one["result_maker"], "query": one["query"]}

    path = edited(vault, tmp_path, "dashboards", tile["dashboard_id"], edit)
    with Vault.open(path) as new:
        run = RestoreRun(new, looker, Selection.single("dashboards", tile["dashboard_id"]))
        assert any(f".query.{name}" in field.path for name in change for field in run.plan().steps[0].fields)
        assert restore(run).status == "completed"
        now = world["dashboard_elements"].rows[tile["id"]]
        assert now["query_id"] != before
        assert world.find("queries", now["query_id"]).items() >= change.items()


def test_an_edited_query_of_a_look_is_written(vault, looker, simulator, back_up, tmp_path):
    world = simulator.world
    look = next(row for row in world["looks"] if not row["deleted"])
    back_up(vault, looker)
    path = edited(vault, tmp_path, "looks", look["id"], lambda payload: payload["query"].update(limit="77"))
    with Vault.open(path) as new:
        assert restore(RestoreRun(new, looker, Selection.single("looks", look["id"]))).status == "completed"
    assert world.find("queries", world["looks"].rows[look["id"]]["query_id"])["limit"] == "77"
