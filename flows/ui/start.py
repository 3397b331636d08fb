"""The first page, with the state of the vault, and the pages of snapshots, with what changed in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from flows.cli.tables import size
from flows.ui.site import Site
from lookervault_core.browsing.brought import brought
from lookervault_core.browsing.nights import Night, calls_by_day
from lookervault_core.drawing.curves import Day, Point, bars, calendar, curve
from lookervault_core.errors import NotFound
from lookervault_core.vault.restoring import restorations

SHOWN, LAST = 500, 12
_LOOKS = {
    "complete": "complete",
    "partial": "partial",
    "failed": "failed",
    "interrupted": "failed",
    "running": "running",
}


def start(site: Site, request: Request) -> Response:
    """Show the state of the vault: its newest snapshots, what is unusual, its size and calls."""
    found = site.nights()
    newest = next((one for one in reversed(found) if one.is_whole and one.status in ("complete", "partial")), None)
    return site.page(
        request,
        "start.html",
        nights=[one for one in reversed(found) if not one.is_narrow][:LAST],
        newest=newest,
        holes=_holes(site, newest),
        odd=[(one, told) for number, told in site.unusual().items() if (one := site.night(number))][:6],
        calendar=_calendar(found),
        charts=_charts(site, found),
        file_bytes=site.vault.path.stat().st_size,
        proof=_proof(site),
    )


def _holes(site: Site, newest: Night | None) -> list:
    return site.vault.holes(newest.snapshot_id) if newest and newest.holes else []


def _proof(site: Site) -> dict | None:
    """Return what the last restore that was read back came to."""
    done = (one for one in restorations.newest_first(site.vault) if (one.summary or {}).get("verified"))
    last = next(done, None)
    return {"session": last, "verified": (last.summary or {})["verified"]} if last else None


def _calendar(found: Sequence[Night]) -> Markup:
    days = {one.started_at.date(): _day(one) for one in found if not one.is_narrow}
    last = max(days, default=date(2020, 1, 1))
    return Markup(calendar(days, last, "Snapshots by day"))  # noqa: S704 (made of escaped elements)


def _day(night: Night) -> Day:
    told = f"{night.started_at:%d %b %Y}: snapshot {night.snapshot_id}, {night.status}, {_changes(night)}"
    return Day(_LOOKS.get(night.status, "failed"), told, f"/snapshots/{night.snapshot_id}")


def _changes(night: Night) -> str:
    holes = f", {night.holes:,} holes" if night.holes else ""
    return f"{night.objects:,} objects, {night.changes:,} changes{holes}"


def _charts(site: Site, found: Sequence[Night]) -> list[dict]:
    whole = [one for one in found if one.is_whole and one.status in ("complete", "partial")]
    growth = site.growth.by_day()
    calls = [
        Point(date.fromisoformat(day), count, f"{day}: {count:,} calls") for day, count in calls_by_day(site.vault, 400)
    ]
    sizes = [Point(date.fromisoformat(day), total, f"{day}: {size(total)}") for day, total in growth or ()]
    charts = [
        ("Objects", f"{whole[-1].objects:,}" if whole else "none yet", curve(_objects(whole), "Objects, by snapshot")),
        ("Changes a night", f"{whole[-1].changes:,} last" if whole else "", bars(_nightly(whole), "Changes a night")),
        (
            "Payloads kept",
            size(sizes[-1].value) if sizes else "",
            curve(sizes, "Compressed payloads in the vault, by day"),
        ),
        ("Calls to Looker", f"{calls[-1].value:,} last day" if calls else "", bars(calls, "Calls to Looker, by day")),
    ]
    return [
        {"title": title, "figure": figure, "svg": Markup(svg), "waits": growth is None and title == "Payloads kept"}  # noqa: S704
        for title, figure, svg in charts
    ]


def _objects(whole: Sequence[Night]) -> list[Point]:
    return [_point(one, one.objects, f"{one.objects:,} objects") for one in whole]


def _nightly(whole: Sequence[Night]) -> list[Point]:
    """Return what each night brought; the first snapshot brought everything, which says nothing of a night."""
    return [
        _point(one, one.changes, f"{one.new:,} created, {one.changed:,} changed, {one.deleted:,} deleted")
        for one in whole[1:]
    ]


def _point(night: Night, value: float, told: str) -> Point:
    return Point(
        night.started_at.date(), value, f"{night.started_at:%d %b %Y}: {told}", f"/snapshots/{night.snapshot_id}"
    )


def snapshots(site: Site, request: Request) -> Response:
    """List every snapshot, newest first."""
    return site.page(request, "snapshots.html", nights=list(reversed(site.nights())))


def snapshot(site: Site, request: Request) -> Response:
    """Show what one snapshot holds, and what is created, changed and deleted in it."""
    number = int(request.path_params["number"])
    night = site.night(number)
    if night is None:
        raise NotFound(f"snapshot {number}: this vault has none of that number")
    found = site.nights()
    at = found.index(night)
    return site.page(
        request,
        "snapshot.html",
        night=night,
        before=found[at - 1] if at else None,
        after=found[at + 1] if at + 1 < len(found) else None,
        counts=[
            count for count in site.vault.counts(number).values() if count.captured or count.holes or count.deleted
        ],
        brought=[] if night.changes == night.new == night.objects else brought(site.vault, number, SHOWN + 1),
        most=SHOWN,
        holes=site.vault.holes(number) if night.holes else [],
        notes=site.vault.notes(number)[:50],
        next_day=night.started_at + timedelta(days=1),
    )
