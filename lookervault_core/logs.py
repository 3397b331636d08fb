"""The log of a run: one line a type, hole, wait, burst of refusals, resume. Core only writes lines; callers decide where they
go."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from lookervault_core.inert import for_json, for_line

LOGGER = logging.getLogger("lookervault")
LOGGER.addHandler(logging.NullHandler())


def say(level: int, message: str, **fields: Any) -> None:
    """Log one line. *fields* are added to its JSON form; the field `event` says what kind of line it is."""
    LOGGER.log(level, "%s", for_line(message), extra={"fields": fields})


def info(message: str, **fields: Any) -> None:
    """Log what happens as it should."""
    say(logging.INFO, message, **fields)


def warning(message: str, **fields: Any) -> None:
    """Log a line about something that people may have to look at."""
    say(logging.WARNING, message, **fields)


class AsText(logging.Formatter):
    """One line: the time in UTC, the level, the message."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return f"{at:%Y-%m-%dT%H:%M:%SZ} {record.levelname.lower()} {record.getMessage()}"


class AsJson(logging.Formatter):
    """One JSON document a line: `time`, `level`, `message`, and the fields of the line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told = {"time": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        document = told | {"message": record.getMessage()} | getattr(record, "fields", {})
        return for_json(json.dumps(document, ensure_ascii=False, default=str))
