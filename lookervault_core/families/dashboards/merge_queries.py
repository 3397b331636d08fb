"""Read the merge queries of tiles on another instance, all at once: there a plan can match them only by their structure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lookervault_core.diff.document import decode
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.model import ContentKey
from lookervault_core.restore.planning.sides import Sides


class _Tile(msgspec.Struct):
    merge_result_id: Any = None


class _Dashboard(msgspec.Struct):
    dashboard_elements: list[_Tile] | None = None


_dashboard = msgspec.json.Decoder(_Dashboard)


def read_merges(sides: Sides, dashboard_ids: Iterable[str]) -> None:
    """Read at once the merge queries of the live dashboards that match *dashboard_ids*. Only on another instance: on its own one
    their ids tell them apart."""
    if sides.same_instance:
        return
    merges = {one for item_id in dashboard_ids for one in _live_merges(sides, item_id)}
    sides.live.prefetch("merge_queries", merges)
    bodies = (sides.live.read("merge_queries", one) for one in merges)
    sources = (source for body in bodies if body for source in decode(body).get("source_queries") or ())
    sides.live.prefetch("queries", {str(one["query_id"]) for one in sources if one.get("query_id")})


def _live_merges(sides: Sides, item_id: str) -> Iterator[str]:
    try:
        if not any(_merges_in(sides.backup.payload("dashboards", item_id))):
            return
        found = sides.destination.find(sides.backup.wanted(ContentKey("dashboards", item_id)))
    except (BlobDamaged, CodecError, msgspec.DecodeError):  # its own step says so
        return
    yield from _merges_in(found.payload) if found is not None and found.payload else ()


def _merges_in(payload: bytes) -> Iterator[str]:
    tiles = _dashboard.decode(payload).dashboard_elements or ()
    return (str(tile.merge_result_id) for tile in tiles if tile.merge_result_id)
