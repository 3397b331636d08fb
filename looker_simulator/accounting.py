"""What was asked of the instance, so that tests can assert call budgets and request rates."""

import time
from bisect import bisect_left
from collections import Counter
from typing import Any


class Calls:
    """Counts requests by operation, activity class and status, and remembers when each one arrived."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything except the requests that are still being answered."""
        self.by_operation: Counter[str] = Counter()
        self.by_class: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.arrivals: list[float] = []
        self.targets: list[str] = []
        self.in_flight = getattr(self, "in_flight", 0)
        self.max_concurrent = 0
        self.bytes_sent = 0

    @property
    def total(self) -> int:
        """Return how many requests came in, refused ones included."""
        return len(self.arrivals)

    def arrived(self, operation: str, activity: str) -> None:
        """Count a request."""
        self.arrivals.append(time.monotonic())
        self.by_operation[operation] += 1
        self.by_class[activity] += 1
        self.in_flight += 1
        self.max_concurrent = max(self.max_concurrent, self.in_flight)

    def read(self, path: bytes, query: bytes) -> None:
        """Remember what was asked for, so that a benchmark can ask for the same."""
        self.targets.append((path + (b"?" + query if query else b"")).decode("latin-1"))

    def answered(self, status: int, size: int) -> None:
        """Count the end of a request; status 0 means that the connection was cut."""
        self.in_flight -= 1
        self.by_status[str(status)] += 1
        self.bytes_sent += size

    def most_within(self, seconds: float) -> int:
        """Return the largest number of requests that arrived within any window of *seconds*."""
        times = self.arrivals
        return max((at + 1 - bisect_left(times, last - seconds, 0, at + 1) for at, last in enumerate(times)), default=0)

    def snapshot(self) -> dict[str, Any]:
        """Return all counts as JSON-ready values; ``per_second`` counts arrivals second by second from the first one."""
        first = self.arrivals[0] if self.arrivals else 0.0
        seconds = Counter(int(at - first) for at in self.arrivals)
        return {
            "total": self.total,
            "by_operation": dict(self.by_operation),
            "by_class": {name: self.by_class[name] for name in ("db_query", "non_query", "none")},
            "by_status": dict(self.by_status),
            "per_second": [seconds[n] for n in range(max(seconds, default=-1) + 1)],
            "max_in_one_second": self.most_within(1),
            "max_in_one_minute": self.most_within(60),
            "max_concurrent": self.max_concurrent,
            "bytes_sent": self.bytes_sent,
        }
