"""Which fields of a board are compared. Pure."""

from __future__ import annotations

from lookervault_core.families.shape import Shape

SHAPES = {
    "boards": Shape(renamed=frozenset({"deleted_at"})),
}
