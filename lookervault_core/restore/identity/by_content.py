"""Whether a live object is just like an item of the backup: then a second one would be one too many."""

from __future__ import annotations

from msgspec import structs

from lookervault_core.catalog import CATALOG, WRITES, access_types
from lookervault_core.diff.difference import Rules
from lookervault_core.diff.document import decode
from lookervault_core.diff.known import Answers
from lookervault_core.diff.plan import Found, PlanOptions, Wanted, difference_of
from lookervault_core.families.identities import identity_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


def may_double(content_type: str) -> bool:
    """Return whether Looker takes a second object that is like a first one, or has a trash in which that may lie."""
    facts = WRITES[content_type]
    return bool(facts.undelete) or not any(natural.unique for natural in facts.natural)


def just_like(
    wanted: Wanted, found: Found, backup: Backup, live: Live, answers: Answers, rules: Rules
) -> dict[ContentKey, str] | None:
    """Return the id in *found* of everything nested in *wanted* that has another one there, or None if anything differs, even
    who may see it."""
    nested: dict[ContentKey, str] = {}
    options = PlanOptions(merges=backup.merge, live_merges=live.merge, matched=nested.__setitem__)
    rules = structs.replace(rules, exact=True, made=None)

    def equal(one: Wanted, other: Found) -> bool:
        difference = difference_of(one, other, answers, rules, options)
        return difference.empty and not any(each.lost for each in difference.walk())

    if not equal(wanted, found):
        return None
    if CATALOG[wanted.key.content_type].seen_by:  # all other content is seen by whoever sees its folder
        ours, theirs = (str(decode(one or b"{}").get("content_metadata_id")) for one in (wanted.payload, found.payload))
        for part in access_types(wanted.key.content_type):
            body = live.read(part, theirs)
            if backup.has(part, ours) and not (
                body is not None and equal(backup.wanted(ContentKey(part, ours)), Found(theirs, body))
            ):
                return None
    nested |= identity_of(wanted.key.content_type).paired(wanted.decoded, decode(found.payload or b"{}"))
    return nested
