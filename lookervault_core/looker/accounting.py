"""What a run asked of Looker, by operation: the numbers behind `requests`, `--verbose` and every run's call record."""

from __future__ import annotations

import random as random_module
import threading
import time
from collections.abc import Callable

import msgspec

_SAMPLE = 1024


class Calls(msgspec.Struct, frozen=True):
    """Requests of one operation. `retries` are among `calls`; `errors` counts by status, 0 where no answer came."""

    calls: int = 0
    retries: int = 0
    bytes: int = 0
    seconds: float = 0.0
    errors: dict[int, int] = {}


class _Tally:
    __slots__ = ("bytes", "calls", "errors", "retries", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.retries = 0
        self.bytes = 0
        self.seconds = 0.0
        self.errors: dict[int, int] = {}

    def frozen(self) -> Calls:
        return Calls(self.calls, self.retries, self.bytes, self.seconds, dict(self.errors))


class Accounts:
    """Counts for all threads. Latencies are kept as a uniform sample (Vitter's algorithm R)."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, random: Callable[[], float] = random_module.random
    ) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._tallies: dict[str, _Tally] = {}
        self._sample: list[float] = []
        self._count = 0
        self._first_s: float | None = None
        self._last_s = 0.0

    def record(self, operation: str, *, seconds: float, size: int = 0, error: int | None = None, retry: bool) -> None:
        """Count one request that was sent. `error` is its status if it failed, 0 where no answer came."""
        with self._lock:
            tally = self._tallies.setdefault(operation, _Tally())
            tally.calls += 1
            tally.retries += retry
            tally.bytes += size
            tally.seconds += seconds
            if error is not None:
                tally.errors[error] = tally.errors.get(error, 0) + 1
            self._note(seconds)

    def by_operation(self) -> dict[str, Calls]:
        with self._lock:
            return {operation: tally.frozen() for operation, tally in sorted(self._tallies.items())}

    def total(self) -> Calls:
        return _sum(list(self.by_operation().values()))

    @property
    def rate_per_s(self) -> float:
        """Requests per second from the first to the last one."""
        with self._lock:
            span_s = self._last_s - (self._first_s or 0.0) if self._first_s is not None else 0.0
            return self._count / span_s if span_s > 0 else 0.0

    def latency_s(self, share: float) -> float:
        """The time within which *share* (0 to 1) of the requests were answered; 0.0 before the first."""
        with self._lock:
            ordered = sorted(self._sample)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def _note(self, seconds: float) -> None:
        self._last_s = self._clock()
        if self._first_s is None:
            self._first_s = self._last_s - seconds
        self._count += 1
        if len(self._sample) < _SAMPLE:
            self._sample.append(seconds)
        elif (place := int(self._random() * self._count)) < _SAMPLE:
            self._sample[place] = seconds


def _sum(parts: list[Calls]) -> Calls:
    errors: dict[int, int] = {}
    for part in parts:
        for status, count in part.errors.items():
            errors[status] = errors.get(status, 0) + count
    return Calls(
        sum(part.calls for part in parts),
        sum(part.retries for part in parts),
        sum(part.bytes for part in parts),
        sum(part.seconds for part in parts),
        errors,
    )
