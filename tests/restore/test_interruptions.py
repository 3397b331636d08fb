"""A restore that is killed at any step of its journal, and then resumed, makes no duplicate and finishes the job."""

from __future__ import annotations

import pytest

from lookervault_core.restore.drivers import restore, resumed
from lookervault_core.restore.run import RestoreOptions, RestoreRun
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.vault import Vault, journal


class Killed(BaseException):
    """The process ends here: nothing catches this."""


class Axe:
    """Counts the journal's commits and falls at one of them: before it, or right after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, falls_at: int) -> None:
        self.count = 0
        self.falls_at = falls_at
        for name in ("intend", "conclude"):
            monkeypatch.setattr(journal, name, self._around(getattr(journal, name)))

    def _around(self, commit):
        def wrapped(*args, **kwargs):
            self._swing()
            result = commit(*args, **kwargs)
            self._swing()
            return result

        return wrapped

    def _swing(self) -> None:
        self.count += 1
        if self.count == self.falls_at:
            raise Killed


def wreck(simulator: Simulator) -> dict[str, int]:
    """Delete for good a dashboard with alerts, a look, a board and a group; return how many there were of each kind."""
    world = simulator.world
    kinds = (
        "dashboards",
        "looks",
        "boards",
        "scheduled_plans",
        "groups",
        "dashboard_elements",
        "alerts",
        "board_items",
    )
    counts = {kind: len(world[kind]) for kind in kinds}
    alive = [row for row in world["dashboards"] if not row["deleted"]]
    dashboard = min(alive, key=lambda row: len(world.parts("dashboard_elements", row["id"])))
    counts["dashboard_elements"] = len(world["dashboard_elements"])
    mutate(world, "delete", "dashboards", dashboard["id"])
    mutate(world, "delete", "looks", next(row["id"] for row in world["looks"] if not row["deleted"]))
    mutate(world, "delete", "boards", next(iter(world["boards"]))["id"])
    mutate(world, "delete", "groups", [row for row in world["groups"] if not row["externally_managed"]][-1]["id"])
    return counts


# Each run is killed at every eleventh commit; the eleven of them together walk through all.
@pytest.mark.parametrize("start", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 12))])
def test_a_killed_restore_resumes_without_duplicates(start, tmp_path, monkeypatch, connect, back_up):
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        connect(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        back_up(vault, looker)
        before = wreck(simulator)
        at = start
        while True:
            axe = Axe(monkeypatch, at)
            selection = Selection.everything()
            run = (
                resumed(vault, looker)
                if at > start
                else RestoreRun(vault, looker, selection, RestoreOptions(workers=1))
            )
            try:
                report = restore(run, 1)
                break
            except Killed:
                monkeypatch.undo()
                at += 11
                axe.falls_at = 0
        monkeypatch.undo()
        assert [str(one.key) for one in report.proof.items if one.verdict == "different"] == []
        assert report.dead_letters == 0
        again = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(workers=1)).plan()
        assert [(s.content_type, s.id, s.action) for s in again.steps if s.action != "skip"] == []
        after = {kind: len(simulator.world[kind]) for kind in before}
        assert {kind: n for kind, n in after.items() if n > before[kind]} == {}


STORM = (
    {"kind": "429", "method": "write", "every": 7, "retry_after_s": 0},
    {"kind": "503", "method": "write", "every": 11, "retry_after_s": 0},
    {"kind": "reset_after", "method": "write", "every": 9},
    {"kind": "500_html", "every": 23},
)


def test_a_storm_of_faults_makes_no_duplicate_and_loses_nothing(run_of, simulator):
    before = wreck(simulator)
    for rule in STORM:
        simulator.faults.add(**rule)
    report = restore(run_of(), 4)
    simulator.faults.clear()
    report = restore(run_of(), 4)
    assert [str(one.key) for one in report.proof.items if one.verdict in ("different", "failed")] == []
    assert [(s.content_type, s.id, s.action) for s in run_of().plan().steps if s.action != "skip"] == []
    after = {kind: len(simulator.world[kind]) for kind in before}
    assert {kind: n for kind, n in after.items() if n > before[kind]} == {}


def test_a_token_that_dies_half_way_is_renewed(run_of, simulator):
    wreck(simulator)
    simulator.faults.add(kind="revoke", method="write", after=5, first=1)
    assert restore(run_of(), 4).status == "completed"


def test_a_fresh_object_that_a_cluster_does_not_know_yet_is_waited_for(run_of, simulator):
    wreck(simulator)
    simulator.faults.add(kind="lag", operation="create_dashboard", reads=2)
    assert restore(run_of(), 4).status == "completed"
