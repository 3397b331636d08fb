"""Which failed call may be sent again, and when: seconds, full jitter, Retry-After, one deadline for all attempts.

The minutes above are Prefect's (tasks/). Both ask `error.transient`; here one more thing counts: a call that is not
idempotent must not be sent twice unless the first one surely did nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception

from lookervault_core import logs
from lookervault_core.errors import LookerError, NotConnected, RateLimited, ServerFault

_FIRST_S = 0.5
_LONGEST_S = 30.0
_UNAVAILABLE = 503
_WORTH_SAYING_S = 3.0

T = TypeVar("T")


class Retries:
    """Runs a call until it succeeds, fails for good, or has no time or attempts left; then its last error is raised."""

    def __init__(
        self,
        *,
        max_attempts: int,
        deadline_s: float,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        random: Callable[[], float],
    ) -> None:
        self._max_attempts = max_attempts
        self._deadline_s = deadline_s
        self._clock = clock
        self._pause = pause
        self._random = random

    def run(self, call: Callable[[], T], *, idempotent: bool) -> T:
        """Return what *call* returns, or raise its last error. The deadline runs from the first failure; waiting for a slot is
        none."""
        give_up_s: float | None = None

        def exhausted(state: RetryCallState) -> bool:
            nonlocal give_up_s
            now_s = self._clock()
            give_up_s = now_s + self._deadline_s if give_up_s is None else give_up_s
            return state.attempt_number >= self._max_attempts or now_s + state.upcoming_sleep > give_up_s

        retrying = Retrying(
            retry=retry_if_exception(lambda error: may_repeat(error, idempotent=idempotent)),
            wait=self._wait,
            stop=exhausted,
            sleep=self._pause,
            before_sleep=_say_wait,
            reraise=True,
        )
        return retrying(call)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.retry_after_s or 0.0 if isinstance(error, LookerError) else 0.0
        jittered_s = min(_LONGEST_S, _FIRST_S * 2 ** (state.attempt_number - 1)) * self._random()
        return asked_s + jittered_s


def _say_wait(state: RetryCallState) -> None:
    """Log a wait that somebody may wonder about."""
    error = state.outcome.exception() if state.outcome else None
    if state.upcoming_sleep >= _WORTH_SAYING_S and isinstance(error, LookerError):
        fields = {
            "operation": error.operation,
            "seconds": round(state.upcoming_sleep, 1),
            "error": type(error).__name__,
        }
        what = f"{error.operation or 'a call'}: {type(error).__name__} ({error.status or 'no answer'})"
        logs.info(f"{what}; try {state.attempt_number + 1} in {state.upcoming_sleep:.0f} s", event="wait", **fields)


def may_repeat(error: BaseException, *, idempotent: bool) -> bool:
    """Return whether the call that ended in *error* may be sent again.

    If it is not idempotent, only where Looker surely did nothing: it was not reached, it said 429, or 503 (by RFC 9110
    a server that does not handle the request now). A lost or broken answer leaves open what happened.
    """
    if not (isinstance(error, LookerError) and error.transient):
        return False
    return idempotent or isinstance(error, NotConnected | RateLimited) or _is_unavailable(error)


def _is_unavailable(error: LookerError) -> bool:
    return isinstance(error, ServerFault) and error.status == _UNAVAILABLE
