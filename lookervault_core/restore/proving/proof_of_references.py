"""The proof that nothing inside the instance names an id any more that a restore has replaced, whether or not it was restored."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.describe import losses
from lookervault_core.diff.plan import Plan, Step
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.live import Live
from lookervault_core.restore.outcome import Verified
from lookervault_core.restore.planning.followers import Followers
from lookervault_core.restore.planning.referrers import Referrer, Referrers


def prove_references(
    plan: Plan, followers: Followers, context: Context, live: Live, failed: Mapping[ContentKey, str]
) -> tuple[Verified, ...]:
    """Return a verdict on everything that was to follow, and on every other live object that still names a replaced id.

    *live* must know nothing from before the writing: whole listings are read of the types that can name what was replaced, and
    none where nothing was.
    """
    known = followers.known()
    rules, logins = context.rules, followers.writes_logins
    referrers = Referrers(live, context.backup, known, rules.site, rules.learned, logins=logins)
    left = {one.key: one for one in referrers.all()} if known else {}
    followed = tuple(_followed(step, failed) for step in plan.followers if step.key not in left)
    return followed + tuple(_judged(one, known, failed) for one in left.values())


def _followed(step: Step, failed: Mapping[ContentKey, str]) -> Verified:
    if step.key in failed:
        return Verified(step.key, step.name, step.id, "failed", lost=(("", failed[step.key]),))
    return Verified(step.key, step.name, step.id, "accepted_losses" if step.lost else "identical", lost=step.lost)


def _judged(one: Referrer, known: Mapping[ContentKey, str], failed: Mapping[ContentKey, str]) -> Verified:
    refused = (("", failed[one.key]),) if one.key in failed else ()
    if one.difference.empty and not refused and losses(one.difference):
        return Verified(one.key, one.name, one.key.id, "accepted_losses", lost=losses(one.difference))
    still = tuple((mention.path, _still(mention.key, known[mention.key])) for mention in one.mentions)
    return Verified(one.key, one.name, one.key.id, "failed" if refused else "different", lost=refused + still)


def _still(key: ContentKey, new_id: str) -> str:
    singular = CATALOG[key.content_type].singular if key.content_type in CATALOG else key.content_type.removesuffix("s")
    return f"it still names {singular.replace('_', ' ')} {key.id}, which is {new_id} now"
