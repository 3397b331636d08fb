"""Send messages about how a run ended, as the settings ask for them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from lookervault_core import logs
from lookervault_core.errors import Interrupted, LookerVaultError
from lookervault_core.extract.report import ExtractReport
from lookervault_core.notifying.message import Message, of_extraction, of_failure
from lookervault_core.notifying.sending import send
from lookervault_core.settings import Settings

_untold: ContextVar[list[str] | None] = ContextVar("untold", default=None)


@contextmanager
def untold() -> Generator[list[str]]:
    """Yield a list that gets a line for each message inside the block that could not be sent to somebody."""
    found: list[str] = []
    token = _untold.set(found)
    try:
        yield found
    finally:
        _untold.reset(token)


def told(settings: Settings, message: Message | None) -> dict[str, Any]:
    """Send *message* to the addresses of the settings and return the result for `--json` documents; {} without message or
    address."""
    if message is None or not settings.notify:
        return {}
    undelivered = send(settings.notify, message)
    occasions = [str(occasion) for occasion in message.occasions]
    outcome = {"occasions": occasions, "addresses": len(settings.notify), "undelivered": undelivered}
    if words := in_words(outcome):
        logs.warning(words, event="untold", **outcome)
        if (found := _untold.get()) is not None:
            found.append(words)
    return outcome


def told_extraction(settings: Settings, report: ExtractReport) -> ExtractReport:
    """Send a message about an extraction, and return its report with the result of sending it."""
    url = settings.base_url or ""
    message = of_extraction(
        url,
        report.snapshot_id,
        report.status,
        report.holes,
        report.unusual,
        settings.notify_on,
        pushed=not (report.offsite and "error" in report.offsite),
    )
    return msgspec.structs.replace(report, told=told(settings, message))


@contextmanager
def telling_failure(settings: Settings, what: str, *, but: tuple[type[LookerVaultError], ...] = ()) -> Generator[None]:
    """Send a message about an error that leaves the block, which runs the command *what*, and raise the error again.

    Not for the classes *but*, nor if somebody stopped the run. If an address did not take the message, the error's text says
    so."""
    try:
        yield
    except (Interrupted, *but):
        raise
    except LookerVaultError as error:
        outcome = told(settings, of_failure(settings.base_url or "", what, error, settings.notify_on))
        if words := in_words(outcome):
            error.args = (f"{error}; {words}", *error.args[1:])
        raise


def in_words(outcome: dict[str, Any]) -> str:
    """Return one line that says how many addresses did not take a message; "" if all did."""
    if not outcome.get("undelivered"):
        return ""
    return (
        f"{outcome['undelivered']} of {outcome['addresses']} addresses of LOOKERVAULT_NOTIFY did not take the message "
        f"({', '.join(outcome['occasions'])}); `lookervault notify` tries them"
    )
