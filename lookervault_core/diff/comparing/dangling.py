"""References that are the same on both sides, to objects that are gone since the backup. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lookervault_core.catalog import LEADS_TO, WRITES
from lookervault_core.diff.difference import Difference, Lack, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import equal
from lookervault_core.diff.documents.references import find


def dangling(one: Difference, lacks: list[Lack], rules: Rules) -> Iterator[Lack]:
    """Yield each object that *one* names on both sides under the same id, although that object is gone since the backup.

    Of those that are in the trash, or are colours, it also notes the loss and the absence in *one*."""
    if one.live is None or not rules.same_instance:
        return
    alike = [ref for ref in WRITES[one.content_type].references if ref.field in one.source.fields]
    alike = [ref for ref in alike if _is_alike(one.source, one.live, ref.field)]
    fields = {ref.field for ref in alike}
    yield from (lack for lack in lacks if lack.field in fields and rules.known.gone(lack.content_type, lack.id))
    for ref in alike:
        if ref.kind not in ("id", "colors") or all(map(rules.known.still, LEADS_TO.get(ref.kind, (ref.to,)))):
            continue
        for named in find(one.source.fields, (ref,)):
            lack = Lack(named.content_type, named.id, ref.field, ref.path, optional=True)
            if rules.known.trashed(named.content_type, named.id):
                one.lost[ref.path] = f"{named.content_type} {named.id} lies in the trash"
                one.absent.append(msgspec.structs.replace(lack, trashed=True))
            elif ref.kind == "colors" and rules.known.gone(named.content_type, named.id):
                one.lost[ref.path] = f"{named.content_type} {named.id} is not there"
                one.absent.append(lack)
                yield lack


def _is_alike(source: Doc, live: Doc, field: str) -> bool:
    """Return whether two objects of one instance have the same value; a query that is not shown is identified by its id."""
    if field == "query" and source.query_id:
        return source.query_id == live.query_id
    if field == "merge_query" and source.merge_id:
        return source.merge_id == live.merge_id
    return equal(source.fields[field], live.fields.get(field))
