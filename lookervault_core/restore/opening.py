"""How a restore begins: it enters its session, and both sides of its plan become the context in which steps are applied."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.plan import Plan
from lookervault_core.diff.references import Resolve
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.planning.planner import Planner
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.vault import Vault, restorations


def new_session(
    vault: Vault,
    looker: Looker,
    planner: Planner,
    plan: Plan,
    selection: Selection,
    options: RestoreOptions,
    snapshot_id: int | None,
) -> str:
    """Enter a session with all that a resumed run needs to do the same, and return its id."""
    planner.sides.destination.there_before |= _twins(planner, plan)
    kept = msgspec.to_builtins(options) | {
        "base_url": looker.connection.base_url,
        "snapshots": planner.sides.backup.snapshots(),
        "there_before": msgspec.to_builtins(sorted(planner.sides.destination.there_before)),
    }
    return restorations.begin(vault, snapshot_id, planner.sides.target, msgspec.to_builtins(selection), kept).session_id


def _twins(planner: Planner, plan: Plan) -> set[ContentKey]:
    """Return what is there already and is like something that is to be made; elsewhere such a thing is taken for it."""
    if not planner.sides.same_instance:
        return set()
    create = (step.key for step in plan.steps if step.action == "create")
    return {twin for key in create for twin in planner.sides.destination.namesakes.of(planner.sides.backup.wanted(key))}


def context_of(planner: Planner, writer: Writer, renamed: Resolve, sleep: Callable[[float], None]) -> Context:
    """Return what applying the steps of a plan needs; *renamed* gives the ids that are known while writing."""
    sides = planner.sides
    ctx = Context(
        sides.backup, sides.live, sides.destination, writer, sides.rules(), planner.plan_options(),
        sides.facts.caller, ready=planner.ready, before=planner.found, copied=sides.copied, sleep=sleep,
    )  # fmt: skip
    ctx.leading = sides.destination.leading = sides.leading(renamed)
    ctx.answers = sides.destination.answers = sides.answers(ctx.resolve, renamed)
    return ctx


def note_clean_lists(planner: Planner, plan: Plan, writer: Writer) -> None:
    """Note of access lists that are as in the backup that nothing is left in them of what Looker once copied."""
    copied = planner.sides.copied
    for step in plan.steps:
        if WRITES[step.content_type].filled and step.destination_id in copied and step.is_as_in_backup:
            copied.discard(step.destination_id)
            writer.list_is_clean(step.destination_id)
