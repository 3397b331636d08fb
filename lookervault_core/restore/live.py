"""The live side of a restore, read in bulk: whole pages of a type's own listing, single objects only where few are asked for."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES, Call, ContentType, trash_of
from lookervault_core.codec import Packed, digest, split
from lookervault_core.diff.document import decode
from lookervault_core.errors import LookerError, Missing, PermissionRefused, ends_all
from lookervault_core.families.looks.thin import is_thin
from lookervault_core.families.queries.structure import merged
from lookervault_core.looker.client import Looker
from lookervault_core.looker.paging import pages_ahead
from lookervault_core.looker.requests import Parameters, ending_of, fetch, fetch_all_rows, fetch_rows, rows_of
from lookervault_core.looker.settling import PAUSES_S
from lookervault_core.looker.states import listings

FEW = 12


class _Row(msgspec.Struct):
    id: Any = None
    name: Any = None
    client_guid: Any = None
    ssh_server_id: Any = None
    tunnel_id: Any = None
    folder_id: Any = None
    deleted: bool | None = None
    deleted_at: Any = None


_row = msgspec.json.Decoder(_Row)


class Live:
    """What Looker has now, each listing read once. Safe for any number of threads.

    A row whose bytes equal the backup's is kept as b"" (see `expect`): ten thousand dashboards need no room then.
    A `fresh` object was made by this run: a clustered Looker may not know it yet, so a 404 is tried again.
    `with_queries` lists looks folder by folder, which shows their queries: on another instance ids do not tell them.
    """

    def __init__(
        self,
        looker: Looker,
        workers: int = 8,
        *,
        with_queries: bool = False,
        fresh: set[tuple[str, str]] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._with_queries = with_queries
        self.fresh = fresh if fresh is not None else set()
        self._sleep = sleep
        self.looker = looker
        self._workers = workers
        self._lock = threading.RLock()  # held while a listing is read
        self._guard = threading.Lock()  # held for moments: nobody waits in it for an answer
        self._forgotten: Counter[tuple[str, str]] = Counter()
        self._listed: dict[str, Packed] = {}
        self._single: dict[tuple[str, str], bytes | None] = {}
        self._ids: dict[str, set[str]] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._asked: dict[str, int] = {}
        self._expected: dict[str, tuple[Mapping[str, bytes], int]] = {}

    def anew(self) -> Live:
        """Return a new `Live` of the same Looker that has read nothing yet."""
        return Live(self.looker, self._workers, with_queries=self._with_queries, fresh=self.fresh, sleep=self._sleep)

    def expect(self, content_type: str, digests: Mapping[str, bytes]) -> None:
        """Set the SHA-256 of each payload in the backup: live rows with the same are kept as b"", and their number says
        how many pages to read at once."""
        self._expected[content_type] = (digests, len(digests))

    def rows(self, content_type: str) -> Mapping[str, bytes]:
        """Return every live object of a type by id, without the trash."""
        with self._lock:
            if content_type not in self._listed:
                self._listed[content_type] = self._list(content_type)
            return self._listed[content_type]

    def trash(self, content_type: str) -> Mapping[str, bytes]:
        """Return the payloads in the trash of a type by id; empty if the type has no trash."""
        trash = trash_of(content_type)
        return self.rows(trash) if trash else {}

    def searched(self, content_type: str, where: Mapping[str, str], fields: Iterable[str]) -> dict[str, bytes]:
        """Return by id the dashboards or looks that a search for *where* finds, with only these *fields*."""
        call = CATALOG[content_type].search or CATALOG[content_type].list
        call = Call(call.operation, call.path, {**call.params, **where, "fields": ",".join(sorted({"id", *fields}))})
        row = CATALOG[content_type]
        return {_id(row, one): bytes(one) for one in self._walk(call, row, paged=True, expected=0)}

    def known(self, content_type: str, item_id: str) -> bytes | None:
        """Return a live object's payload if it was read already, b"" as in `get`; None means that it was not read, or is gone."""
        listed = self._listed.get(content_type)
        found = listed.get(item_id) if listed is not None else None
        return found if found is not None else self._single.get((content_type, item_id))

    def is_listed(self, content_type: str) -> bool:
        return content_type in self._listed

    def get(self, content_type: str, item_id: str) -> bytes | None:
        """Return one live object, also out of the trash; None if it is gone. b"" stands for the backup's own bytes.

        An object missing in a listing is read by id: if somebody removes a row meanwhile, another one slips between two pages.
        """
        with self._lock:
            listed = self._listed.get(content_type)
        found = listed.get(item_id) if listed is not None else None
        if found is None and listed is not None:
            found = self.trash(content_type).get(item_id)
        return found if found is not None else self.read(content_type, item_id)

    def read(self, content_type: str, item_id: str, *, again: bool = False) -> bytes | None:
        """Return one object by its own call; None where Looker has none."""
        known = (content_type, item_id)
        with self._guard:
            if not again and known in self._single:
                return self._single[known]
            before = self._times_forgotten(known)
        body = self._read(content_type, item_id)
        with self._guard:
            if before == self._times_forgotten(known):  # else it was written meanwhile
                self._single[known] = body
                if body is None and self.is_fresh(content_type, item_id):  # what is new is not gone, it is late
                    del self._single[known]
        return body

    def is_fresh(self, content_type: str, item_id: str) -> bool:
        """Return whether an object, or for a list the one that it belongs to, was made by this run."""
        row = CATALOG.get(content_type)
        is_list = row is not None and row.is_part and not row.many
        return (content_type, item_id) in self.fresh or (is_list and (row.targets_from, item_id) in self.fresh)

    def came_along(self, content_type: str, ids: Iterable[str]) -> None:
        """Note objects that Looker made by itself together with one that this run created: they are `fresh` too."""
        self.fresh.update((content_type, item_id) for item_id in ids)

    def _times_forgotten(self, known: tuple[str, str]) -> int:
        return self._forgotten[known] + self._forgotten[known[0], ""]

    def prefetch(self, content_type: str, ids: Iterable[str]) -> None:
        """Read many objects that have no listing at once, on the run's workers. An object that could not be read is read again,
        and its error raised, when it is needed."""

        def read(item_id: str) -> None:
            try:
                self.read(content_type, item_id)
            except LookerError as exc:
                if ends_all(exc):
                    raise

        with self._guard:
            wanted = [one for one in ids if (content_type, one) not in self._single]
        with ThreadPoolExecutor(self._workers, thread_name_prefix="live") as pool:
            list(pool.map(read, wanted))

    def narrowed(self, content_type: str, call: Call, target: str) -> Mapping[str, bytes]:
        """Return by id the objects of a type that a *call* for one *target* lists; from then on they are known."""
        found = {_id(CATALOG[content_type], row): bytes(row) for row in fetch_rows(self.looker, call, target)}
        with self._guard:
            self._single |= {(content_type, one): body for one, body in found.items()}
        return found

    def prefetch_unlisted(self, content_type: str, ids: Iterable[str]) -> None:
        """Read at once those objects among *ids* that the listing of the type lacks."""
        listed = self.rows(content_type)
        missing = [item_id for item_id in ids if item_id not in listed]
        if missing:
            trash = self.trash(content_type)
            self.prefetch(content_type, [item_id for item_id in missing if item_id not in trash])

    def renew(self, content_type: str, ids: Collection[str], *, whole: bool) -> Callable[[str], bytes | None]:
        """Read objects again, by the *whole* listing or one by one; return a function that gives each, None if it is gone."""
        if whole:
            self.forget(content_type)
            self.prefetch_unlisted(content_type, ids)
            return partial(self.get, content_type)
        for item_id in ids:
            self.forget(content_type, item_id)
        self.prefetch(content_type, ids)
        with self._lock:
            listed = self._listed.get(content_type, Packed())
            for item_id in ids:
                listed.pop(item_id, None)
                body = self.read(content_type, item_id)
                if body is not None and not is_trashed(body):
                    listed[item_id] = body
        return partial(self.read, content_type)

    def prefetch_children(self, content_type: str, parents: Iterable[str]) -> None:
        """Read the objects of a type that is listed per parent, all parents at once on the run's workers."""
        row = CATALOG[content_type]

        def read(parent: str) -> None:
            try:
                rows = fetch_rows(self.looker, row.list, parent)
            except Missing:
                return
            with self._guard:
                self._single |= {(content_type, _id(row, one)): bytes(one) for one in rows}

        with ThreadPoolExecutor(self._workers, thread_name_prefix="live") as pool:
            list(pool.map(read, parents))

    def exists(self, content_type: str, item_id: str) -> bool:
        """Return whether an object exists, trashed or not. A few objects are read by id, many are looked up in one listing of
        ids."""
        if content_type in self._listed:
            return self.get(content_type, item_id) is not None
        with self._guard:
            if (content_type, item_id) in self._single:
                return self._single[content_type, item_id] is not None
        if self._are_many(content_type) and item_id in self.census(content_type):
            return True
        return self.read(content_type, item_id) is not None

    def shows(self, content_type: str, item_id: str) -> bool:
        """Return whether an object is live and not in the trash. A few objects are read by id, many are looked up in one
        listing."""
        if content_type in self._listed:
            return item_id in self._listed[content_type]
        with self._guard:
            known = (content_type, item_id) in self._single
        if not known and self._are_many(content_type):
            return item_id in self.census(content_type)
        body = self.read(content_type, item_id)
        return body is not None and not is_trashed(body)

    def _are_many(self, content_type: str) -> bool:
        """Count one more single read of a type; return whether a listing of all its ids would be cheaper by now."""
        if content_type not in CATALOG or CATALOG[content_type].census is None:
            return False
        with self._guard:
            self._asked[content_type] = asked = self._asked.get(content_type, 0) + 1
        return asked > FEW

    def forget(self, content_type: str, item_id: str | None = None) -> None:
        """Drop what was read of a type, or of one object of it, because it has been written since."""
        with self._lock, self._guard:
            self._forgotten[content_type, item_id or ""] += 1
            if item_id is not None:
                self._single.pop((content_type, item_id), None)
                return
            for name in (content_type, trash_of(content_type) or ""):
                self._listed.pop(name, None)
            self._single = {key: value for key, value in self._single.items() if key[0] != content_type}
            self._ids.pop(content_type, None)

    def fetch(self, call: Call, target: str = "", extra: Parameters | None = None) -> bytes:
        """Return the body of one call; raises Missing, without a call, for a target that cannot be an id."""
        return fetch(self.looker, call, target, extra)

    def fetch_below(self, call: Call, content_type: str, item_id: str) -> bytes:
        """Return the body of a call on things below an object. Raises Missing if the object is gone; for a fresh one only after
        waiting."""
        for pause_s in PAUSES_S if self.is_fresh(content_type, item_id) else ():
            try:
                return self.fetch(call, item_id)
            except Missing:
                self._sleep(pause_s)
        return self.fetch(call, item_id)

    def _read(self, content_type: str, item_id: str) -> bytes | None:
        row = CATALOG.get(content_type)
        call = row.call_of(item_id) if row else WRITES[content_type].read if content_type in WRITES else None
        if call is None:
            return self._list(content_type).get(item_id) if row is not None and row.listing == "whole" else None
        for pause_s in PAUSES_S if self.is_fresh(content_type, item_id) else ():
            body = self._ask(row, call, item_id)
            if body is not None:
                return body
            self._sleep(pause_s)
        return self._ask(row, call, item_id)

    def _ask(self, row: ContentType | None, call: Call, item_id: str) -> bytes | None:
        try:
            pages = row is not None and row.is_part and row.sorts
            body = fetch_all_rows(self.looker, call, item_id, row.sorts) if pages else self.fetch(call, item_id)
        except Missing:
            return None
        except PermissionRefused:
            if row is None or not row.optional:
                raise
            return None
        if row is None or not row.unwrap:
            return body
        rows = [bytes(one) for one in rows_of(call, body) if _id(row, one) == item_id]
        return rows[0] if rows else self._ask(None, row.exists, item_id) if row.exists else None

    def census(self, content_type: str) -> set[str]:
        """Return the ids of a type, the trash left out."""
        with self._lock:
            if content_type not in self._ids:
                row, call = CATALOG[content_type], CATALOG[content_type].census
                rows = self._walk(call, row, paged=row.census_paged) if call else []
                self._ids[content_type] = {_id(row, one) for one in rows}
            return self._ids[content_type]

    def _list(self, content_type: str) -> Packed:
        row = CATALOG[content_type]
        if row.documents:
            return self._list_documents(row)
        digests, _ = self._expected.get(content_type, ({}, 0))
        found = Packed()
        calls = [(row.search, True)] if row.search else listings(self.looker, row)
        for one in (one for call, paged in calls for one in self._walk(call, row, paged=paged)):
            item_id, payload = _id(row, one), bytes(one)
            if row.lookml is not None and ("::" in item_id) != row.lookml:
                continue
            found[item_id] = b"" if digests.get(item_id) == digest(payload) else payload
        if row.search and ((self._with_queries and row.many) or is_thin(found)):
            self._fill(row, found)
        return found

    def _list_documents(self, row: ContentType) -> Packed:
        self.prefetch(row.name, row.documents)
        found = Packed()
        found.update({one: body for one in row.documents if (body := self._single.get((row.name, one)))})
        return found

    def _fill(self, row: ContentType, found: Packed) -> None:
        """Read what a search leaves out: with the rows of each folder, or where the type has no such call, one by one."""
        if not row.many:
            found.update({one: body for one in list(found) if (body := self._read(row.name, one))})
            return
        folders = {str(_row.decode(payload).folder_id) for payload in found.values()}
        with ThreadPoolExecutor(self._workers, thread_name_prefix="live") as pool:
            for page in pool.map(lambda folder: fetch_rows(self.looker, row.list, folder), folders):
                found.update({_id(row, one): bytes(one) for one in page})

    def ids_of(self, call: Call, content_type: str) -> frozenset[str]:
        """Return the ids that a listing call returns; the call is made once."""
        with self._lock:
            if call.operation not in self._named:
                rows = split(self.fetch(call))
                self._named[call.operation] = frozenset(_id(CATALOG[content_type], row) for row in rows)
            return self._named[call.operation]

    def merge(self, merge_id: str) -> dict[str, Any] | None:
        """Return a live merge query by structure, or None if a part of it cannot be read."""
        return merged(merge_id, self._decoded)

    def _decoded(self, content_type: str, item_id: str) -> Any:
        body = self.read(content_type, item_id)
        return decode(body) if body else None

    def _walk(self, call: Call, row: ContentType, *, paged: bool, expected: int | None = None) -> Iterator[msgspec.Raw]:
        if not paged:
            yield from self._whole(call, row)
            return
        if expected is None:
            _, expected = self._expected.get(row.name, ({}, 0))
        yield from pages_ahead(
            lambda offset, limit: self._page(call, offset, limit), row.page_size, expected, self._workers,
            ending_of(self.looker, call),
        )  # fmt: skip

    def _whole(self, call: Call, row: ContentType) -> list[msgspec.Raw]:
        """Return the rows that one call lists; none of what is optional and that this Looker does not have."""
        try:
            return fetch_rows(self.looker, call)
        except (Missing, PermissionRefused):
            if not row.optional:
                raise
            return []

    def _page(self, call: Call, offset: int, limit: int) -> list[msgspec.Raw]:
        where: dict[str, Any] = {"limit": limit, "offset": offset, "sorts": "id"}
        return fetch_rows(self.looker, call, extra=where)


def is_trashed(payload: bytes) -> bool:
    """Return whether *payload* says that its object lies in the trash."""
    if not payload or payload.lstrip()[:1] != b"{":
        return False
    one = _row.decode(payload)
    return bool(one.deleted or one.deleted_at)


def _id(row: ContentType, one: msgspec.Raw) -> str:
    return str(getattr(_row.decode(one), row.id_field))
