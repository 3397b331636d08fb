"""The pages with the tree of folders, the lists of each type, and the search."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from flows.ui.site import Site
from lookervault_core.browsing.former import former
from lookervault_core.browsing.shelf import Entry, Shelf
from lookervault_core.catalog import CATALOG
from lookervault_core.catalog import row as row_of
from lookervault_core.errors import NotFound
from lookervault_core.families.folders.tree import FOLDER
from lookervault_core.model import ContentKey
from lookervault_core.searching import SearchRequest
from lookervault_core.searching import search as indexed_search

FOUND, INSIDE, PAGE = 100, 50, 200
_NAMES = tuple(CATALOG)


def folders(site: Site, request: Request) -> Response:
    """Show what is in one folder, or the folders that are in none."""
    shelf, folder_id = site.shelf, request.path_params.get("id")
    if folder_id is not None and ContentKey(FOLDER, folder_id) not in shelf.entries:
        raise NotFound(f"folder {folder_id}: the newest snapshot of folders does not hold it")
    inside = shelf.tops() if folder_id is None else shelf.within.get(folder_id, [])
    folder = shelf.entries.get(ContentKey(FOLDER, folder_id or ""))
    below = [one for one in inside if one.content_type == FOLDER]
    return site.page(
        request,
        "folder.html",
        folder=folder,
        above=shelf.path(folder_id)[:-1],
        below=[(one, len(shelf.within.get(one.id, ()))) for one in below],
        groups=_by_type(one for one in inside if one.content_type != FOLDER),
    )


def _by_type(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    order = list(CATALOG)
    known = sorted(entries, key=lambda one: (order.index(one.content_type), one.name.casefold()))
    return [(name, list(found)) for name, found in groupby(known, key=lambda one: one.content_type)]


def search(site: Site, request: Request) -> Response:
    """Find objects by their name or id, by what is written in them, and by a name that they had."""
    text, shelf = request.query_params.get("q", "").strip(), site.shelf
    found = shelf.named(text, FOUND + 1) if text else []
    shown = [(one, _where(shelf, one)) for one in found[:FOUND]]
    earlier = former(site.vault, shelf, text, FOUND) if text else []
    inside = indexed_search(site.vault, SearchRequest(text, _NAMES, limit=INSIDE, inside=True)) if text else []
    return site.page(
        request, "search.html", text=text, found=shown, more=len(found) > FOUND, inside=inside, earlier=earlier
    )


def _where(shelf: Shelf, entry: Entry) -> str:
    return " / ".join(name for _, name in shelf.path(entry.folder_id))


def types(site: Site, request: Request) -> Response:
    """List the types with how many objects each has."""
    counts = site.shelf.counts
    rows = [(name, counts.get(name, 0)) for name, row in CATALOG.items() if not row.is_part and counts.get(name)]
    return site.page(request, "types.html", rows=rows)


def listing(site: Site, request: Request) -> Response:
    """List the objects of one type, some at a time."""
    name = row_of(request.path_params["type"]).name
    page = max(1, _number(request.query_params.get("page")))
    total = site.shelf.counts.get(name, 0)
    rows = site.vault.items(name, limit=PAGE, offset=(page - 1) * PAGE) if total else []
    last = max(1, -(-total // PAGE))
    return site.page(request, "listing.html", type=name, rows=rows, page=page, last=last, total=total)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
