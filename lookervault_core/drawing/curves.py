"""Curves and a calendar as SVG, for numbers over days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from lookervault_core.drawing.elements import circle, element, line, path, rect

WIDE, TALL, LEFT, BOTTOM, TOP = 520.0, 132.0, 8.0, 20.0, 10.0
CELL, WEEKS = 13.0, 53


class Point(msgspec.Struct, frozen=True):
    """The value of one day, and the text that is shown when somebody points at it."""

    day: date
    value: float
    told: str
    link: str = ""


class Day(msgspec.Struct, frozen=True):
    """One day of a calendar: a word for its look, and the text that is shown when somebody points at it."""

    look: str
    told: str
    link: str = ""


def curve(points: Sequence[Point], label: str) -> str:
    """Return a curve of *points* in the order of their days; a step between two days is as wide as the time between them."""
    spots = _spots(points, from_zero=False)
    if len(spots) < 2:
        return _chart([*(circle(x, y, 4, "dot") for x, y in spots), *_scale(points)], label)
    (first, _), (last, _) = spots[0], spots[-1]
    below = [(last, TALL - BOTTOM), (first, TALL - BOTTOM)]
    dots = [_told(circle(x, y, 5, "spot"), point) for (x, y), point in zip(spots, points, strict=True)]
    return _chart([line([*spots, *below], "under"), line(spots, "curve"), *dots, *_scale(points)], label)


def bars(points: Sequence[Point], label: str) -> str:
    """Return a bar for each of *points*, from zero."""
    spots = _spots(points, from_zero=True)
    wide = max(1.5, min(14.0, (WIDE - 2 * LEFT) / max(1, _span(points)) * 0.7))
    made = [
        _told(rect((max(LEFT, x - wide), y, wide, max(1.0, TALL - BOTTOM - y)), "bar", 1), point)
        for (x, y), point in zip(spots, points, strict=True)
    ]
    return _chart([*made, *_scale(points)], label)


def calendar(days: Mapping[date, Day], last: date, label: str) -> str:
    """Return an SVG calendar of the year that ends with *last*, a column a week."""
    monday = last - timedelta(days=last.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    cells, months = [], []
    for at in range(7 * WEEKS):
        day = first + timedelta(days=at)
        x, y = 4 + at // 7 * CELL, 18 + at % 7 * CELL
        if day <= last:
            cells.append(_day(days.get(day), day, x, y))
        if day.day == 1 and at < 7 * (WEEKS - 2):
            months.append(element("text", f"{day:%b}", x=x, y=11, cls="axis-text", aria_hidden="true"))
    size = {"view_box": f"0 0 {8 + WEEKS * CELL:g} {22 + 7 * CELL:g}"}
    return element("svg", [*months, *cells], cls="calendar", role="group", aria_label=label, **size)


def _day(found: Day | None, day: date, x: float, y: float) -> str:
    if found is None:
        return rect((x, y, CELL - 3, CELL - 3), "day none", 2)
    shape = [element("title", found.told), rect((x, y, CELL - 3, CELL - 3), f"day {found.look}", 2)]
    if found.look in ("partial", "failed"):  # told by more than its colour
        shape.append(path(f"M{x + 2:g} {y + CELL - 5:g}L{x + CELL - 5:g} {y + 2:g}", "stroke"))
    return element("a", shape, href=found.link, tabindex=-1, data_day=day.isoformat())


def _told(shape: str, point: Point) -> str:
    inside = [element("title", point.told), shape]
    if point.link:
        return element("a", inside, href=point.link, tabindex=-1)
    return element("g", inside)


def _span(points: Sequence[Point]) -> int:
    return (points[-1].day - points[0].day).days + 1 if points else 1


def _spots(points: Sequence[Point], *, from_zero: bool) -> list[tuple[float, float]]:
    if not points:
        return []
    low, high = _reach(points, from_zero=from_zero)
    first, days = points[0].day, max(1, _span(points) - 1)
    room = TALL - BOTTOM - TOP
    return [
        (
            LEFT + (WIDE - 2 * LEFT) * (point.day - first).days / days,
            TOP + room * (1 - (point.value - low) / (high - low)),
        )
        for point in points
    ]


def _reach(points: Sequence[Point], *, from_zero: bool) -> tuple[float, float]:
    """Return the values at the bottom and at the top: a curve that hardly moves must not look like a mountain."""
    values = [point.value for point in points]
    high, low = max(values), 0.0 if from_zero else min(values)
    if not from_zero:
        low = max(0.0, min(low, high - max(high - low, high * 0.2)))
    return low, high if high > low else low + 1


def _scale(points: Sequence[Point]) -> list[str]:
    if not points:
        return [element("text", "nothing yet", x=WIDE / 2, y=TALL / 2, cls="axis-text", text_anchor="middle")]
    base = TALL - BOTTOM
    made = [
        line([(LEFT, base), (WIDE - LEFT, base)], "rule"),
        element("text", f"{points[0].day:%d %b %Y}", x=LEFT, y=TALL - 5, cls="axis-text"),
    ]
    if len(points) > 1:
        made.append(
            element("text", f"{points[-1].day:%d %b %Y}", x=WIDE - LEFT, y=TALL - 5, cls="axis-text", text_anchor="end")
        )
    return made


def _chart(inside: list[str], label: str) -> str:
    return element("svg", inside, cls="chart", view_box=f"0 0 {WIDE:g} {TALL:g}", role="group", aria_label=label)
