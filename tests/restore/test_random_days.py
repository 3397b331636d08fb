"""After a random bad day, on a Looker that behaves as one of many, a restore brings the instance back, an undo takes that back,
and what is cut short is finished.

Each trial is the same for its seed. Of a day that fails, the shortest part that fails too is shown, the sort of Looker and the
night before included. LOOKERVAULT_RANDOM_DAYS=200 tries that many days for each.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle
from looker_simulator.world import World
from lookervault_core.diff.rows import ADDED
from lookervault_core.diff.words import blank_kept
from lookervault_core.errors import LookerVaultError
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.families.delivery.switching import switched_on
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undoing
from lookervault_core.vault import Vault, journal
from tests.restore import nights, random_worlds
from tests.restore.conftest import capture, client
from tests.restore.random_days import RandomDay, losses, tidy
from tests.restore.test_interruptions import Killed

_MANY = int(os.environ.get("LOOKERVAULT_RANDOM_DAYS", "0"))
_CHANGES = 15
ELSEWHERE = RestoreOptions(target="other", workers=4, deliveries="as-backed-up")


class Instance:
    """A simulated Looker with a bad day ahead, and what the day is."""

    def __init__(
        self, simulator: Simulator, looker: Looker, vault: Vault, seed: int, without: Container[object]
    ) -> None:
        self.simulator, self.looker, self.vault, self.seed, self.without = simulator, looker, vault, seed, without
        self.luck = Random(-1 - seed)
        self.record: list[str] = [f"bend {name}" for name in simulator.options.bends]
        self.runs: list[RestoreRun] = []
        self.unseen: set[str] = set()
        tidy(self.world)
        self.untouched = self.tiles()

    @property
    def world(self) -> World:
        return self.simulator.world

    def back_up(self) -> int:
        """Back up; on some days once more at once, incrementally, so that what is restored was proven or taken over unread."""
        snapshot_id = capture(self.vault, self.looker)
        ours = set(Backup(self.vault, snapshot_id).rows(_PLANS))
        self.unseen |= {row["name"] for row in self.world[_PLANS] if not row["enabled"] and row["id"] not in ours}
        if self.seed % 3:
            return snapshot_id
        days = (0, 7)[self.seed // 3 % 2]
        self.record.append(f"backed up --incremental --audit-days {days}")
        return capture(self.vault, self.looker, ExtractOptions(workers=4, incremental=True, audit_days=days))

    def dump(self) -> dict[str, Any]:
        return oracle.dump(self.world)

    def spend_a_day(self, part: int = 0) -> None:
        """Let people change the instance; *part* tells several days of one trial apart."""
        kinds = () if part else random_worlds.nights(self.seed, self.without)
        self.record += [f"night {name}" for name in kinds]
        self.record += nights.spend(self.world, self.looker, self.seed, kinds)
        without = [number - part * _CHANGES for number in range((part + 1) * _CHANGES) if number in self.without]
        day = RandomDay(self.world, self.looker, self.seed + 10_000 * part).spend(_CHANGES, without)
        self.record += day.record
        self.untouched &= self.tiles()

    def run(self, *, snapshot_id: int | None = None, workers: int = 4) -> RestoreRun:
        return self.onto(self, RestoreOptions(exact=True, workers=workers), snapshot_id)

    def onto(self, other: Instance, options: RestoreOptions = ELSEWHERE, snapshot_id: int | None = None) -> RestoreRun:
        """Return a restore of what was backed up here onto *other*, which takes note of it."""
        run = RestoreRun(
            self.vault, other.looker, Selection.everything(), options, snapshot_id=snapshot_id, sleep=lambda _: None
        )
        other.runs.append(run)
        return run

    def resume(self) -> RestoreRun:
        self.runs.append(resumed(self.vault, self.looker, sleep=lambda _: None))
        return self.runs[-1]

    def undo(self, session_id: str, vault: Vault | None = None) -> Report:
        with undoing(vault or self.vault, self.looker, session_id, 4) as run:
            self.runs.append(run)
            return restore(run)

    def fired(self) -> list[str]:
        """Return what was sent, but for what a plan has said to send, by being switched on, on a Looker where that sends."""
        begun = [run for run in self.runs if run.session_id] if self.world.bends.has("enabling_sends") else []
        told = Counter(key for run in begun for key in _told_to_send(run))
        sent = Counter((row["type"], row["id"]) for row in self.world.fired)
        return [f"fired: {key} {count} times" for key, count in (sent - told).items()]

    def tiles(self) -> set[str]:
        return {row["id"] for row in self.world["dashboard_elements"] if not row.get("_deleted")}


def _told_to_send(run: RestoreRun) -> Iterator[tuple[str, str | None]]:
    for step in switched_on(run.plan(), run.backup):
        yield step.content_type, run.destination.renamed(step.content_type, step.id) or step.destination_id


Trial = Callable[[Instance], Iterable[str]]


@contextmanager
def instance(seed: int, without: Container[object], id_offset: int = 0) -> Generator[Instance]:
    bends = random_worlds.bends(seed, without)
    settings = SimulatorOptions(scale="tiny", seed=seed % 7 + 1, id_offset=id_offset, bends=bends)
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator(settings))
        looker = stack.enter_context(client(simulator))
        directory = Path(stack.enter_context(TemporaryDirectory()))
        vault = stack.enter_context(Vault.create_or_open(directory / "looker.db"))
        yield Instance(simulator, looker, vault, seed, without)


def seeds(count: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("seed", range(_MANY or count))


def holds(trial: Trial, seed: int) -> None:
    """Fail with the shortest part of the day of *seed* after which *trial* has something to complain of, if it has."""
    if attempt(trial, seed, set())[0]:
        needless: set[object] = set()
        for part in (*random_worlds.labels(seed), *reversed(range(2 * _CHANGES))):
            if attempt(trial, seed, needless | {part})[0]:
                needless.add(part)
        complaints, record = attempt(trial, seed, needless)
        pytest.fail("\n".join((*record, "", *complaints)), pytrace=False)


def attempt(trial: Trial, seed: int, without: Container[object]) -> tuple[list[str], list[str]]:
    """Return the complaints of *trial*, and what was done on the day."""
    with instance(seed, without) as one:
        return list(trial(one)), one.record


# What may be amiss ----------------------------------------------------------------------------------------------------------


def amiss(one: Instance, report: Report, before: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong after a restore that was to bring back the state *before*."""
    yield from unfinished(report)
    yield from but_for_named(one, report, losses(before, one.world))
    yield from one.fired()
    yield from (f"tile {gone} is another one now" for gone in one.untouched - one.tiles())


