"""Release 24.x shows a query by its slug alone: what a merge query names by number is asked for by that."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def merging(simulator: Simulator) -> str:
    """Return a dashboard with a merge query behind a tile."""
    tiles = (row for row in simulator.world["dashboard_elements"] if row["merge_result_id"] and not row.get("_deleted"))
    living = {row["id"] for row in simulator.world["dashboards"] if not row["deleted"]}
    return next(row["dashboard_id"] for row in tiles if row["dashboard_id"] in living)


@pytest.mark.parametrize("named", ["", "only"], ids=["number and slug", "slug alone"])
def test_a_merge_query_whose_queries_have_slugs_only_is_backed_up_whole_and_restored(named, vault, looker, simulator):
    simulator.bends.on("queries_by_slug", named)
    before, gone = oracle.dump(simulator.world), merging(simulator)
    snapshot = vault.snapshot(capture(vault, looker))
    assert (snapshot.status, [str(one.hole) for one in vault.holes(snapshot.snapshot_id)]) == ("complete", [])
    mutate(simulator.world, "delete", "dashboards", gone)
    report = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(), sleep=lambda _: None), 4)
    assert [(str(one.key), one.verdict) for one in report.proof.items if one.verdict in ("different", "failed")] == []
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if "merge" in line or "tile" in line] == []


def test_numbers_are_asked_for_once_and_no_more_where_they_are_not_taken(vault, looker, simulator):
    simulator.bends.on("queries_by_slug")
    capture(vault, looker)
    queries = len(vault.items("queries"))
    asked = simulator.calls.by_operation
    assert (queries > 2, asked["query_for_slug"] >= queries - 2) == (True, True)
    assert asked["query"] <= 2 * 4  # those that were on their way when the first one was not taken


def test_other_releases_are_asked_by_number_and_a_query_that_is_gone_is_a_hole(vault, looker, simulator):
    merge = next(iter(simulator.world["merge_queries"]))
    source = merge["source_queries"][0]
    simulator.world["queries"].remove(source["query_id"])
    snapshot_id = capture(vault, looker)
    assert {one.hole.id for one in vault.holes(snapshot_id) if one.hole.content_type == "queries"} <= {
        source["query_id"]
    }
    assert simulator.calls.by_operation["query_for_slug"] <= 3


def test_another_instance_of_that_release_knows_its_merge_queries_again(backed_up, connect):
    options = SimulatorOptions(scale="tiny", id_offset=5000, bends=("queries_by_slug",))
    with Simulator(options) as other, connect(other) as looker:
        run = RestoreRun(backed_up, looker, Selection.everything(), RestoreOptions(target="other", workers=4))
        assert [str(step.key) for step in run.plan().steps if step.writes and step.content_type == "dashboards"] == []
