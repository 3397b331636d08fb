"""What Looker fills in by itself when it makes an object, where the backup has nothing.

A create leaves out what is null, for some releases refuse a null in it. Most fields are null then; of the others the answer tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES, id_of
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.fitting import allows_null
from lookervault_core.diff.learned import Standing
from lookervault_core.errors import Invalid, Refused
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.journaled_writer import Writer

ITS_OWN = "Looker fills it in when it makes such an object, and does not take nothing for it"


def clear_defaults(writer: Writer, rules: Rules, one: Difference, made: Mapping[str, Any]) -> dict[str, str]:
    """Take away what Looker has filled in; return why not, by field, where it refuses that. Costs a call only where it did."""
    facts = WRITES[one.content_type]
    body = filled_in(rules, one, made)
    if not body or facts.update is None or facts.update.verb != "PATCH":
        return {}
    try:
        writer.change(facts.update, ContentKey(one.content_type, one.source.id), id_of(one.content_type, made), body)
    except (Invalid, Refused):
        return dict.fromkeys(body, ITS_OWN)
    return {}


def filled_in(rules: Rules, one: Difference, made: Mapping[str, Any]) -> dict[str, None]:
    """Return the fields that are null in the backup and something else in what was *made*."""
    facts, learned = WRITES[one.content_type], rules.learned
    names = (
        field for field in one.source.fields if field not in (*facts.late, *facts.forced, *facts.unsent, *one.lost)
    )
    taken = (field for field in names if learned.standing(one.content_type, field) is Standing.WRITABLE)
    differing = (field for field in taken if _differs(one, field, made))
    return {field: None for field in differing if allows_null(learned.of(one.content_type, field))}


def _differs(one: Difference, field: str, made: Mapping[str, Any]) -> bool:
    return one.source.fields[field] is None and made.get(field) is not None
