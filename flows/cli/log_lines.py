"""Where the log of a run goes: stderr, as lines or as JSON, if somebody asks for it. The report on stdout is something else."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager

from lookervault_core.logs import LOGGER, AsJson, AsText
from lookervault_core.settings import Settings


@contextmanager
def logged(settings: Settings) -> Generator[None]:
    """Let the log go to stderr as the settings ask: a level, a format, or neither, and then it goes nowhere."""
    if not (settings.log_level or settings.log_format):
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if settings.log_format == "json" else AsText())
    before = LOGGER.level
    LOGGER.setLevel((settings.log_level or "info").upper())
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(before)
