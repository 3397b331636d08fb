"""Counts of a run's calls by operation: the numbers behind `requests`, `--verbose` and every run's call record."""

from __future__ import annotations

import threading

import msgspec


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
    """Counts the requests of all threads, by operation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, _Tally] = {}

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

    def by_operation(self) -> dict[str, Calls]:
        with self._lock:
            return {operation: tally.frozen() for operation, tally in sorted(self._tallies.items())}

    def total(self) -> Calls:
        return _sum(list(self.by_operation().values()))


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
