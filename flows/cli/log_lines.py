"""Send the log of a command to stderr, as lines or as JSON, if that is asked for. The report on stdout is not part of it.

Every command takes `--log-level` and `--log-format`, at any place; without them the environment and the settings file decide.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lookervault_core.logs import LOGGER, AsJson, AsText

if TYPE_CHECKING:
    from lookervault_core.settings import Settings

NAMES = ("--log-level", "--log-format")
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"] | None,
    typer.Option(
        envvar="LOOKERVAULT_LOG_LEVEL",
        show_envvar=False,
        help="Log to stderr from this level on: a line a type, hole, wait, refusals, resume [default: nothing]",
    ),
]
LogFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option(
        envvar="LOOKERVAULT_LOG_FORMAT", show_envvar=False, help="The log as lines of text or of JSON [default: text]"
    ),
]

_listening: list[logging.Handler] = []


def first(arguments: Sequence[str]) -> list[str]:
    """Return *arguments* with `--log-level` and `--log-format` moved before the command, the only place where Typer takes them."""
    ours: list[str] = []
    others = list(arguments)
    end = others.index("--") if "--" in others else len(others)
    at = 0
    while at < end:
        taken = 2 if others[at] in NAMES else 1 if others[at].startswith(tuple(f"{name}=" for name in NAMES)) else 0
        ours += others[at : at + taken]
        del others[at : at + taken]
        end -= taken
        at += not taken
    return [*ours, *others]


def listen(level: str | None, form: str | None) -> None:
    """Send log lines of *level* and above to stderr in *form*; without either nothing is logged. Only the first call counts."""
    if _listening or not (level or form):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if form == "json" else AsText())
    LOGGER.setLevel((level or "info").upper())
    LOGGER.addHandler(handler)
    _listening.append(handler)


def listening(settings: Settings) -> Settings:
    """Begin to log as *settings* say, unless the command line did; return *settings*."""
    listen(settings.log_level, settings.log_format)
    return settings


def stop_listening() -> None:
    """Stop sending the log to stderr."""
    while _listening:
        LOGGER.removeHandler(_listening.pop())
        LOGGER.setLevel(logging.NOTSET)
