"""What Looker fills in by itself when it makes an object, where the backup has nothing.

A create leaves out what is null, for some releases refuse a null in it. Most fields are null then; of the others the answer tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference, Rules
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
        writer.change(
            facts.update, ContentKey(one.content_type, one.source.id), str(made.get("id") or made.get("name")), body
        )
    except (Invalid, Refused):
        return dict.fromkeys(body, ITS_OWN)
    return {}


def filled_in(rules: Rules, one: Difference, made: Mapping[str, Any]) -> dict[str, None]:
    """Return the fields that are null in the backup and something else in what was *made*."""
    facts, allowed = WRITES[one.content_type], rules.writable(one.content_type)
    names = (field for field in facts.writable if field not in facts.late and field not in one.lost)
    taken = (field for field in names if allowed is None or field in allowed)
    return {field: None for field in taken if field in one.source.fields and _differs(one, field, made)}


def _differs(one: Difference, field: str, made: Mapping[str, Any]) -> bool:
    return one.source.fields[field] is None and made.get(field) is not None
