"""The pages of one object: its present state, its history, and two of its versions side by side."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flows.ui.site import Site, object_url
from flows.ui.story import Edit, edits, grouped, titles
from lookervault_core.catalog import row as row_of
from lookervault_core.drawing.model import Drawing, Mark
from lookervault_core.drawing.svg import Marked, Scale, picture
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.families.dashboards.marks import marks
from lookervault_core.families.drawn import can_be_drawn, drawing_of
from lookervault_core.history import Change, LogRequest, log
from lookervault_core.model import ContentKey
from lookervault_core.vault import VersionRow

ALONE, BESIDE = Scale(column=36.0, row=30.0), Scale(column=24.0, row=26.0)
MOST_SHOWN = 400_000  # bytes of a payload
MOST_TOLD = 60


def key_of(request: Request) -> ContentKey:
    return ContentKey(row_of(request.path_params["type"]).name, request.path_params["id"])


def show(site: Site, request: Request) -> Response:
    """Show one object: its picture in the newest snapshot, and its versions."""
    key = key_of(request)
    versions = site.vault.history(key)
    number = _asked(request, "snapshot")
    shown = versions[0] if number is None else _holding(site, key, number, versions)
    payload = site.vault.payload(key, number or shown.last_snapshot_id)
    return site.page(
        request,
        "object.html",
        key=key,
        shown=shown,
        snapshot=number or shown.last_snapshot_id,
        steps=_steps(site, key, versions),
        gone=_is_gone(site, key, versions[0]),
        folders=_above(site, key),
        picture=_alone(key, payload),
        facts=_facts(payload) if not can_be_drawn(key.content_type) else [],
    )


def _is_gone(site: Site, key: ContentKey, newest: VersionRow) -> bool:
    visible = site.vault.visible_snapshot(key.content_type)
    return visible is not None and newest.last_snapshot_id < visible.snapshot_id


def _above(site: Site, key: ContentKey) -> list[tuple[str, str]]:
    entry = site.shelf.entries.get(key)
    return list(site.shelf.path(entry.folder_id)) if entry else []


def _holding(site: Site, key: ContentKey, number: int, versions: Sequence[VersionRow]) -> VersionRow:
    version_id = site.vault.item(key, number).version_id
    return next(version for version in versions if version.version_id == version_id)


def _steps(site: Site, key: ContentKey, versions: Sequence[VersionRow]) -> list[dict]:
    """Return the versions, newest first, each with what it was before."""
    nights = {night.snapshot_id: night for night in site.nights()}
    told = {one.to_snapshot: one for one in told_of(site, key)}
    before = [*versions[1:], None]
    return [
        {
            "version": one,
            "night": nights.get(one.first_snapshot_id),
            "number": len(versions) - at,
            "change": told.get(one.first_snapshot_id),
            "compare": object_url(key.content_type, key.id)
            + f"/compare?a={old.last_snapshot_id}&b={one.first_snapshot_id}"
            if old
            else "",
        }
        for at, (one, old) in enumerate(zip(versions, before, strict=True))
    ]


def told_of(site: Site, key: ContentKey) -> list[Change]:
    """Return the changes of an object, newest first, without those of its lists, which have pages of their own."""
    found = log(site.vault, LogRequest(content_type=key.content_type, id=key.id, limit=MOST_TOLD))
    return [one for one in found if one.key == key]


def _alone(key: ContentKey, payload: bytes) -> Markup | None:
    if not can_be_drawn(key.content_type):
        return None
    return Markup(picture(drawing_of(key.content_type, payload), scale=ALONE, headed=False))  # noqa: S704 (made of escaped elements)


def _facts(payload: bytes) -> list[tuple[str, str]]:
    """Return the plain fields that say something."""
    found = msgspec.json.decode(payload)
    if not isinstance(found, dict):
        return []
    plain = [(name, value) for name, value in found.items() if value is not None and not isinstance(value, dict | list)]
    return [(name, str(value)) for name, value in plain if name != "can" and value != ""][:60]


def payload(site: Site, request: Request) -> Response:
    """Show the payload of an object, indented for reading."""
    key, number = key_of(request), _asked(request, "snapshot")
    versions = site.vault.history(key)
    number = number or versions[0].last_snapshot_id
    sent = site.vault.payload(key, number)
    laid_out = msgspec.json.format(sent, indent=2).decode(errors="replace")
    text, cut = laid_out[:MOST_SHOWN], len(laid_out) > MOST_SHOWN
    return site.page(request, "payload.html", key=key, snapshot=number, text=text, cut=cut, size=len(sent))


def compare(site: Site, request: Request) -> Response:
    """Show two versions of an object side by side, and what differs."""
    key = key_of(request)
    versions = site.vault.history(key)
    a, b = _two(request, versions)
    if a == b and len(versions) < 2:
        return RedirectResponse(object_url(key.content_type, key.id), status_code=303)
    before, after = _read(site, key, a), _read(site, key, b)
    drawings = [drawing_of(key.content_type, one) for one in (before, after)] if can_be_drawn(key.content_type) else []
    found = edits(key, before, after, drawings)
    return site.page(
        request,
        "compare.html",
        key=key,
        name=_holding(site, key, b, versions).name,
        a=a,
        b=b,
        nights=(site.night(a), site.night(b)),
        choices=[(version.last_snapshot_id, site.night(version.last_snapshot_id)) for version in versions],
        groups=grouped(found),
        total=len(found),
        told=[one for one in reversed(told_of(site, key)) if a < one.to_snapshot <= b],
        **_drawn(drawings, found),
    )


def _two(request: Request, versions: Sequence[VersionRow]) -> tuple[int, int]:
    b = _asked(request, "b") or versions[0].last_snapshot_id
    earlier = next(
        (version.last_snapshot_id for version in versions if version.last_snapshot_id < b),
        versions[-1].first_snapshot_id,
    )
    return _asked(request, "a") or earlier, b


def _read(site: Site, key: ContentKey, number: int) -> bytes:
    try:
        return site.vault.payload(key, number)
    except NotFound as exc:
        raise NotFound(f"{key}: snapshot {number} does not hold it; choose another one on its page") from exc


def _drawn(drawings: Sequence[Drawing], found: Sequence[Edit]) -> dict:
    if not drawings:
        return {"pictures": [], "marked": [], "titles": {}}
    old, new = drawings
    marked = marks(old, new, [one.whole for one in found])
    named = titles(old, new)
    return {
        "pictures": pair_of_pictures(old, new, marked),
        "marked": sorted(marked.items(), key=lambda one: (one[1], named.get(one[0], ""))),
        "titles": named,
    }


def pair_of_pictures(old: Drawing, new: Drawing, marked: dict[str, Mark]) -> list[Markup]:
    """Return both drawings as pictures; a click on a marked tile leads to its changes."""
    shown = Marked(marked, {tile: f"#tile-{tile}" for tile in marked})
    return [Markup(picture(one, shown, BESIDE, headed=False)) for one in (old, new)]  # noqa: S704 (escaped elements)


def _asked(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise UsageError(f"{name}: the number of a snapshot is wanted, not {text[:40]!r}")
    return int(text)
