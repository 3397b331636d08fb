"""Below its ceiling the limit rises while Looker refuses nothing and answers no slower."""

from __future__ import annotations

from collections.abc import Callable

from lookervault_core.looker.limiter import Limiter
from tests.looker.scripted import FakeTime, most_within


def limiter_on(time_: FakeTime, per_second: float = 10, ceiling: float = 40, per_minute: float = 0) -> Limiter:
    return Limiter(per_second, per_minute, ceiling=ceiling, clock=time_.clock, sleep=time_.sleep, random=lambda: 0.0)


def busy(limiter: Limiter, time_: FakeTime, seconds: float, takes: Callable[[float], float]) -> list[float]:
    """Ask as fast as the limiter lets one for so long; `takes(pace)` says how long an answer takes. Return when each was sent."""
    times, until_s = [], time_.now_s + seconds
    while time_.now_s < until_s:
        limiter.acquire()
        times.append(time_.now_s)
        limiter.recover("all_looks", takes(limiter.pace))
    return times


def test_it_rises_to_the_ceiling_and_no_further_and_is_kept(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    times = busy(limiter, fake_time, 120, lambda _: 0.1)
    assert limiter.pace == 40
    assert most_within(times[:10], 1.0) <= 10, "it begins at the limit"
    assert 30 < most_within(times, 1.0) <= 40


def test_without_a_ceiling_the_limit_is_the_limit(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time, ceiling=0)
    assert most_within(busy(limiter, fake_time, 60, lambda _: 0.1), 1.0) == 10


def test_a_limit_per_minute_holds_whatever_the_ceiling(fake_time: FakeTime) -> None:
    assert most_within(busy(limiter_on(fake_time, per_minute=120), fake_time, 200, lambda _: 0.1), 60.0) == 120


def test_it_stays_where_answers_begin_to_take_longer(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    busy(limiter, fake_time, 200, lambda pace: 0.1 if pace <= 20 else 0.4)
    assert 15 < limiter.pace < 25


def test_a_slow_operation_is_compared_with_itself(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    for number in range(2_000):
        limiter.acquire()
        limiter.recover(*(("search_dashboards", 3.0) if number % 2 else ("all_looks", 0.05)))
    assert limiter.pace > 30


def test_a_refusal_takes_it_back_and_it_does_not_try_that_again_at_once(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    busy(limiter, fake_time, 120, lambda _: 0.1)
    limiter.slow_down()
    times = busy(limiter, fake_time, 50, lambda _: 0.1)
    assert most_within(times, 1.0) <= 25, "half of the way back, within a minute"
    assert limiter.factor == 1.0
    busy(limiter, fake_time, 60, lambda _: 0.1)
    assert limiter.pace > 25


def test_a_run_that_the_limit_does_not_hold_back_leaves_it_where_it_is(fake_time: FakeTime) -> None:
    limiter = limiter_on(fake_time)
    for _ in range(200):
        limiter.acquire()
        limiter.recover("all_looks", 0.1)
        fake_time.sleep(0.5)
    assert limiter.pace == 10
