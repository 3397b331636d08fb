"""A month of nights inside `monthly_calls`, with people at work by day: nothing is missing at its end, and no call was too many."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lookervault_core.errors import BudgetSpent
from lookervault_core.extract.report import ExtractReport
from tests.extract.backup import Backup

Start = Callable[..., Backup]
NIGHTS, QUIET = 30, 6  # nobody works in the last nights, so that what they see can be compared
MONTHLY = 4_200
FIRST = datetime(2026, 11, 1, 3, tzinfo=UTC)


class Clock:
    """A night at a time; within one it goes on a little with each look."""

    def __init__(self) -> None:
        self.now = FIRST

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def next_night(self, number: int) -> None:
        self.now = FIRST + timedelta(days=number)


def work(one: Backup, dice: random.Random) -> list[tuple[str, str]]:
    """Do what people do in a day; return the objects that were there at its end and are new."""
    made = []
    for _ in range(dice.randint(0, 4)):
        name = dice.choice(("dashboards", "looks"))
        alive = [row["id"] for row in one.looker.world[name] if not row["deleted"]]
        action = dice.choice(("create", "update", "trash")) if len(alive) > 3 else "create"
        if action == "create":
            made.append((name, one.change("create", name, title=f"Made {dice.random():.6f}")))
        else:
            one.change(
                action,
                name,
                dice.choice(alive),
                **({"title": f"Edited {dice.random():.6f}"} if action == "update" else {}),
            )
    if dice.random() < 0.3:
        one.write(
            "PATCH", f"/groups/{max(one.looker.world['groups'].rows, key=int)}", name=f"Group {dice.random():.6f}"
        )
    return made


def night(one: Backup, clock: Clock, number: int) -> ExtractReport | None:
    """Run what the deployment runs; None where the calls have not come together."""
    clock.next_night(number)
    try:
        return one.run(incremental=True, audit_days=7, full_every_days=7, monthly_calls=MONTHLY, clock=clock)
    except BudgetSpent:
        return None


def test_nothing_that_existed_is_missing_after_a_month_inside_its_calls(backup: Start) -> None:
    one, clock, dice = backup(scale="tiny"), Clock(), random.Random(1)
    existed: set[tuple[str, str]] = set()
    ended: list[str | None] = []
    for number in range(NIGHTS):
        if number < NIGHTS - QUIET:
            existed |= set(work(one, dice))
        before = one.looker.calls.by_operation.copy()
        report = night(one, clock, number)
        ended.append(report.status if report else None)
        asked = sum((one.looker.calls.by_operation - before).values())
        assert report or asked == 0, "nothing is asked where nothing can be finished"
    assert ended.count("complete") > 15, ended
    assert "partial" in ended[:5], "the first backup takes more than a night brings"
    assert "complete" in ended[-QUIET + 1 :], "a night of the quiet ones is whole"
    with one.vault() as vault:
        calls = vault.calls_by_day("2026-11").values()
        snapshots = [snapshot.snapshot_id for snapshot in vault.snapshots()]
    spent = sum(count for of_day in calls for name, count in of_day.items() if name != "none")
    held = {
        (name, id)
        for name in ("dashboards", "looks")
        for listed in (name, f"trashed_{name}")
        for snapshot_id in snapshots
        for id in one.ids(listed, snapshot_id)
    }
    assert 0 < spent <= MONTHLY
    assert existed <= held, "what was made by day is in a backup, if only from the trash"
    for name in ("dashboards", "looks"):
        for id in one.ids(name):
            assert one.payload(name, id) == one.ask(f"/{name}/{id}"), (name, id)
    assert one.ids("dashboards") == {row["id"] for row in one.looker.world["dashboards"] if not row["deleted"]}
    assert one.ids("looks") == {row["id"] for row in one.looker.world["looks"] if not row["deleted"]}
