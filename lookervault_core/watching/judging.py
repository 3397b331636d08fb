"""Is a night unusual? Its counts beside those of the nights before it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import msgspec

from lookervault_core.watching.signs import WORDS, Sign

LOOKED_BACK = 30  # nights that say what is usual
TIMES_USUAL = 2
SHARE_LOST = 0.1  # of a type, before that is called shrinking
_UNUSUAL_PART = 0.1  # of the nights, which say nothing of what is usual: a bad one among them must not hide the next

# What one night counted, by sign; of a sign that is counted by type, `shrunk:looks`.
Counts = Mapping[Any, int]


class Verdict(msgspec.Struct, frozen=True):
    """A sign whose count is unusual. `usual` is the highest count among the `nights` before, the top tenth left out."""

    name: str
    count: int
    usual: int
    nights: int

    @property
    def sign(self) -> Sign:
        return Sign(self.name.partition(":")[0])

    @property
    def content_type(self) -> str:
        return self.name.partition(":")[2]


def judged(now: Counts, before: Sequence[Counts], sizes: Mapping[str, int]) -> list[Verdict]:
    """Return a verdict on each sign that is unusual in a night with the counts *now*; *sizes* is the number of objects by type
    before it."""
    earlier = before[-LOOKED_BACK:]
    verdicts = (
        Verdict(name, count, usual([one.get(name, 0) for one in earlier]), len(earlier)) for name, count in now.items()
    )
    order = list(Sign)
    found = [
        verdict
        for verdict in verdicts
        if verdict.count > _floor(verdict, sizes) and verdict.count >= TIMES_USUAL * verdict.usual
    ]
    return sorted(found, key=lambda one: (order.index(one.sign), one.name))


def usual(counts: Sequence[int]) -> int:
    """Return the highest of *counts* without the top tenth; 0 if there are none."""
    ranked = sorted(counts)
    return ranked[ceil(len(ranked) * (1 - _UNUSUAL_PART)) - 1] if ranked else 0


def _floor(one: Verdict, sizes: Mapping[str, int]) -> float:
    floor = WORDS[one.sign].floor
    return max(floor, SHARE_LOST * sizes.get(one.content_type, 0)) if one.sign is Sign.SHRUNK else floor
