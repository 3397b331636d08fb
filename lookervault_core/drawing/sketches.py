"""A small sketch of each kind of chart, drawn into a box. It stands for the kind: no figure of it is anybody's data."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

from lookervault_core.drawing.elements import Box, circle, element, line, path, rect

SMALLEST = 14.0  # below that nobody sees what it is

_HEIGHTS = (0.45, 0.7, 0.55, 0.95, 0.8, 0.6, 0.35)
_CURVE = (0.3, 0.5, 0.42, 0.68, 0.6, 0.92)
_OTHER = (0.15, 0.22, 0.35, 0.3, 0.48, 0.55)
_DOTS = ((0.1, 0.2), (0.22, 0.45), (0.35, 0.3), (0.45, 0.62), (0.58, 0.5), (0.68, 0.8), (0.82, 0.66), (0.92, 0.9))

Sketch = Callable[[float, float, float, float], list[str]]


def sketch(kind: str, box: Box) -> list[str]:
    """Return the elements that sketch *kind* in *box*; a frame for a kind that nobody knows, none where there is no room."""
    x, y, width, height = box
    if width < SMALLEST or height < SMALLEST:
        return []
    return _SKETCHES.get(kind, _unknown)(x, y, width, height)


def _narrowed(x: float, width: float, most: float) -> tuple[float, float]:
    taken = min(width, most)
    return x + (width - taken) / 2, taken


def _column(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2.6)
    step = width / len(_HEIGHTS)
    bars = [
        rect((x + n * step + step * 0.14, y + height * (1 - part), step * 0.72, height * part), f"ink{1 + n % 2}", 1.5)
        for n, part in enumerate(_HEIGHTS)
    ]
    return [*bars, _floor(x, y, width, height)]


def _bar(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2.6)
    step = height / 5
    parts = (0.95, 0.75, 0.6, 0.42, 0.28)
    return [
        rect((x, y + n * step + step * 0.15, width * part, step * 0.7), "ink1" if n % 2 else "ink2", 1.5)
        for n, part in enumerate(parts)
    ]


def _points(x: float, y: float, width: float, height: float, parts: tuple[float, ...]) -> list[tuple[float, float]]:
    step = width / (len(parts) - 1)
    return [(x + n * step, y + height * (1 - part)) for n, part in enumerate(parts)]


def _line(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 3)
    curves = ((_CURVE, "stroke1"), (_OTHER, "stroke2"))
    return [
        *(line(_points(x, y, width, height, parts), cls) for parts, cls in curves),
        _floor(x, y, width, height),
    ]


def _area(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 3)
    base = [(x + width, y + height), (x, y + height)]
    return [
        line([*_points(x, y, width, height, _CURVE), *base], "ink3"),
        line([*_points(x, y, width, height, _OTHER), *base], "ink2"),
        line(_points(x, y, width, height, _CURVE), "stroke1"),
    ]


def _scatter(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2.2)
    radius = max(1.5, height * 0.035)
    inner = width - 2 * radius, height - 2 * radius
    dots = [
        circle(x + radius + inner[0] * a, y + radius + inner[1] * (1 - b), radius, f"ink{1 + n % 2}")
        for n, (a, b) in enumerate(_DOTS)
    ]
    return [*dots, _floor(x, y, width, height)]


def _slice(x: float, y: float, radius: float, start: float, end: float, cls: str) -> str:
    (ax, ay), (bx, by) = ((x + radius * sin(2 * pi * at), y - radius * cos(2 * pi * at)) for at in (start, end))
    large = int(end - start > 0.5)
    return path(f"M{x:.1f} {y:.1f}L{ax:.1f} {ay:.1f}A{radius:.1f} {radius:.1f} 0 {large} 1 {bx:.1f} {by:.1f}Z", cls)


def _pie(x: float, y: float, width: float, height: float) -> list[str]:
    middle, radius = (x + width / 2, y + height / 2), min(width, height) / 2
    parts = ((0.0, 0.46, "ink1"), (0.46, 0.76, "ink2"), (0.76, 1.0, "ink3"))
    return [_slice(*middle, radius, start, end, cls) for start, end, cls in parts]


def _donut(x: float, y: float, width: float, height: float) -> list[str]:
    return [*_pie(x, y, width, height), circle(x + width / 2, y + height / 2, min(width, height) * 0.28, "hole")]


def _number(x: float, y: float, width: float, height: float) -> list[str]:
    tall = min(height * 0.8, width / 2.4, 56)
    wide = tall * 1.7
    made = element(
        "text",
        "123",
        x=x + (width - wide) / 2,
        y=y + height / 2 + tall * 0.36,
        cls="number",
        font_size=f"{tall:.1f}",
        text_length=f"{wide:.1f}",
        length_adjust="spacingAndGlyphs",
        aria_hidden="true",
    )
    return [made] if wide <= width and tall * 1.3 <= height * 1.1 else []


def _table(x: float, y: float, width: float, height: float) -> list[str]:
    rows = max(2, min(7, int(height // 13)))
    step, columns = height / rows, 3 if width < 160 else 4 if width < 300 else 6
    cell = width / columns
    made = [rect((x, y, width, step * 0.82), "ink3", 2)]
    for row in range(rows):
        for column in range(columns):
            length = cell * (0.72 if column == 0 else 0.3 + 0.12 * ((row * 3 + column) % 3))
            inside = (x + column * cell + 5, y + row * step + step * 0.28, max(2, length - 8), max(2, step * 0.26))
            made.append(rect(inside, "ink1" if row == 0 else "ink2", 1))
    return made


def _map(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 1.8)
    land = [(0.05, 0.3), (0.3, 0.08), (0.52, 0.22), (0.75, 0.1), (0.95, 0.4), (0.8, 0.75), (0.5, 0.92), (0.22, 0.72)]
    spots = ((0.3, 0.35, 0.05), (0.55, 0.5, 0.09), (0.75, 0.38, 0.06), (0.42, 0.7, 0.04))
    return [
        line([(x + width * a, y + height * b) for a, b in land], "ink3"),
        *(circle(x + width * a, y + height * b, height * size, "ink1") for a, b, size in spots),
    ]


def _funnel(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2)
    step, parts = height / 4, (1.0, 0.72, 0.48, 0.28)
    return [
        rect((x + width * (1 - part) / 2, y + n * step, width * part, step * 0.82), f"ink{1 + n % 2}", 2)
        for n, part in enumerate(parts)
    ]


def _waterfall(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2.4)
    step = width / 5
    spans = ((0.0, 0.4), (0.4, 0.75), (0.55, 0.75), (0.55, 0.95), (0.0, 0.95))
    bars = [
        rect((x + n * step + step * 0.12, y + height * (1 - b), step * 0.76, height * (b - a)), f"ink{1 + n % 2}", 1.5)
        for n, (a, b) in enumerate(spans)
    ]
    return [*bars, _floor(x, y, width, height)]


def _boxplot(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2)
    step, made = width / 4, []
    for n, (low, box, high) in enumerate(((0.1, 0.3, 0.8), (0.2, 0.45, 0.95), (0.05, 0.2, 0.6), (0.3, 0.5, 0.9))):
        middle = x + (n + 0.5) * step
        made.append(line([(middle, y + height * (1 - low)), (middle, y + height * (1 - high))], "stroke2"))
        made.append(rect((middle - step * 0.25, y + height * (1 - box - 0.22), step * 0.5, height * 0.22), "ink1", 1.5))
    return made


def _timeline(x: float, y: float, width: float, height: float) -> list[str]:
    step = height / 4
    spans = ((0.0, 0.35), (0.2, 0.6), (0.45, 0.8), (0.7, 1.0))
    return [
        rect((x + width * a, y + n * step + step * 0.2, width * (b - a), step * 0.6), f"ink{1 + n % 2}", 2)
        for n, (a, b) in enumerate(spans)
    ]


def _cloud(x: float, y: float, width: float, height: float) -> list[str]:
    x, width = _narrowed(x, width, height * 2.4)
    bars = ((0.25, 0.1, 0.4, 0.1), (0.1, 0.28, 0.3, 0.13), (0.45, 0.28, 0.45, 0.13), (0.15, 0.5, 0.55, 0.18),
            (0.74, 0.53, 0.2, 0.1), (0.3, 0.76, 0.36, 0.12))  # fmt: skip
    return [
        rect((x + width * a, y + height * b, width * c, height * d), f"ink{1 + n % 3}", 2)
        for n, (a, b, c, d) in enumerate(bars)
    ]


def _gauge(x: float, y: float, width: float, height: float) -> list[str]:
    radius = min(width / 2, height) * 0.92
    left, base = x + width / 2 - radius, y + (height + radius) / 2
    right, hole = left + 2 * radius, radius * 0.45
    arc = f"M{left:.1f} {base:.1f}A{radius:.1f} {radius:.1f} 0 0 1 "
    turn = 0.68 * pi
    end = (x + width / 2 - radius * cos(turn), base - radius * sin(turn))
    return [
        path(f"{arc}{right:.1f} {base:.1f}Z", "ink3"),
        path(f"{arc}{end[0]:.1f} {end[1]:.1f}L{x + width / 2:.1f} {base:.1f}Z", "ink1"),
        path(
            f"M{left + hole:.1f} {base + 1:.1f}A{radius - hole:.1f} {radius - hole:.1f} 0 0 1 {right - hole:.1f} {base + 1:.1f}Z",
            "hole",
        ),
    ]


def _record(x: float, y: float, width: float, height: float) -> list[str]:
    rows = max(2, min(6, int(height // 14)))
    step = height / rows
    return [
        part
        for n in range(rows)
        for part in (
            rect((x, y + n * step + step * 0.3, width * 0.3, max(2, step * 0.3)), "ink3", 1),
            rect(
                (x + width * 0.36, y + n * step + step * 0.3, width * (0.3 + 0.1 * (n % 3)), max(2, step * 0.3)),
                "ink1",
                1,
            ),
        )
    ]


def _unknown(x: float, y: float, width: float, height: float) -> list[str]:
    side = min(width, height, 90) * 0.9
    left, top, gap = x + (width - side) / 2, y + (height - side) / 2, side * 0.08
    half = (side - gap) / 2
    return [
        rect((left + a * (half + gap), top + b * (half + gap), half, half), f"ink{1 + (a + 2 * b) % 3}", side * 0.06)
        for a in (0, 1)
        for b in (0, 1)
    ]


def _floor(x: float, y: float, width: float, height: float) -> str:
    return line([(x, y + height), (x + width, y + height)], "axis")


_SKETCHES: dict[str, Sketch] = {
    "column": _column,
    "bar": _bar,
    "line": _line,
    "area": _area,
    "scatter": _scatter,
    "pie": _pie,
    "donut": _donut,
    "number": _number,
    "table": _table,
    "map": _map,
    "funnel": _funnel,
    "waterfall": _waterfall,
    "boxplot": _boxplot,
    "timeline": _timeline,
    "cloud": _cloud,
    "gauge": _gauge,
    "record": _record,
}
