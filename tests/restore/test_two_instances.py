"""Onto an instance that has content of its own, under the same numbers and some of the same names: nothing of that is lost, what is
restored again is not made twice, and the undo leaves what it was before or names what it is not."""

from __future__ import annotations

from collections.abc import Iterator

from lookervault_core.restore.applying.outcome import Report, Verified
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.restore import random_worlds
from tests.restore.trials import (
    Instance,
    holds,
    instance,
    not_undone,
    planned_again,
    seeds,
)

# What an undo removes of it lies in the trash.
_OWN = (
    "users",
    "groups",
    "roles",
    "user_attributes",
    "folders",
    "looks",
    "dashboards",
    "boards",
    "alerts",
    "scheduled_plans",
)


def ids(one: Instance) -> dict[str, set[str]]:
    """Return by table the ids of what is there and not in the trash."""
    gone = ("deleted", "deleted_at", "_deleted")
    return {
        table: {row["id"] for row in one.world[table] if not any(row.get(name) for name in gone)}
        for table in (*_OWN, "dashboard_elements", "board_items", "content_metadata_access")
    }


def both(one: Instance) -> Iterator[str]:
    one.spend_a_day()
    one.back_up()
    offset, strange = one.luck.choice((0, 3, 5000)), one.luck.random() < 0.5
    with instance(one.seed + strange, one.without, id_offset=offset) as other:
        one.record.append(f"onto an instance of seed {other.seed}, whose ids begin at {offset}")
        yield from _day_after(one, other)
        one.record += other.record


def _day_after(one: Instance, other: Instance) -> Iterator[str]:
    yield from _restored(one, other)[1]
    other.spend_a_day(part=1)
    edited, theirs = other.dump(), _without_named(ids(other), one.onto(other), other)
    again, complaints = _restored(one, other)
    yield from complaints
    yield from planned_again(one.onto(other))
    taken = other.undo(again.session_id, one.vault)
    yield from _lost(theirs, ids(other))
    yield from not_undone(other, taken, edited)


def _restored(one: Instance, other: Instance) -> tuple[Report, list[str]]:
    """Restore onto the other instance, and return the report with what is wrong. What is not tried is named, and it is no wrong:
    some of it had lost what it needs before the backup."""
    known, run = random_worlds.twins(one.world) + random_worlds.twins(other.world), one.onto(other)
    theirs = _without_named(ids(other), run, other)
    report = restore(run, 4)
    wrong = other.fired()
    wrong += [f"{item.verdict}: {item.key} {item.fields} {item.lost}" for item in report.proof.items if _is_amiss(item)]
    wrong += [f"{more} {table} made twice" for table, more in (random_worlds.twins(other.world) - known).items()]
    if report.status != "completed" and not report.not_tried:
        wrong.append(f"the restore is {report.status}")
    return report, [*wrong, *_lost(theirs, ids(other))]


def _without_named(theirs: dict[str, set[str]], run: RestoreRun, other: Instance) -> dict[str, set[str]]:
    """Return *theirs* without the rows of which the plan says that they go, because a folder is to inherit who may see it."""
    named = (step for step in run.plan().of("content_metadata") if any(one.path == "accesses" for one in step.fields))
    dropped = {step.destination_id for step in named}
    rows = {row["id"] for row in other.world["content_metadata_access"] if row["content_metadata_id"] in dropped}
    return {**theirs, "content_metadata_access": theirs["content_metadata_access"] - rows}


def _is_amiss(item: Verified) -> bool:
    return item.verdict in ("different", "failed")


def _lost(before: dict[str, set[str]], now: dict[str, set[str]]) -> Iterator[str]:
    yield from (f"{table} {gone} of their own is gone" for table in before for gone in before[table] - now[table])


@seeds(3)
def test_nothing_of_the_target_is_lost_and_an_undo_there_brings_it_back(seed):
    holds(both, seed)
