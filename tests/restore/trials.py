"""What the trials of random days have in common: an instance with a bad day ahead, the shortest part of a day that fails, and
what is amiss after a restore or an undo."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle
from looker_simulator.world import World
from lookervault_core.diff.rows import ADDED
from lookervault_core.diff.wording.words import blank_kept
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.families.delivery.switching import switched_on
from lookervault_core.families.rows_since import SINCE
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undoing
from lookervault_core.vault import Vault
from tests.restore import nights, random_worlds
from tests.restore.random_days import RandomDay, losses, tidy
from tests.simulated import capture, client

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

    def undo(self, session_id: str, vault: Vault | None = None, workers: int = 4) -> Report:
        with undoing(vault or self.vault, self.looker, session_id, workers) as run:
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


def edits_named(report: Report) -> set[str]:
    """Return what an undo says that people have changed."""
    return {f"{item.key} {field}" for item in report.proof.items for field, why in item.lost if why == SINCE}


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
