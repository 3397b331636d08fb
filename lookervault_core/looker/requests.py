"""Make requests of the catalog's calls, and rows of the answers; for extractions and restores alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from lookervault_core.catalog import PART_PAGE, Call
from lookervault_core.codec import split
from lookervault_core.errors import BadReply, CodecError, Missing
from lookervault_core.looker.client import Looker, names_one, segment
from lookervault_core.looker.endless import Ending
from lookervault_core.looker.replies import Reply

Parameters = Mapping[str, str | int | bool]


def request(call: Call, target: str = "") -> tuple[str, dict[str, str | int | bool]]:
    """Return path and parameters of *call* for *target*, with the target's text quoted for its place."""
    head, _, tail = target.partition("::")
    whole = "/".join(segment(part) for part in target.split("/", 1)) if target.startswith("slug/") else segment(target)
    path = call.path.format(id=whole, head=segment(head), tail=segment(tail))
    params = {k: v.format(id=target) if isinstance(v, str) else v for k, v in call.params.items()}
    return path, params


def fetch(looker: Looker, call: Call, target: str = "", extra: Parameters | None = None) -> bytes:
    """Return the body of one call; LookerError as the client raises it, Missing for a target that is no id."""
    return _reply(looker, call, target, extra or {}).body


def _reply(looker: Looker, call: Call, target: str, extra: Parameters) -> Reply:
    if not (target or call.is_whole) or not names_one(target or "all"):
        raise Missing(f"{call.operation}: {target!r} names nothing", operation=call.operation)
    path, params = request(call, target)
    return looker.get(call.operation, path, params | dict(extra), item=target, media=call.media)


def rows_of(call: Call, body: bytes) -> list[msgspec.Raw]:
    """Return the rows of a list answer, undecoded; BadReply if it is no list."""
    try:
        return split(body)
    except CodecError as exc:
        raise BadReply(f"{call.operation}: expected a list of objects ({exc})", operation=call.operation) from exc


def fetch_rows(looker: Looker, call: Call, target: str = "", extra: Parameters | None = None) -> list[msgspec.Raw]:
    """Return the rows that one call lists."""
    return rows_of(call, fetch(looker, call, target, extra))


def fetch_all_rows(looker: Looker, call: Call, target: str, sorts: str | None, size: int = PART_PAGE) -> bytes:
    """Return all pages of a list that belongs to *target* as one JSON array, the bytes of each row unchanged."""
    found = [bytes(row) for page in fetch_pages(looker, call, target, sorts, size, count=True) for row in page]
    return b"[" + b",".join(found) + b"]"


def fetch_pages(
    looker: Looker, call: Call, target: str, sorts: str | None, size: int, *, count: bool = False
) -> Iterator[list[msgspec.Raw]]:
    """Yield the pages of a list; LookerError if it has no end.

    It ends with an empty page, or with *count* as soon as there are as many rows as the answer's header `X-Total-Count` says, if
    there is one."""
    offset, ending = 0, ending_of(looker, call, target, sorts)
    order = {"sorts": sorts} if sorts else {}
    while True:
        reply = _reply(looker, call, target, {"limit": size, "offset": offset} | order)
        rows = rows_of(call, reply.body)
        offset += len(rows)
        yield rows
        if not rows or (count and reply.headers.get("x-total-count") == str(offset)):
            return
        ending.went_on(offset)


def ending_of(looker: Looker, call: Call, target: str = "", sorts: str | None = "id") -> Ending:
    """Return an `Ending` for a paged list, of *target* or of the whole instance, which finds out if it has no end."""
    order = {"sorts": sorts} if sorts else {}
    return Ending(call, lambda at: bool(fetch_rows(looker, call, target, {"limit": 1, "offset": at, **order})))
