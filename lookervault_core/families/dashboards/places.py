"""The places of tiles from layout components: on the grid of 24 columns, or on the finer one that releases since 26.4 have too.
Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import msgspec

from lookervault_core.drawing.model import Place

COLUMNS = 24
MOST_COLUMNS, MOST_ROWS = 240, 5_000  # beyond that a number is a slip, and a drawing to that scale would show nothing
_PLAIN = ("row", "column", "width", "height")
_FINE = tuple(f"granular_{name}" for name in _PLAIN)


class Grid(msgspec.Struct, frozen=True):
    """One tab's grid; `across` and `down` say how many fine columns and rows one plain one is."""

    columns: int = COLUMNS
    across: float = 1.0
    down: float = 1.0

    @classmethod
    def of(cls, components: Sequence[Mapping[str, Any]]) -> Grid:
        """Return the grid that *components* are placed on."""
        across = _ratio(components, "width") or _by_extent(components)
        grid = cls(COLUMNS, across, _ratio(components, "height") or across)
        ends = [place.x + place.width for row in components if (place := grid.place(row)) is not None]
        return cls(max(COLUMNS, *(-int(-end // 1) for end in ends)) if ends else COLUMNS, grid.across, grid.down)

    def place(self, component: Mapping[str, Any]) -> Place | None:
        """Return the place in a component, in columns and rows of the plain grid; None if it has none that can be drawn."""
        fine, plain = _numbers(component, _FINE), _numbers(component, _PLAIN)
        if fine is not None:
            row, column, width, height = fine
            box = (column / self.across, row / self.down, width / self.across, height / self.down)
        elif plain is not None:
            row, column, width, height = plain
            box = (float(column), float(row), float(width), float(height))
        else:
            return None
        return Place(*box) if _can_be_drawn(*box) else None


def _can_be_drawn(x: float, y: float, width: float, height: float) -> bool:
    return min(x, y) >= 0 and min(width, height) > 0 and x + width <= MOST_COLUMNS and y + height <= MOST_ROWS


def _numbers(component: Mapping[str, Any], names: Sequence[str]) -> tuple[int, int, int, int] | None:
    found = [component.get(name) for name in names]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in found):
        return None
    row, column, width, height = (int(str(one)) for one in found)
    return row, column, width, height


def stated(component: Mapping[str, Any]) -> dict[str, int]:
    """Return the position and size numbers in a layout component, by field."""
    given = {name: component.get(name) for name in (*_PLAIN, *_FINE)}
    return {name: value for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool)}


def _ratio(components: Sequence[Mapping[str, Any]], size: str) -> float | None:
    """Return how many fine units one plain unit of *size* is, computed from the components that have both."""
    both = [(_size(row, f"granular_{size}"), _size(row, size)) for row in components if _numbers(row, _FINE)]
    found = [fine / plain for fine, plain in both if fine and plain]
    return max(1.0, float(round(median(found)))) if found else None


def _by_extent(components: Sequence[Mapping[str, Any]]) -> float:
    """Return the same where no component has both: the grid is as many times 24 columns as its tiles reach."""
    ends = [found[1] + found[2] for row in components if (found := _numbers(row, _FINE)) is not None]
    return float(max(1, -(-max(ends, default=1) // COLUMNS)))


def _size(component: Mapping[str, Any], name: str) -> int:
    value = component.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
