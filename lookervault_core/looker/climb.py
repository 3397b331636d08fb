"""Raise the rate limit of a run above the one that was set: a little each second in which the limit alone held the run back.

Looker publishes no numbers. What speaks against more is a refusal (429, 503), or answers that take longer than they did when the
run began; each is compared with those of its own operation, since a page of dashboards takes longer than a list of ids.
"""

from __future__ import annotations

_STEP = 1.1
_EVERY_S = 1.0
_SAMPLES = 8  # answers of an operation that say how long it takes where nobody is in a hurry
_SLOWER = 1.5
_TOO_SLOW = 2.0
_WEIGHT = 0.05
_LEFT_ALONE_S = 60.0  # after a refusal: what it refused is not tried again at once


class Climb:
    """Computes the rate limit that holds now. Not safe for several threads: the limiter calls it under its lock."""

    def __init__(self, base: float, ceiling: float) -> None:
        self._base = base
        self._ceiling = ceiling
        self._begun: dict[str, list[float]] = {}
        self._slowness = 1.0
        self._next_s = float("-inf")
        self.limit = base

    @property
    def is_possible(self) -> bool:
        return 0 < self._base < self._ceiling

    def answered(self, operation: str, seconds: float, now_s: float, *, held_back: bool) -> float:
        """Take an answer into account and return the limit, in requests a second; *held_back* says that only the limit slows
        the run."""
        begun = self._begun.setdefault(operation, [])
        if len(begun) < _SAMPLES:
            begun.append(seconds)
        else:
            usual_s = max(sum(begun) / _SAMPLES, 0.001)
            self._slowness += _WEIGHT * (seconds / usual_s - self._slowness)
        if now_s < self._next_s:
            return self.limit
        if self._slowness > _TOO_SLOW:
            self._move(self.limit / _STEP, now_s)
        elif held_back and self._slowness < _SLOWER:
            self._move(self.limit * _STEP, now_s)
        return self.limit

    def refused(self, now_s: float) -> float:
        """Take a refusal into account: go back half of the way that the limit has risen, for at least a minute; return the
        limit."""
        self._move((self.limit + self._base) / 2, now_s + _LEFT_ALONE_S)
        return self.limit

    def _move(self, limit: float, now_s: float) -> None:
        self.limit = min(self._ceiling, max(self._base, limit))
        self._next_s = now_s + _EVERY_S
