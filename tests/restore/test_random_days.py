"""After a random bad day, on a Looker that behaves as one of many, a restore brings the instance back, an undo takes that back,
and what is cut short is finished.

Each trial is the same for its seed. Of a day that fails, the shortest part that fails too is shown, the sort of Looker and the
night before included. LOOKERVAULT_RANDOM_DAYS=200 tries that many days for each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from lookervault_core.errors import LookerVaultError
from lookervault_core.restore.runs import restore
from lookervault_core.vault.restoring import journal
from tests.restore import random_worlds
from tests.restore.test_interruptions import Killed
from tests.restore.trials import (
    Instance,
    amiss,
    edits_named,
    holds,
    instance,
    not_undone,
    planned_again,
    seeds,
    taken_for_theirs,
    unfinished,
)


def restored(one: Instance) -> Iterator[str]:
    one.back_up()
    before = one.dump()
    one.spend_a_day()
    yield from amiss(one, restore(one.run(), 4), before)
    yield from planned_again(one.run())


def taken_back(one: Instance) -> Iterator[str]:
    one.back_up()
    one.spend_a_day()
    before = one.dump()
    report = restore(one.run(), 4)
    yield from not_undone(one, one.undo(report.session_id), before)


def killed(one: Instance) -> Iterator[str]:
    one.back_up()
    before = one.dump()
    one.spend_a_day()
    step, after, resume = one.luck.randrange(1, 60), one.luck.random() < 0.5, one.luck.random() < 0.5
    one.record.append(
        f"killed {'after' if after else 'before'} entry {step} of the journal, then {'resumed' if resume else 'restored'}"
    )
    try:
        with death(step, after=after):
            report = restore(one.run(workers=1), 1)
    except Killed:
        report = restore(one.resume() if resume else one.run(), 4)
    yield from amiss(one, report, before)
    yield from planned_again(one.run())


def undo_killed(one: Instance) -> Iterator[str]:
    one.back_up()
    one.spend_a_day()
    before = one.dump()
    session_id = restore(one.run(), 4).session_id
    step, after, resume = one.luck.randrange(1, 80), one.luck.random() < 0.5, one.luck.random() < 0.5
    one.record.append(
        f"the undo is killed {'after' if after else 'before'} entry {step} of the journal, then {'resumed' if resume else 'undone'}"
    )
    try:
        with death(step, after=after):
            report = one.undo(session_id, workers=1)
    except Killed:
        report = restore(one.resume(), 4) if resume else one.undo(session_id)
    yield from not_undone(one, report, before)
    again = one.undo(session_id)
    yield from [f"undone again: {again.writes} writes"] if again.writes else ()
    yield from taken_for_theirs(again)
    yield from (f"only now taken for an edit: {where}" for where in edits_named(again) - edits_named(report))


def redone(one: Instance) -> Iterator[str]:
    one.back_up()
    one.spend_a_day()
    session_id = restore(one.run(), 4).session_id
    before = one.dump()
    report = one.undo(one.undo(session_id).session_id)
    yield from not_undone(one, report, before)
    yield from (f"taken for an edit: {where}" for where in edits_named(report))


@contextmanager
def death(step: int, *, after: bool) -> Generator[None]:
    """End the process at an entry of the journal, right before it or right *after* it; nothing is written from then on."""
    passed = 0

    def dying(write: Callable[..., Any]) -> Callable[..., Any]:
        def entry(*given: Any, **named: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed < step:
                return write(*given, **named)
            if passed == step and after:
                write(*given, **named)
            raise Killed

        return entry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "intend", dying(journal.intend))
        patch.setattr(journal, "conclude", dying(journal.conclude))
        yield


FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "429", "retry_after_s": 0},
    {"kind": "503", "retry_after_s": 0},
    {"kind": "500"},
    {"kind": "502"},
    {"kind": "500_html"},
    {"kind": "html_200"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncate"},
    {"kind": "422", "method": "write"},
    {"kind": "409", "method": "write"},
    {"kind": "lag", "method": "POST", "reads": 2, "writes": 1},
)


def disturbed(one: Instance) -> Iterator[str]:
    one.back_up()
    before = one.dump()
    one.spend_a_day()
    for fault in one.luck.sample(FAULTS, one.luck.randrange(1, 4)):
        method = one.luck.choice(("write", "*"))
        rule: dict[str, Any] = {
            "method": method,
            "every": one.luck.choice((3, 7, 11)),
            "after": one.luck.randrange(5),
        } | fault
        one.simulator.faults.add(**rule)
        one.record.append(f"fault: {rule}")
    with suppress(LookerVaultError):
        restore(one.run(), 4)
    one.simulator.faults.clear()
    yield from amiss(one, restore(one.run(), 4), before)
    yield from planned_again(one.run())


def blinded(one: Instance) -> Iterator[str]:
    """What Looker does not show is not made twice and not removed, and the same command finishes once it shows all."""
    one.back_up()
    before = one.dump()
    one.spend_a_day()
    bend, value = random_worlds.blindness(one.world, one.seed)
    one.record.append(f"during a restore: bend {bend}={value}")
    known = random_worlds.twins(one.world)
    one.world.bends.on(bend, value)
    with suppress(LookerVaultError):
        restore(one.run(), 4)
    one.world.bends.off(bend)
    yield from amiss(one, restore(one.run(), 4), before)
    yield from (f"{more} {table} made twice" for table, more in (random_worlds.twins(one.world) - known).items())
    yield from planned_again(one.run())


def migrated(one: Instance) -> Iterator[str]:
    one.back_up()
    offset = one.luck.choice((0, 3, 5000))
    with instance(one.seed, one.without, id_offset=offset) as other:
        other.record = one.record
        other.record.append(f"onto an instance whose ids begin at {offset}")
        other.spend_a_day()
        known = random_worlds.twins(one.world) | random_worlds.twins(other.world)
        report = restore(one.onto(other), 4)
        yield from unfinished(report)
        yield from other.fired()
        yield from (f"tile {gone} is another one now" for gone in other.untouched - other.tiles())
        yield from (f"{more} {table} made twice" for table, more in (random_worlds.twins(other.world) - known).items())
        yield from planned_again(one.onto(other))


def older(one: Instance) -> Iterator[str]:
    snapshot_id = one.back_up()
    before = one.dump()
    one.spend_a_day()
    one.back_up()
    one.spend_a_day(part=1)
    yield from amiss(one, restore(one.run(snapshot_id=snapshot_id), 4), before)
    yield from planned_again(one.run(snapshot_id=snapshot_id))


@seeds(3)
def test_a_restore_brings_all_back_and_the_next_one_has_nothing_to_do(seed):
    holds(restored, seed)


@seeds(3)
def test_an_undo_brings_back_the_state_before_the_restore(seed):
    holds(taken_back, seed)


@seeds(3)
def test_a_restore_killed_at_any_step_is_finished_by_the_same_command_or_by_resume(seed):
    holds(killed, seed)


@seeds(3)
def test_an_undo_killed_at_any_step_is_finished_by_the_same_command_or_by_resume(seed):
    holds(undo_killed, seed)


@seeds(2)
def test_an_undo_of_an_undo_brings_back_what_the_restore_did(seed):
    holds(redone, seed)


@seeds(3)
def test_a_restore_that_faults_disturb_is_finished_by_the_same_command(seed):
    holds(disturbed, seed)


@seeds(3)
def test_a_restore_that_does_not_see_all_makes_nothing_twice_and_is_finished_by_the_same_command(seed):
    holds(blinded, seed)


@seeds(3)
def test_a_restore_onto_another_instance_makes_nothing_twice_and_ends_with_nothing_to_do(seed):
    holds(migrated, seed)


@seeds(3)
def test_an_older_snapshot_brings_back_the_older_state(seed):
    holds(older, seed)