def not_undone(one: Instance, report: Report, before: dict[str, Any]) -> Iterator[str]:
    """Yield what an undo left that is not as it was *before* although it is `completed`, or that it does not name."""
    left = list(but_for_named(one, report, losses(before, one.world)))
    yield from left if report.status == "completed" else unnamed(report, left)
    yield from (f"failed: {item.key} {item.lost}" for item in report.proof.items if item.verdict == "failed")
    yield from taken_for_theirs(report)
    yield from one.fired()
    yield from (f"tile {gone} is another one now" for gone in one.untouched - one.tiles())


def taken_for_theirs(report: Report) -> Iterator[str]:
    """Yield what an undo says that people have added, where nobody has done anything since the restore."""
    for item in report.proof.items:
        yield from (f"added by nobody: {item.key} {field}" for field, why in item.lost if ADDED in why)


_FORM = "Looker keeps it "
_BLANKS = (blank_kept(None, ""), blank_kept("", None))


def but_for_named(one: Instance, report: Report, lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines that are about no blank or form that the report names as not kept, no field that it names as refused, and
    nothing that no call of the instance shows."""
    losses = [
        (item, re.split(r"[.\]]", field)[-1], reason) for item in report.proof.items for field, reason in item.lost
    ]
    blank = {(item.key.content_type, item.name, field) for item, field, reason in losses if reason in _BLANKS}
    refused = {
        (item.key.content_type, item.name, field)
        for item, field, reason in losses
        if field in random_worlds.refused(one.world) or reason.startswith(_FORM)
    }
    for line in lines:
        place, _, how = line.rpartition(": ")
        named = refused | blank if how in ('"" → null', 'null → ""', "gone") else refused
        if not (_is_named(place, named) or _is_unseen(one, place)):
            yield line


def _is_named(place: str, named: Iterable[tuple[str, str, str]]) -> bool:
    kind, last = place.partition(" › ")[0], place.rpartition(" › ")[2]
    return any((kind, last) == (content_type, field) and name in place for content_type, name, field in named)


def _is_unseen(one: Instance, place: str) -> bool:
    """Return whether a line is about what was in no listing and in no backup, which the snapshot says."""
    kind, _, rest = place.partition(" › ")
    return kind in random_worlds.not_served(one.world) or (kind == _PLANS and any(map(rest.startswith, one.unseen)))


_PLANS = "scheduled_plans"


# The folder of a user comes and goes with its user, whom the report names; not what lies in it.
_HOME = re.compile(r"^folders › Users/home of (?=[^/]*(?:: | › ))")


def unnamed(report: Report, left: Iterable[str]) -> Iterator[str]:
    """Yield the lines of what is left that are about nothing that the report of an undo names; what it put into the trash is told
    apart."""
    named = {(one.key.content_type, one.name) for one in report.proof.items if one.lost or one.fields}
    named |= {(step.content_type, step.name) for step in report.not_tried}
    trashed = {(one.key.content_type, one.name) for one in report.trashed}
    for line in left:
        kind, _, rest = _HOME.sub("users › ", line).partition(" › ")
        known = trashed if rest.endswith("(trash): new") else named
        if not any(kind == content_type and (name in rest or kind == "alerts") for content_type, name in known):
            yield line


def unfinished(report: Report) -> Iterator[str]:
    if report.status != "completed":
        yield f"the restore is {report.status}"
    for item in report.proof.items:
        if item.verdict in ("different", "failed"):
            yield f"{item.verdict}: {item.key} {[str(field) for field in item.fields]}"
    yield from (f"not tried: {step.key}: {step.reason}" for step in report.not_tried)


def planned_again(run: RestoreRun) -> Iterator[str]:
    for step in run.plan().steps:
        if step.writes or step.action == "remove":
            yield f"planned again: {step.action} {step.key} {[str(field) for field in step.fields]}"


# The trials -----------------------------------------------------------------------------------------------------------------


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
