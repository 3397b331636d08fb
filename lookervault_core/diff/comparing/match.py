"""Match the nested objects of a live object with those of the backup: by id, by natural key, by equal content.

It goes level by level, because the fields of a tile name filters and tabs, and the place of a tile names the tile. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lookervault_core.catalog import WRITES
from lookervault_core.diff.comparing.pairing import live_id_of, match
from lookervault_core.diff.difference import NEW, SIBLINGS, Difference, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Reference, Resolve, find
from lookervault_core.families.comparisons import comparison_of

REMOVED_SINCE = "removed since the restore: it stays so"


def match_children(
    one: Difference, found: dict[tuple[str, str], str], astray: Mapping[str, Doc], resolve: Resolve, rules: Rules
) -> list[Difference]:
    """Add the children and extras to the difference *one* and return the children; enter in *found* the live id that matches each.

    *astray* are the items of the same board that are in another section now, by live id."""
    below: list[Difference] = []
    for child in WRITES[one.content_type].children:
        kind = child.content_type
        special = comparison_of(kind)
        wanted = dict(one.source.children.get(kind, {}))
        there = dict(one.live.children.get(kind, {})) if one.live else {}
        there |= special.elsewhere(wanted, there, astray, rules)
        for key in [key for key, doc in wanted.items() if doc.trashed and not _is_still(kind, key, there, rules)]:
            del wanted[key]
            if "deleted_at" in WRITES[kind].writable:
                one.lost[f"{kind}[{key}]"] = "it lay in the trash when it was backed up"
        kept = special.kept(wanted, there, resolve, rules)
        wanted |= {key: same.source for key, same in kept.items()}
        for key in [key for key in wanted if key not in kept]:
            why = special.impossible(wanted[key], found, resolve)
            if why is not None:
                del wanted[key]
            if why:
                one.lost[f"{kind}[{key}]"] = why
        known = {key: same.live_id for key, same in kept.items()}
        pairs = match(kind, wanted, there, resolve, rules, special.likely(one, found), known=known)
        for key, doc in wanted.items():
            live = there.get(pairs.get(key, ""))
            if live is None and (why := special.unmade(one, doc, rules)):
                one.lost[f"{kind}[{key}]"] = why
                continue
            gone = next(_gone_for_good(kind, doc, resolve, rules), None) if live is None else None
            if gone is not None:
                one.lost[f"{kind}[{key}]"] = (
                    f"{gone.content_type} {gone.id} is not there, and this backup cannot bring it back"
                )
                continue
            if live is None and rules.leaves_out(one, kind, key):
                one.lost[f"{kind}[{key}]"] = REMOVED_SINCE
                continue
            found[kind, key] = live.id if live else NEW
            below.append(Difference(kind, doc, live, lost=dict(kept[key].lost) if key in kept else {}))
        if WRITES[kind].delete:
            taken = set(pairs.values())
            rest = [doc for key, doc in there.items() if key not in taken and not doc.trashed]
            one.extras += [
                (kind, doc) for doc in rest if _goes(kind, doc, one.source, rules) or _unlinks(kind, doc, one, rules)
            ]
            if not rules.exact and rules.made is None:
                one.beyond += [(kind, doc) for doc in rest if not rules.known.is_held(kind, doc.id)]
            one.kept += [(kind, doc) for doc in rest if (kind, doc.id) in rules.kept]
    one.children = below
    return below


def _is_still(kind: str, key: str, there: Mapping[str, Doc], rules: Rules) -> bool:
    """Return whether a nested object that lay in the trash can lie there again: Looker lets it be put there, or it is there."""
    takes = WRITES[kind].writable
    return "deleted" in takes or ("deleted_at" in takes and live_id_of(kind, key, rules) in there)


def _goes(kind: str, doc: Doc, source: Doc, rules: Rules) -> bool:
    """Return whether a nested object that the backup lacks is to go. One that holds what is to stay does not, but for the tiles
    of the backup, which get the places back that they had."""
    goes = comparison_of(kind).goes(doc, source, rules)
    if goes is not None:
        return goes
    below = ((name, child) for name, children in doc.children.items() for child in children.values())
    return rules.removes(kind, doc.id) and all(_goes(name, child, source, rules) for name, child in below)


def _unlinks(kind: str, doc: Doc, parent: Difference, rules: Rules) -> bool:
    """Return whether an undo takes off the object what the restore had only linked to it."""
    return parent.live is not None and rules.made is not None and rules.removes(kind, doc.id, parent.live.id)


def _gone_for_good(kind: str, doc: Doc, resolve: Resolve, rules: Rules) -> Iterator[Reference]:
    """Yield what a nested object cannot be made without and nobody can bring back: it was gone before the backup, or is LookML."""
    refs = [ref for ref in WRITES[kind].references if ref.kind == "id" and not ref.optional and ref.to not in SIBLINGS]
    for one in find(doc.fields, refs):
        if resolve(one.content_type, one.id) is None and not rules.known.in_backup(one.content_type, one.id):
            yield one
