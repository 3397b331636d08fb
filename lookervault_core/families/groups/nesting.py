"""Groups in groups: Looker refuses circles, so a group cannot be put into a group that is inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lookervault_core.diff.difference import NEW, Difference, Row, Rules
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.protection import protection_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

PARENTS = "parent_group_ids"


def circle(group_id: str, rules: Rules) -> str:
    """Return why a group cannot be put into *group_id*."""
    how = "" if rules.exact else "; --exact takes it out first"
    return f"group {group_id} is inside it now, which would be a circle{how}"


def groups_around(live: Live, backup: Backup, group_id: str) -> set[str]:
    """Return the groups that a live group is in."""
    body = body_of(live, backup, "groups", group_id)
    return {str(up) for up in (decode(body).get(PARENTS) if body else None) or ()}


def is_inside(inner: str, outer: str, parents_of: Callable[[str], set[str]]) -> bool:
    """Return whether group *inner* is in group *outer*, directly or through others."""
    seen: set[str] = set()
    waiting = {inner}
    while waiting and outer not in waiting:
        seen |= waiting
        waiting = {up for one in waiting for up in parents_of(one)} - seen
    return bool(waiting)


def fills_itself(content_type: str, payload: Any) -> bool:
    """Return whether an object is a group whose members no person chooses: All Users, or a group of an identity provider."""
    return content_type == "groups" and protection_of(content_type, payload) is not None


def nested_into(live: Live, key: ContentKey) -> Iterator[Row]:
    """Yield a row (type, inner id, outer id) for each live group directly inside the group *key*, except those as in the
    backup."""
    for one, body in live.rows(key.content_type).items() if key.content_type == "groups" else ():
        if body and key.id in map(str, decode(body).get(PARENTS) or ()):
            yield key.content_type, one, key.id


def leave_circles(one: Difference, parents_of: Callable[[str], set[str]], rules: Rules) -> None:
    """Take out of a group's difference the groups to be put around it that are inside it now, and name them as lost.

    *parents_of* returns the groups that a live group is in. An exact restore takes such groups out first, and loses none."""
    if one.content_type != "groups" or one.live is None or rules.exact or PARENTS not in one.changed:
        return
    now, new = one.live.fields.get(PARENTS) or [], one.changed[PARENTS] or []
    inside = [up for up in new if up not in now and up != NEW and is_inside(up, one.live.id, parents_of)]
    if inside:
        one.lost[PARENTS] = "; ".join(circle(up, rules) for up in inside)
        one.changed[PARENTS] = [up for up in new if up not in inside]
        if set(one.changed[PARENTS]) == set(now):
            del one.changed[PARENTS]
