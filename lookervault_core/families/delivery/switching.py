"""Which deliveries a restore switches on. Looker may run one at once: a plan that is enabled makes up for a run that it missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.restore.backup import Backup

# The field that says whether one sends, and its value where it does.
SWITCHES = {"scheduled_plans": ("enabled", True), "alerts": ("is_disabled", False)}
LEFT_OFF = "it stays switched off, by --deliveries off"
_WORDS = {"scheduled_plans": "schedule", "alerts": "alert"}
_NAMED = 10


def leave_off(difference: Difference) -> None:
    """Take the field that switches a plan or an alert on out of a difference, and name it as lost."""
    field, on = SWITCHES.get(difference.content_type, ("", None))
    if field and difference.changed.get(field) is on:
        del difference.changed[field]
        difference.lost[field] = LEFT_OFF


def switched_on(plan: Plan, backup: Backup) -> list[Step]:
    """Return the steps that switch on a plan or an alert that is off or missing now."""
    return [step for name in SWITCHES for step in plan.of(name) if _goes_on(step, backup)]


def left_off(plan: Plan) -> list[Step]:
    """Return the steps of the plans and alerts that stay off although they were on when they were backed up."""
    return [step for step in plan.steps if LEFT_OFF in dict(step.lost).values()]


def told(plan: Plan, backup: Backup) -> Iterator[str]:
    """Yield in words what sends after the restore, and what does not."""
    if on := switched_on(plan, backup):
        yield (
            f"{_counted(on)} will be switched on, and can send at once: {_named(on)}; --deliveries off leaves "
            f"{'it' if len(on) == 1 else 'them'} switched off"
        )
    if off := left_off(plan):
        stay, them = ("stays", "it") if len(off) == 1 else ("stay", "them")
        yield f"{_counted(off)} {stay} switched off: {_named(off)}; --deliveries as-backed-up switches {them} on"


def _goes_on(step: Step, backup: Backup) -> bool:
    field, on = SWITCHES[step.content_type]
    if step.action == "update":
        return any(change.path == field and change.new is on for change in step.fields)
    payload = backup.readable(step.content_type, step.id) or {}
    return payload.get(field) is on and field not in dict(step.lost)


def _counted(steps: Sequence[Step]) -> str:
    counts = {name: sum(step.content_type == name for step in steps) for name in SWITCHES}
    return " and ".join(f"{n} {_WORDS[name]}{'' if n == 1 else 's'}" for name, n in counts.items() if n)


def _named(steps: Sequence[Step]) -> str:
    names = [
        f"{_WORDS[step.content_type]} {step.id}{f' “{step.name}”' if step.name else ''}" for step in steps[:_NAMED]
    ]
    more = [f"… and {len(steps) - _NAMED} more, see --json"] if len(steps) > _NAMED else []
    return ", ".join([*names, *more])
