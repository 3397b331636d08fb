"""Which deliveries a restore switches on. Looker may run one at once: a plan that is enabled makes up for a run that it missed.

An agent with a workflow runs by its own cron and sends what it finds by mail or to an action hub (OpenAPI 4.0.26.12,
WorkflowParams). It has no switch: it sends where it has a workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.restore.backup import Backup

# The field that says whether one sends, and its value where it does.
SWITCHES = {"scheduled_plans": ("enabled", True), "alerts": ("is_disabled", False)}
WORKFLOWS, WORKFLOW = "agents", "workflow_params"
_FIELDS = {name: field for name, (field, _) in SWITCHES.items()} | {WORKFLOWS: WORKFLOW}
_RUNS = ("polling_frequency_cron", "destination")
LEFT_OFF = "it stays switched off, by --deliveries off"
_WORDS = {"scheduled_plans": "schedule", "alerts": "alert", WORKFLOWS: "agent"}
_NAMED = 10


def sends(content_type: str, value: Any) -> bool:
    """Return whether something sends with this value of its switch; an agent with this workflow."""
    if content_type == WORKFLOWS:
        return bool(value) and any(value.get(field) for field in _RUNS)
    return content_type in SWITCHES and value is SWITCHES[content_type][1]


def comes_on(difference: Difference) -> bool:
    """Return whether a difference lets something send that does not now."""
    name, live = difference.content_type, difference.live
    field = _FIELDS.get(name, "")
    sends_now = live is not None and not live.trashed and sends(name, live.fields.get(field))
    return bool(field) and not sends_now and sends(name, difference.source.fields.get(field))


def leave_off(difference: Difference) -> None:
    """Take out of a difference that something begins to send, and name it as lost."""
    field = _FIELDS.get(difference.content_type, "")
    is_back = difference.live is not None and difference.live.trashed
    if comes_on(difference) and (field in difference.changed or is_back):
        difference.changed.pop(field, None)
        difference.absent = [lack for lack in difference.absent if lack.field != field]
        difference.lost[field] = LEFT_OFF


def switched_on(plan: Plan, backup: Backup) -> list[Step]:
    """Return the steps after which a plan, an alert or an agent sends that is off or missing now."""
    return [step for name in _FIELDS for step in plan.of(name) if _goes_on(step, backup)]


def left_off(plan: Plan) -> list[Step]:
    """Return the steps of what stays off although it was on when it was backed up."""
    return [step for step in plan.steps if LEFT_OFF in dict(step.lost).values()]


def told(plan: Plan, backup: Backup) -> Iterator[str]:
    """Yield a line for the plans and alerts that the restore switches on, and one for those that stay off."""
    if on := switched_on(plan, backup):
        yield (
            f"{_counted(on)} will be switched on, and can send at once: {_named(on)}; --deliveries off leaves "
            f"{'it' if len(on) == 1 else 'them'} switched off"
        )
    if off := left_off(plan):
        stay, them = ("stays", "it") if len(off) == 1 else ("stay", "them")
        yield f"{_counted(off)} {stay} switched off: {_named(off)}; --deliveries as-backed-up switches {them} on"


def _goes_on(step: Step, backup: Backup) -> bool:
    name, field = step.content_type, _FIELDS[step.content_type]
    if step.action == "update":
        on = (field, *(f"{field}.{part}" for part in _RUNS))
        changes = [change for change in step.fields if change.path in on]
        if name != WORKFLOWS:
            return any(sends(name, change.new) for change in changes)
        return any(change.new and not change.old for change in changes)
    payload = backup.readable(name, step.id) or {}
    return sends(name, payload.get(field)) and field not in dict(step.lost)


def _counted(steps: Sequence[Step]) -> str:
    counts = {name: sum(step.content_type == name for step in steps) for name in _FIELDS}
    return " and ".join(f"{n} {_WORDS[name]}{'' if n == 1 else 's'}" for name, n in counts.items() if n)


def _named(steps: Sequence[Step]) -> str:
    names = [
        f"{_WORDS[step.content_type]} {step.id}{f' “{step.name}”' if step.name else ''}" for step in steps[:_NAMED]
    ]
    more = [f"… and {len(steps) - _NAMED} more, see --json"] if len(steps) > _NAMED else []
    return ", ".join([*names, *more])
