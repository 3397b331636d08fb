"""The slugs of queries. Release 24.x answers 404 to a query's number, and shows the query under the slug of the merge's source."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from lookervault_core.catalog import STRUCTURES
from lookervault_core.vault import Vault


class _Source(msgspec.Struct):
    query_id: Any = None
    query_slug: Any = None


class _Merge(msgspec.Struct):
    source_queries: list[_Source] | None = None


_merge = msgspec.json.Decoder(_Merge)


class Slugs:
    """Finds the slug of a query by its number in the merge queries of a snapshot, which name both. Safe for any number of threads.

    `go_first` is set once a release turned out to take no numbers: the others need not be asked for by theirs.
    """

    def __init__(self, vault: Vault, snapshot_id: int) -> None:
        self._vault, self._snapshot_id = vault, snapshot_id
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self.go_first = False

    def of(self, query_id: str) -> str | None:
        """Return the target that reads a query by its slug, or None if no merge query names one."""
        with self._lock:
            if query_id not in self._known:  # more merge queries may have come since
                self._known |= self._read()
            return self._known.get(query_id)

    def _read(self) -> dict[str, str]:
        payloads = (one.payload for one in self._vault.iter_payloads(STRUCTURES["merge_query"], self._snapshot_id))
        sources = (source for payload in payloads for source in _merge.decode(payload).source_queries or ())
        return {str(one.query_id): f"slug/{one.query_slug}" for one in sources if one.query_id and one.query_slug}
