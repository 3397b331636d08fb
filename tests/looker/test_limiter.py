"""The pace that Looker observes is the pace that was asked for, whatever the workers do."""

from __future__ import annotations

import threading
import time
from collections import deque
from itertools import pairwise

import pytest

from lookervault_core.errors import Interrupted
from lookervault_core.looker.limiter import Limiter
from tests.conftest import until
from tests.looker.scripted import FakeTime, most_within


def slots(limiter: Limiter, time_: FakeTime, count: int) -> list[float]:
    def one() -> float:
        limiter.acquire()
        return time_.now_s

    return [one() for _ in range(count)]


def limiter_on(time_: FakeTime, per_second: float = 0, per_minute: float = 0) -> Limiter:
    return Limiter(per_second, per_minute, clock=time_.clock, sleep=time_.sleep, random=lambda: 0.0)


def in_threads(count: int, work) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("per_second", [1, 3, 10])
def test_no_second_has_more_than_the_limit(fake_time: FakeTime, per_second: int) -> None:
    times = slots(limiter_on(fake_time, per_second), fake_time, 50)
    assert most_within(times, 1.0) == per_second


def test_a_limit_below_one_a_second_spaces_requests_out(fake_time: FakeTime) -> None:
    times = slots(limiter_on(fake_time, 0.25), fake_time, 4)
    assert min(later - earlier for earlier, later in pairwise(times)) >= 4.0


def test_no_minute_has_more_than_the_limit(fake_time: FakeTime) -> None:
    times = slots(limiter_on(fake_time, 10, 30), fake_time, 100)
    assert most_within(times, 60.0) == 30
    assert most_within(times, 1.0) <= 10


def test_the_limit_is_used_up_and_not_undercut(fake_time: FakeTime) -> None:
    start_s = fake_time.now_s
    slots(limiter_on(fake_time, 10), fake_time, 101)
    assert fake_time.now_s - start_s < 101 / 10 * 1.15


def test_no_limit_never_waits(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    slots(limiter, fake_time, 10_000)
    assert (fake_time.slept, limiter.waiting_s, limiter.is_limiting) == ([], 0.0, False)


def test_threads_together_stay_under_the_limit() -> None:
    limiter = Limiter(20)
    times: list[float] = []

    class Noted(deque[float]):
        """Slots as they are given: a busy machine wakes the threads up later, and several at once."""

        def append(self, at_s: float) -> None:
            times.append(at_s)
            super().append(at_s)

    limiter._second.stamps = Noted()

    def work() -> None:
        for _ in range(3):
            limiter.acquire()

    in_threads(12, work)
    assert len(times) == 36
    assert most_within(times, 1.0) <= 20
    assert limiter.is_limiting
    assert limiter.waiting_s > 1


def test_who_asks_first_goes_first() -> None:
    limiter = Limiter(20)
    limiter.slow_down(3)
    order: list[int] = []

    def work(number: int) -> None:
        limiter.acquire()
        order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: len(limiter._queue) == number)
    for thread in threads:
        thread.join()
    assert order == sorted(order)


def test_a_refusal_halves_the_pace_and_success_restores_it(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time, 10)
    limiter.slow_down()
    assert limiter.factor == 0.5
    assert most_within(slots(limiter, fake_time, 30), 1.0) == 5
    for _ in range(1000):
        limiter.recover()
    assert limiter.factor == 1.0
    assert most_within(slots(limiter, fake_time, 40), 1.0) == 10


def test_the_refusals_of_one_moment_count_once(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time, 10)
    for _ in range(8):
        limiter.slow_down()
    assert limiter.factor == 0.5
    fake_time.sleep(2)
    limiter.slow_down()
    assert limiter.factor == 0.25


def test_a_refusal_slows_a_run_without_limits_below_the_pace_it_had(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    slots(limiter, fake_time, 20)
    limiter.slow_down()
    assert most_within(slots(limiter, fake_time, 40), 1.0) <= 20
    for _ in range(1000):
        limiter.recover()
    before_s = fake_time.now_s
    slots(limiter, fake_time, 1000)
    assert fake_time.now_s == before_s


def test_retry_after_holds_everybody_back(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time, 10)
    limiter.slow_down(30)
    asked_s = fake_time.now_s
    assert slots(limiter, fake_time, 1)[0] - asked_s >= 30


def test_a_refusal_slows_workers_that_wait_already() -> None:
    now_s, looks, given = [100.0], [], []

    def look_again(_: float) -> None:
        looks.append(now_s[0])
        time.sleep(0.001)

    limiter = Limiter(5, clock=lambda: now_s[0], sleep=look_again, random=lambda: 0.0)
    for _ in range(5):
        limiter.acquire()
    workers = [threading.Thread(target=lambda: (limiter.acquire(), given.append(now_s[0]))) for _ in range(2)]
    for worker in workers:
        worker.start()
    until(lambda: looks)
    limiter.slow_down(1.5)
    for now_s[0] in (101.2, 101.49, 101.6, 110.0):
        until(lambda: now_s[0] in (*looks, *given) or len(given) == 2)
    for worker in workers:
        worker.join()
    assert min(given) >= 101.5, "the next slot was free after 1.1 s"


def test_stopping_ends_every_wait() -> None:
    stop = threading.Event()
    limiter = Limiter(0.01, stop=stop)
    limiter.acquire()
    ended: list[int] = []

    def work() -> None:
        with pytest.raises(Interrupted):
            limiter.acquire()
        ended.append(1)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: len(limiter._queue) == 5)
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    assert len(ended) == 5, "the next slot is in a hundred seconds"
