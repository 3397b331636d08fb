"""What a restore did: per batch, per item, as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from lookervault_core.catalog import trash_of
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.wording.describe import FieldChange
from lookervault_core.errors import LookerVaultError
from lookervault_core.model import ContentKey, Unkept

Verdict = Literal["identical", "accepted_losses", "different", "failed"]


class TooManyFailures(LookerVaultError):
    """More items failed than --max-dlq-size allows; the rest was not tried."""

    exit_code = 3
    ends_run = True


class StepDone(NamedTuple):
    """One step that was tried, for whoever shows progress; `requests`, `failures` and `limited` are the run's so far."""

    content_type: str
    requests: int
    failures: int
    limited: bool


class BatchReceipt(msgspec.Struct, frozen=True):
    """What one batch did: counts and places, never payloads."""

    content_type: str
    start: int
    stop: int
    created: int = 0
    updated: int = 0
    undeleted: int = 0
    errors: int = 0
    last_id: str | None = None

    @property
    def success(self) -> int:
        return self.created + self.updated + self.undeleted


class Verified(msgspec.Struct, frozen=True):
    """The verdict on one restored item: the fields that still differ, and those that are lost, with the reasons. `unkept` are
    values that Looker did not keep as sent, each with its live object; `in_trash` says that a removed object lies in the
    trash."""

    key: ContentKey
    name: str
    destination_id: str | None
    verdict: Verdict
    fields: tuple[FieldChange, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()
    unkept: tuple[tuple[ContentKey, Unkept], ...] = ()
    in_trash: bool = False


class Proof(msgspec.Struct, frozen=True):
    """The verdicts on all restored items, and the access lists that the restore made or filled, as it leaves them: by metadata id,
    rows of (group, user, right); None for a list that is inherited."""

    items: tuple[Verified, ...] = ()
    lists_left: Mapping[str, Sequence[tuple[str, str, str]] | None] = {}

    def count(self, verdict: Verdict) -> int:
        return sum(item.verdict == verdict for item in self.items)

    @property
    def unproven(self) -> list[ContentKey]:
        """Return the live objects that the proof did not find as they should be."""
        bad = (item for item in self.items if item.verdict in ("different", "failed"))
        return sorted(ContentKey(one.key.content_type, one.destination_id or one.key.id) for one in bad)

    @property
    def holds(self) -> bool:
        return all(item.verdict in ("identical", "accepted_losses") for item in self.items)


COUNTERS = {
    "create": "created_count",
    "update": "updated_count",
    "undelete": "undeleted_count",
    "remove": "removed_count",
}


class Counts(msgspec.Struct):
    """How many items of one type, or of all, ended in which way."""

    total_items: int = 0
    created_count: int = 0
    updated_count: int = 0
    undeleted_count: int = 0
    skipped_count: int = 0
    error_count: int = 0
    removed_count: int = 0

    @property
    def success_count(self) -> int:
        return self.created_count + self.updated_count + self.undeleted_count + self.removed_count


class NewId(NamedTuple):
    """An item that was recreated, and the id of the object that matches it now."""

    key: ContentKey
    name: str
    destination_id: str


class Report(msgspec.Struct, frozen=True):
    """The end of a restore. `completed`: everything asked for was written and proven; `partial`: dead letters or differences;
    `failed`: it ended before everything was tried, and `stopped` says why; `interrupted`: somebody stopped it. `new_ids` are the
    objects that it created; `removed` counts whole objects that it removed, and `trashed` are those of them that are in the trash
    now and were not before; `followed` are the steps of followers; `not_tried` are the steps that were blocked, or left alone
    because their objects changed since the backup."""

    session_id: str
    status: Literal["completed", "partial", "failed", "interrupted"]
    summary: Counts
    types: dict[str, Counts]
    proof: Proof
    dead_letters: int
    requests: int
    writes: int
    duration_s: float
    undo_snapshot_id: int | None = None
    warnings: tuple[str, ...] = ()
    stopped: str = ""
    removed: int = 0
    not_tried: tuple[Step, ...] = ()
    new_ids: tuple[NewId, ...] = ()
    trashed: tuple[NewId, ...] = ()
    followed: tuple[Step, ...] = ()


def added(*counts: Counts) -> Counts:
    return Counts(*(sum(getattr(count, field) for count in counts) for field in Counts.__struct_fields__))


def named(plan: Plan, new_ids: Mapping[ContentKey, str]) -> tuple[NewId, ...]:
    """Return the items of a plan that are in *new_ids*, with their names and new ids."""
    return tuple(NewId(s.key, s.name, new_ids[s.key]) for s in plan.steps if s.key in new_ids)


def newly_trashed(
    plan: Plan, removed: Container[ContentKey], made: Container[ContentKey] | None, proof: Proof
) -> tuple[NewId, ...]:
    """Return the objects *removed* into the trash that lie there now. In an undo, only those that its restore had *made*: the
    others were in the trash before the restore."""
    to_delete = (step for step in plan.removals if trash_of(step.content_type))
    to_delete = (step for step in to_delete if made is None or step.key in made)
    purged = {item.key for item in proof.items if _is_purged(item)}
    return tuple(NewId(s.key, s.name, s.id) for s in to_delete if s.key in removed and s.key not in purged)


def _is_purged(item: Verified) -> bool:
    return item.destination_id is None and item.verdict == "identical" and not item.in_trash


def purged(plan: Plan, removed: Container[ContentKey], proof: Proof) -> list[Step]:
    """Return the steps of content that was *removed* into the trash and is not there, because it was deleted with its folder."""
    gone = {item.key for item in proof.items if _is_purged(item)}
    return [step for step in plan.removals if trash_of(step.content_type) and step.key in removed and step.key in gone]


def still_true(warnings: Sequence[str], plan: Plan, proof: Proof) -> tuple[str, ...]:
    """Return the *warnings* that still hold: without those about an object that stays, if it went with another one after all."""
    gone = {item.key for item in proof.items if item.destination_id is None and item.verdict == "identical"}
    wrong = {f"{step.key}: {step.reason}" for step in plan.steps if step.action == "skip" and step.key in gone}
    return tuple(warning for warning in warnings if warning not in wrong)


def receipt_of(
    content_type: str,
    start: int,
    stop: int,
    steps: Sequence[Step],
    done: Container[ContentKey],
    failed: Container[ContentKey],
) -> BatchReceipt:
    """Return the receipt of the batch *steps*, which are the places `[start, stop)` of its type. Items that wait for the second
    pass count neither as written nor as failed."""
    ways = Counter(step.action for step in steps if step.key in done)
    errors = sum(step.key in failed for step in steps)
    last_id = steps[-1].id if steps else None
    return BatchReceipt(content_type, start, stop, ways["create"], ways["update"], ways["undelete"], errors, last_id)


def counts_of(
    plan: Plan, done: Container[ContentKey], removed: Container[ContentKey], failed: Container[ContentKey]
) -> dict[str, Counts]:
    """Return by type the number of items that ended in each way; items that were not tried are only in the total."""
    types: dict[str, Counts] = {}
    for step in plan.steps:
        one = types.setdefault(step.content_type, Counts())
        one.total_items += 1
        one.skipped_count += step.action in ("skip", "conflict")
        counter = COUNTERS.get(step.action)
        one.error_count += step.action == "blocked" or (counter is not None and step.key in failed)
        if counter is not None and step.key not in failed and step.key in (done if step.writes else removed):
            setattr(one, counter, getattr(one, counter) + 1)
    return types
