"""Copy the log of a run into the log of its Prefect run, so that the run's page shows it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from prefect import get_run_logger

from lookervault_core.logs import LOGGER


class _ToRun(logging.Handler):
    """Hands lines on to the logger of one run, whatever thread they come from."""

    def __init__(self, run: Any) -> None:
        super().__init__()
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        self._run.log(record.levelno, "%s", record.getMessage())


@contextmanager
def logged_in_run() -> Generator[None]:
    """Inside the block, copy what core logs, from `info` up, into the log of the surrounding flow run."""
    handler = _ToRun(get_run_logger())
    handler.setLevel(logging.INFO)
    level, propagates = LOGGER.level, LOGGER.propagate
    LOGGER.setLevel(min(level or logging.INFO, logging.INFO))
    LOGGER.propagate = False  # the logger of the run prints it already
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        LOGGER.propagate = propagates
