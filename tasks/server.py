"""The Prefect server: it keeps the record of a run, and a run goes on without it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.context import SettingsContext, get_settings_context
from prefect.exceptions import MissingContextError
from prefect.logging import get_logger

LEFT_ALONE_S = 30.0  # after a call that it did not answer: a server that hangs would cost every call minutes
ANSWERS_WITHIN_S = 5.0
LOOK_EVERY_S = 2.0

T = TypeVar("T")


class _Silence:
    """Whether the server has stopped answering this process: since when, whether ever, and whether waiting was of no use."""

    since_s: float | None = None
    tried_s = 0.0
    ever = False
    waited = False


_silence = _Silence()


def is_silence(error: BaseException) -> bool:
    """Return whether *error* says that the server does not answer; one that refuses something answers."""
    if isinstance(error, httpx.HTTPStatusError):  # of a proxy before it
        return error.response.status_code >= 500
    if type(error) is RuntimeError:  # what Prefect's client makes of it when it asks for the version
        return isinstance(error.__cause__, httpx.TransportError)
    return isinstance(error, httpx.TransportError)


def was_silent() -> bool:
    """Return whether the server has ever stopped answering, so that its record of this process may lack something."""
    return _silence.ever


def is_left_alone() -> bool:
    """Return whether the server did not answer a moment ago: callers then skip it instead of waiting."""
    return _silence.since_s is not None and time.monotonic() < _silence.tried_s + LEFT_ALONE_S


def note_silence(error: BaseException) -> None:
    """Note that the server has stopped answering, and log it the first time."""
    is_new = _silence.since_s is None
    _silence.tried_s = time.monotonic()
    _silence.since_s = _silence.since_s or _silence.tried_s
    _silence.ever = True
    if is_new:
        run_log().warning(
            "the Prefect server does not answer (%s); the run goes on without it, and is missing there so far",
            type(error).__name__,
        )


@contextmanager
def impatient(retries: int = 2) -> Generator[None]:
    """Inside the block, let Prefect's client retry a request only *retries* times; by default it retries for a minute, and
    blocks."""
    now = get_settings_context()
    client = now.settings.client
    fewer = client.model_copy(update={"max_retries": min(retries, client.max_retries)})
    # Prefect's `temporary_settings` reads all its settings anew from every source: a tenth of a second each time.
    with SettingsContext(profile=now.profile, settings=now.settings.model_copy(update={"client": fewer})):
        yield


def recorded(tell: Callable[[], T]) -> T | None:
    """Call *tell*, which talks to the server, and return its result; None if the server does not answer, or did not a moment
    ago."""
    if is_left_alone():
        return None
    try:
        with impatient(1):
            found = tell()
    except Exception as exc:
        if not is_silence(exc):
            raise
        note_silence(exc)
        return None
    _note_answer()
    return found


def answers() -> bool:
    """Return whether the server answers now."""
    with impatient(0):
        client = get_client(sync_client=True, httpx_settings={"timeout": ANSWERS_WITHIN_S})
        is_there = client.api_healthcheck() is None
    if is_there:
        _note_answer()
    return is_there


def wait_for_server(patience_s: float) -> None:
    """Wait until a server that stopped answering answers again, *patience_s* at most; after one wait in vain never again."""
    if _silence.since_s is None or _silence.waited:
        return
    run_log().info("waiting up to %.0f s for the Prefect server, to tell it what the run came to", patience_s)
    gives_up_s = time.monotonic() + patience_s
    while not answers():
        if time.monotonic() > gives_up_s:
            _silence.waited = True
            return
        time.sleep(LOOK_EVERY_S)


def _note_answer() -> None:
    if _silence.since_s is not None:
        _silence.since_s, _silence.waited = None, False
        run_log().info("the Prefect server answers again")


def run_log() -> Any:
    """Return the logger of the surrounding Prefect run, or a plain one outside of any."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger("lookervault")
