"""What went from one instance to another goes on to a third, or back: names and the id map lead to it, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client

KEPT_BY_STRUCTURE = ("queries", "merge_queries")  # palettes have ids of their own, so queries with colours differ


def run_onto(vault: Vault, looker: Looker, target: str) -> RestoreRun:
    return RestoreRun(
        vault, looker, Selection.everything(), RestoreOptions(target=target, workers=4), sleep=lambda _: None
    )


def counts(simulator: Simulator) -> dict[str, int]:
    return {name: len(table) for name, table in simulator.world.tables.items() if name not in KEPT_BY_STRUCTURE}


def wrong(report: Report) -> list[str]:
    """Return what is not as in the backup, but for places: Looker makes one for every new tile, and none for an old one."""
    bad = [one for one in report.proof.items if one.verdict in ("different", "failed")]
    places = [one for one in bad if one.fields and all(".places[" in change.path for change in one.fields)]
    return [f"{one.key}: {one.fields} {one.lost}" for one in bad if one not in places]


@pytest.fixture
def second(backed_up: Vault, tmp_path: Path) -> Iterator[tuple[Simulator, Vault]]:
    """An instance with content of its own that got everything of the first one, and its own backup."""
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, client(other) as looker:
        assert wrong(restore(run_onto(backed_up, looker, "second"), 4)) == []
        with Vault.create_or_open(tmp_path / "second.db") as vault:
            capture(vault, looker)
            yield other, vault


def test_what_comes_back_from_another_instance_is_what_it_was(second, simulator, looker):
    other, vault = second
    ids = {
        name: set(simulator.world[name].rows)
        for name in ("dashboards", "looks", "boards", "users", "folders", "groups")
    }
    assert wrong(restore(run_onto(vault, looker, "first"), 4)) == []
    assert counts(simulator) == counts(other)
    for name, ones in ids.items():
        assert ones <= set(simulator.world[name].rows)
    assert [step.key for step in run_onto(vault, looker, "first").plan().steps if step.action == "create"] == []


def test_a_chain_ends_where_it_would_have_ended_at_once(second):
    other, vault = second
    with Simulator(SimulatorOptions(scale="tiny", id_offset=9000)) as third, client(third) as looker:
        assert wrong(restore(run_onto(vault, looker, "third"), 4)) == []
        assert counts(third) == counts(other)
        assert [step.key for step in run_onto(vault, looker, "third").plan().steps if step.action == "create"] == []


def test_what_was_renamed_where_it_came_back_to_is_found_by_the_id_map(second, simulator, looker):
    _, vault = second
    restore(run_onto(vault, looker, "first"), 4)
    before = counts(simulator)
    renamed = {
        name: next(row["id"] for row in simulator.world[name] if not row.get("deleted")) for name in ("looks", "boards")
    }
    titles = {name: simulator.world[name].rows[one]["title"] for name, one in renamed.items()}
    for name, one in renamed.items():
        mutate(simulator.world, "update", name, one, {"title": "by another name"})
    assert wrong(restore(run_onto(vault, looker, "first"), 4)) == []
    assert counts(simulator) == before
    assert {name: simulator.world[name].rows[one]["title"] for name, one in renamed.items()} == titles
