"""Which object now matches one that a restore has recreated under another id: a revert of its change writes to that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, PARTS, WRITES, lies_in_trash
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import find, rewrite
from lookervault_core.history.edits import edits
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import Live
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, restorations


class MadeAnew:
    """Follows the new ids that the vault has noted. An object that is still there matches itself."""

    def __init__(self, vault: Vault, live: Live) -> None:
        self._live = live
        self._ids = id_map.load(vault, restorations.spelled(vault, live.looker.connection.base_url))

    def now(self, key: ContentKey) -> ContentKey:
        """Return the key of the live object that matches *key* now; *key* itself if it is still there or nothing else matches.

        A list has the new id of its owner."""
        owner = CATALOG[key.content_type].targets_from if key.content_type in PARTS else None
        if owner:
            return ContentKey(key.content_type, self.now(ContentKey(owner, key.id)).id)
        if key not in self._ids:
            return key
        return next((one for one in (key, *self._later(key)) if self._is_there(one)), key)

    def doc(self, kind: str, doc: Doc, now: Doc) -> Doc:
        """Return the document of an earlier version with the ids of recreated objects replaced by their new ids."""
        fields, children = rewrite(doc.fields, WRITES[kind].references, self._renamed), dict[str, dict[str, Doc]]()
        for child in WRITES[kind].children:
            there = now.children.get(child.content_type, {})
            nested = doc.children.get(child.content_type, {})
            ids = {one: self._among(ContentKey(child.content_type, one), there) for one in nested}
            if not child.work:
                ids |= self._alike(child.content_type, nested, there, ids)
            children[child.content_type] = {
                new: msgspec.structs.replace(self._nested(child.content_type, nested[one], there.get(new)), id=new)
                for one, new in ids.items()
            }
            if child.order and fields.get(child.order):
                fields = {**fields, child.order: [ids.get(str(one), one) for one in fields[child.order]]}
        return msgspec.structs.replace(doc, fields=fields, children=children)

    def adopt(self, kind: str, before: Doc, after: Doc, now: Doc) -> None:
        """Match each nested object that a change removed with an equal one that is there *now* and was in neither version.

        A killed run made that one without noting it, or somebody did by hand."""
        for child in WRITES[kind].children:
            name = child.content_type
            were, stayed, there = (one.children.get(name, {}) for one in (before, after, now))
            fresh = [one for one in there if one not in were and one not in stayed]
            for gone in (one for one in were if one not in stayed and one not in there):
                alike = (one for one in fresh if not any(edits(name, were[gone], there[one])))
                key, found = ContentKey(name, gone), next(alike, None)
                if found is not None and key not in self._ids:
                    self._ids[key] = found
                    fresh.remove(found)

    def rows(self, kind: str, payload: Any) -> Any:
        """Return the payload of a list with today's ids in its rows; any other payload unchanged."""
        refs = [ref for ref in WRITES[kind].references if ref.kind == "id" and "[]." in ref.path]
        below = [msgspec.structs.replace(ref, path=f"[].{ref.path.partition('[].')[2]}") for ref in refs]
        return rewrite(payload, below, self._renamed) if isinstance(payload, list) else payload

    def _nested(self, kind: str, doc: Doc, now: Doc | None) -> Doc:
        return self.doc(kind, doc, now or Doc("", "", {}))

    def _renamed(self, content_type: str, item_id: str) -> str | None:
        key = ContentKey(content_type, item_id)
        return self.now(key).id if key in self._ids else None

    def _among(self, part: ContentKey, there: Mapping[str, Doc]) -> str:
        """Return the id that a nested object has among those that are *there*; its own if none."""
        return next((one.id for one in (part, *self._later(part)) if one.id in there), part.id)

    def _alike(
        self, kind: str, nested: Mapping[str, Doc], there: Mapping[str, Doc], ids: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the ids of what Looker makes along, of which nothing is written down: the one of its kind, or the place of the
        same tile."""
        lost = [one for one in nested if ids[one] not in there]
        free = [one for one in there if one not in ids.values()]
        refs = WRITES[kind].references
        names = {tuple(find(there[one].fields, refs)): one for one in free}
        named = {one: tuple(find(rewrite(nested[one].fields, refs, self._renamed), refs)) for one in lost}
        if len(lost) == len(free) == 1 and not any((*names, *named.values())):
            return {lost[0]: free[0]}
        return {one: names[refs] for one, refs in named.items() if refs and refs in names}

    def _later(self, key: ContentKey) -> Iterator[ContentKey]:
        seen = {key}
        while (new := self._ids.get(key)) is not None and (key := ContentKey(key.content_type, new)) not in seen:
            seen.add(key)
            yield key

    def _is_there(self, key: ContentKey) -> bool:
        body = self._live.read(key.content_type, key.id)
        return body is not None and not lies_in_trash(decode(body))
