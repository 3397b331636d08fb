"""The pace of all workers together.

Two sliding windows keep what Looker observes under the limits. An adaptive share of the per-second limit gives way when
Looker says 429 or 503 (half, at most once a second) and comes back with every success (additive), so that one worker's
refusal slows all of them. Looker publishes no numbers and no rate headers: refusals are all there is to go by. Below a
ceiling the limit itself rises while nothing speaks against it (climb.py).
"""

from __future__ import annotations

import random as random_module
import threading
import time
from collections import deque
from collections.abc import Callable

from lookervault_core import logs
from lookervault_core.errors import Interrupted
from lookervault_core.looker.climb import Climb

_SECOND_S = 1.1  # a slot is given before its request arrives; the margin keeps late arrivals inside the limit
_MINUTE_S = 60.5
_SMALLEST_SHARE = 1 / 16
_LEAST_BASE_PER_S = 10.0  # where no limit was set, an early refusal must not take the first few requests for the pace
_RECOVERY_PER_S = 0.05
_SETTLE_S = 1.0
_LONGEST_SLEEP_S = 1.0
_RECENTLY_S = 2.0
_SAY_EVERY_S = 10.0


def check(stop: threading.Event | None) -> None:
    """Raise Interrupted if *stop* is set."""
    if stop is not None and stop.is_set():
        raise Interrupted("stopped before the next call to Looker; what was done is kept, resuming goes on")


def pause(seconds: float, sleep: Callable[[float], None] | None, stop: threading.Event | None) -> None:
    """Wait; raises Interrupted as soon as *stop* is set. A given *sleep* stands in for the real one."""
    if sleep is not None:
        sleep(seconds)
    elif stop is not None:
        stop.wait(seconds)
    else:
        time.sleep(seconds)
    check(stop)


