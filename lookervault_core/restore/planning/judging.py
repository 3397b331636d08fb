"""What is to happen to one item, where more than the two payloads has a say in it."""

from __future__ import annotations

import msgspec

from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.known import Answers
from lookervault_core.diff.plan import Found, PlanOptions, Step, Wanted, plan_step
from lookervault_core.restore.identity.finding import in_full
from lookervault_core.restore.live import Live


def judged(
    wanted: Wanted, found: Found | None, live: Live, answers: Answers, rules: Rules, options: PlanOptions
) -> tuple[Step, Found | None]:
    """Return the step for an item; where queries differ by what a listing shows of them, they are read in full first."""
    step = plan_step(wanted, found, answers, rules, options)
    if found is None or not any("query" in change.path for change in step.fields):
        return step, found
    found = in_full(live, wanted.key.content_type, found)
    options = msgspec.structs.replace(options, live_merges=live.merge)
    return plan_step(wanted, found, answers, rules, options), found


def without_equals(one: Difference) -> Difference | None:
    """Return a difference without what is equal, or None if something in it is to be made or removed."""
    if one.live is None or one.lacks or one.extras or NEW in str(one.changed):
        return None
    children = [without_equals(child) for child in one.children if not child.empty]
    if None in children:
        return None
    source, live = (msgspec.structs.replace(doc, children={}) for doc in (one.source, one.live))
    return msgspec.structs.replace(one, source=source, live=live, children=children)


def writes_the_same(one: Step, other: Step) -> bool:
    def written(step: Step) -> object:
        return step.action, [field.values for field in step.fields], step.lost

    return written(one) == written(other)
