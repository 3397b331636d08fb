"""How the house stands: each figure is a ceiling that only falls."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks import house

CEILINGS = {
    "type names outside catalog and families": 5,
    "files with one": 3,
    "comparisons with a type name": 0,
    "tables keyed by type": 2,
    "callables in value structs": 3,
    "files in the fullest folder": 27,
    "files of the restoring engine": 30,
    "files in its fullest folder": 8,
    "files over 400 lines": 0,
    "lines of a function, median": 4,
    "lines of a function, nine in ten": 12,
}


@cache
def figures() -> dict[str, int]:
    """Return the figures of today; not where the tests are only collected, which each process does."""
    return house.figures()


def test_every_figure_has_a_ceiling() -> None:
    assert figures().keys() == CEILINGS.keys()


@pytest.mark.parametrize("what", CEILINGS)
def test_no_figure_of_the_house_rises(what: str) -> None:
    assert figures()[what] <= CEILINGS[what], (
        "put what a type is into its catalog row, and what is special into its family"
    )
