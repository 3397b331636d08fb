"""Links and colours that have no counterpart on another instance. Pure.

A link is left as it is then, and named: without it a text would say something else, and a link to the old instance would let people
read numbers of the wrong one. Colours are left as well: ids of collections are given out at random, so that they are nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Rules
from lookervault_core.diff.documents.references import find


def unmapped(content_type: str, fields: Mapping[str, Any], rules: Rules) -> dict[str, str]:
    """Return, by path, why a link or a colour in *fields* is left as it is on another instance."""
    if rules.onto is None:
        return {}
    told: dict[str, dict[str, None]] = {}
    for ref in WRITES[content_type].references:
        if ref.kind not in ("links", "colors") or ref.field not in fields:
            continue
        for named in find(fields, (ref,), rules.site, rules.onto):
            if rules.known.leads_to(named.content_type, named.id) is None:
                told.setdefault(ref.path, {})[rules.known.unmapped(named.content_type, named.id)] = None
    return {path: "; ".join(reasons) for path, reasons in told.items()}
