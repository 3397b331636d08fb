"""A payload of a shape that nobody knows blocks its own item and no other one."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.exchange.reading import import_directory
from lookervault_core.exchange.writing import export_directory
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault

ODD = [
    ("dashboard_elements", "x"),
    ("dashboard_elements", [None]),
    ("dashboard_elements", [{"id": "1", "result_maker": "x"}]),
    ("dashboard_elements", [{"id": "1", "result_maker": {"filterables": [None]}}]),
    ("dashboard_elements", [{"id": "1", "query": "x", "query_id": "1"}]),
    ("certification_metadata", "certified"),
    ("folder", "x"),
]


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone"])
@pytest.mark.parametrize(("field", "value"), ODD)
def test_an_item_of_an_odd_shape_does_not_keep_the_others_from_coming_back(
    field, value, gone, backed_up, simulator, looker, tmp_path
):
    export_directory(backed_up, tmp_path / "out")
    rows = [dict(row) for row in simulator.world["dashboards"] if not row["deleted"]]
    odd, other = rows[0], rows[-1]
    (file,) = (
        one
        for one in (tmp_path / "out" / "dashboards").rglob("*.json")
        if json.loads(one.read_bytes())["id"] == odd["id"]
    )
    file.write_bytes(json.dumps({**json.loads(file.read_bytes()), field: value}).encode())
    import_directory(tmp_path / "out", tmp_path / "new.db", accept_edits=True)
    mutate(simulator.world, "update", "dashboards", other["id"], {"title": "Wrecked"})
    mutate(
        simulator.world, "delete" if gone else "update", "dashboards", odd["id"], *([] if gone else [{"title": "Odd"}])
    )
    with Vault.open(tmp_path / "new.db") as vault:
        run = RestoreRun(vault, looker, Selection.bulk("dashboards"), sleep=lambda _: None)
        steps = {step.id: step for step in run.plan().steps if step.content_type == "dashboards"}
        if steps[odd["id"]].action == "blocked":
            assert "not of the shape that Looker describes" in steps[odd["id"]].reason
        assert steps[other["id"]].action == "update"
        restore(run)
    assert simulator.world["dashboards"].rows[other["id"]]["title"] == other["title"]
