"""An order is one thing: where people have moved tabs, sections or items since a restore, an undo leaves the whole order as
they gave it and names it; where they have moved nothing, it is as before the restore."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from looker_simulator import Simulator
from lookervault_core.families.rows_since import SINCE
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from tests.restore.test_edits_since import patch
from tests.restore.test_moved_parts import tabs
from tests.restore.test_taking_back import post


class Tabs:
    """The order of the tabs of a dashboard: a number of each."""

    def __init__(self, simulator: Simulator, looker: Looker) -> None:
        self._simulator, self._looker = simulator, looker
        dashboard = next(row["id"] for row in simulator.world["dashboards"] if len(tabs(simulator, row["id"])) > 2)
        self.key = ContentKey("dashboards", dashboard)
        self.named = 2  # the two that the restore wrote

    def now(self) -> list[str]:
        rows = self._simulator.world.parts("dashboard_layouts", self.key.id)
        assert len({row["order"] for row in rows}) == len(rows), "two tabs have one place"
        return [row["id"] for row in sorted(rows, key=lambda row: row["order"])]

    def set(self, order: list[str]) -> None:
        for place, one in enumerate(order):
            patch(self._looker, f"/dashboard_layouts/{one}", order=place)


class Sections:
    """The order of the sections of a board."""

    table, field = "boards", "section_order"

    def __init__(self, simulator: Simulator, looker: Looker) -> None:
        self.world, self._looker = simulator.world, looker
        self.board = next(row["id"] for row in self.world["boards"] if len(row["section_order"]) > 2)
        self.key, self.at = ContentKey("boards", self.board), self.board
        self.named = 1

    def now(self) -> list[str]:
        return next(list(row[self.field]) for row in self.world[self.table] if row["id"] == self.at)

    def set(self, order: list[str]) -> None:
        patch(self._looker, f"/{self.table}/{self.at}", **{self.field: order})


class Items(Sections):
    """The order of the items of a section."""

    table, field = "board_sections", "item_order"

    def __init__(self, simulator: Simulator, looker: Looker) -> None:
        self.world, self._looker = simulator.world, looker
        section = next(row for row in self.world["board_sections"] if len(row["item_order"]) > 2)
        self.key, self.at = ContentKey("boards", section["board_id"]), section["id"]
        self.named = 1


@pytest.fixture
def a_third_section(simulator: Simulator, looker: Looker) -> None:
    """Give a board more than two sections before it is backed up."""
    board = next(row["id"] for row in simulator.world["boards"] if len(row["section_order"]) == 2)
    post(looker, "/board_sections", board_id=board, title="Third")


@pytest.mark.usefixtures("a_third_section")
@pytest.mark.parametrize("kind", [Tabs, Sections, Items])
@pytest.mark.parametrize("moved", [True, False])
def test_an_order_that_people_changed_since_stays_whole_and_is_named(
    kind: Callable, moved, simulator, looker, run_of, backed_up
):
    order = kind(simulator, looker)
    good = order.now()
    first, second, third, *rest = good
    wrecked = [second, first, third, *rest]
    order.set(wrecked)
    report = restore(run_of(Selection(keys=(order.key,))))
    assert (report.status, order.now()) == ("completed", good)
    theirs = [first, third, second, *rest]
    if moved:
        order.set(theirs)
    with undoing(backed_up, looker, report.session_id) as run:
        planned = list(named(next(step.lost for step in run.plan().steps if step.key == order.key)))
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert order.now() == (theirs if moved else wrecked)
    told = list(named(next(one.lost for one in taken.proof.items if one.key == order.key)))
    assert sorted(told) == sorted(planned)
    assert len(told) >= order.named if moved else not told
    assert undo(backed_up, looker, report.session_id).writes == 0


def named(lost) -> Iterator[str]:
    return (path for path, why in lost if why == SINCE)