class Limiter:
    """Gives one slot per request, first come first served; safe for any number of threads. A limit of 0 is none."""

    def __init__(
        self,
        per_second: float = 0,
        per_minute: float = 0,
        *,
        ceiling: float = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        random: Callable[[], float] = random_module.random,
        stop: threading.Event | None = None,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._stop = stop
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._climb = Climb(per_second, ceiling)
        self._second = _Window(per_second, _SECOND_S)
        self._minute = _Window(per_minute, _MINUTE_S)
        self._share = 1.0
        self._not_before_s = float("-inf")
        self._slowed_s = float("-inf")
        self._unsaid, self._said_s = 0, float("-inf")
        self._held_s = float("-inf")
        self._waited_s = 0.0

    @property
    def per_second(self) -> float:
        """Return the limit that was set, in requests a second: the tighter of the limits per second and per minute; 0 for none."""
        limits = [one for one in (self._per_second, self._minute.limit / 60) if one]
        return min(limits, default=0.0)

    @property
    def pace(self) -> float:
        """Return the limit that holds now, in requests a second: the one that was set, or a higher one up to the ceiling."""
        return self._second.limit

    @property
    def factor(self) -> float:
        """Return the share of the limit that is used after Looker's refusals: 1.0 is all of it."""
        return self._share

    @property
    def waiting_s(self) -> float:
        """Return how many seconds callers have waited for their slots, summed over all threads."""
        return self._waited_s

    @property
    def is_limiting(self) -> bool:
        """Return whether it is the limit, and not Looker or this machine, that slows the run just now."""
        return bool(self._queue) or self._clock() - self._held_s < _RECENTLY_S

    def acquire(self) -> None:
        """Wait until one more request may be sent; raises Interrupted if the caller's `stop` is set first."""
        check(self._stop)
        with self._lock:
            if not self._queue and self._take():
                return
            gate = threading.Event()
            self._queue.append(gate)
            asked_s = self._clock()
        try:
            self._wait_for_turn(gate)
            self._wait_for_slot()
        finally:
            self._leave(gate, asked_s)

    def slow_down(self, retry_after_s: float | None = None) -> None:
        """Take a 429 or 503 into account: half the pace for everyone, and nobody before `retry_after_s` has passed."""
        self._slow_down(retry_after_s)
        self._say_burst(retry_after_s)

    def _say_burst(self, retry_after_s: float | None) -> None:
        """Log refusals, those of many workers and seconds in one line."""
        with self._lock:
            self._unsaid += 1
            now_s = self._clock()
            if now_s - self._said_s < _SAY_EVERY_S:
                return
            count, self._unsaid, self._said_s = self._unsaid, 0, now_s
        fields = {"refusals": count, "share": self._share, "retry_after_s": retry_after_s or 0}
        wait = f", nobody asks for {retry_after_s:g} s" if retry_after_s else ""
        logs.warning(
            f"Looker asks to slow down (429 or 503, {count} times): {self._share:.0%} of the pace{wait}",
            event="refusals",
            **fields,
        )

    def _slow_down(self, retry_after_s: float | None) -> None:
        with self._lock:
            now_s = self._clock()
            if retry_after_s:
                jitter_s = min(1.0, 0.1 * retry_after_s) * self._random()
                self._not_before_s = max(self._not_before_s, now_s + retry_after_s + jitter_s)
            if now_s - self._slowed_s < _SETTLE_S:
                return  # the other workers' share of the same refusal
            self._slowed_s = now_s
            if not self._second.limit:
                self._second.limit = max(_LEAST_BASE_PER_S, self._second.count(now_s))
            if self._climb.is_possible:
                self._second.limit = self._climb.refused(now_s)
            self._set_share(max(_SMALLEST_SHARE, self._share / 2))

    def recover(self, operation: str = "", seconds: float = 0.0) -> None:
        """Take a success into account: the answer to *operation* took *seconds*."""
        if self._share == 1.0:
            self._rise(operation, seconds)
            return
        with self._lock:
            pace_per_s = max(1.0, self._second.limit * self._share)
            self._set_share(min(1.0, self._share + _RECOVERY_PER_S / pace_per_s))
            if self._share == 1.0:
                self._second.limit = self._climb.limit

    def _rise(self, operation: str, seconds: float) -> None:
        if not self._climb.is_possible:
            return
        with self._lock:
            held_back = self.is_limiting
            self._second.limit = self._climb.answered(operation, seconds, self._clock(), held_back=held_back)

    def _set_share(self, share: float) -> None:
        self._share = share
        self._second.share = share

    def _take(self) -> bool:
        now_s = self._clock()
        if self._delay(now_s) > 0:
            return False
        self._second.stamps.append(now_s)
        if self._minute.limit:
            self._minute.stamps.append(now_s)
        return True

    def _delay(self, now_s: float) -> float:
        return max(self._not_before_s - now_s, self._second.delay(now_s), self._minute.delay(now_s))

    def _wait_for_turn(self, gate: threading.Event) -> None:
        with self._lock:
            self._queue[0].set()
        gate.wait()

    def _wait_for_slot(self) -> None:
        while True:
            check(self._stop)
            with self._lock:
                if self._take():
                    return
                delay_s = self._delay(self._clock())
            pause(min(max(delay_s, 0.001), _LONGEST_SLEEP_S), self._sleep, self._stop)

    def _leave(self, gate: threading.Event, asked_s: float) -> None:
        with self._lock:
            self._queue.remove(gate)
            if self._queue:
                self._queue[0].set()
            self._held_s = self._clock()
            self._waited_s += self._held_s - asked_s


class _Window:
    """At most `limit * share` slots in any `span_s` seconds; below one slot the span grows instead."""

    def __init__(self, limit: float, span_s: float) -> None:
        self.limit = limit
        self.share = 1.0
        self._span_s = span_s
        self.stamps: deque[float] = deque()

    def count(self, now_s: float) -> int:
        self._forget(now_s - self._span_s)
        return len(self.stamps)

    def delay(self, now_s: float) -> float:
        """Return the seconds until there is room; 0 or less means now."""
        if not self.limit:
            self._forget(now_s - self._span_s)
            return 0.0
        allowed = self.limit * self.share
        slots = max(1, int(allowed))
        span_s = self._span_s * max(1.0, slots / allowed)
        self._forget(now_s - max(span_s, self._span_s))
        return self.stamps[-slots] + span_s - now_s if len(self.stamps) >= slots else 0.0

    def _forget(self, before_s: float) -> None:
        while self.stamps and self.stamps[0] <= before_s:
            self.stamps.popleft()
