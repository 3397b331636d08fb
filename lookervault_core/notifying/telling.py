"""Tell people what a run came to, as the settings want it told."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import msgspec

from lookervault_core.errors import Interrupted, LookerVaultError
from lookervault_core.extract.report import ExtractReport
from lookervault_core.notifying.message import Message, of_extraction, of_failure
from lookervault_core.notifying.sending import send
from lookervault_core.settings import Settings


def told(settings: Settings, message: Message | None) -> dict[str, Any]:
    """Send *message*, if there is one and anybody to be told, and return what came of it as documents have it; else nothing."""
    if message is None or not settings.notify:
        return {}
    undelivered = send(settings.notify, message)
    occasions = [str(one) for one in message.occasions]
    return {"occasions": occasions, "addresses": len(settings.notify), "undelivered": undelivered}


def told_extraction(settings: Settings, report: ExtractReport) -> ExtractReport:
    """Tell what an extraction came to, and return its report with whom that reached."""
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
    """Tell of an error that ends the run of the command *what*, unless it is one of *but*, and raise it; somebody who stops a run
    knows of it."""
    try:
        yield
    except (Interrupted, *but):
        raise
    except LookerVaultError as error:
        told(settings, of_failure(settings.base_url or "", what, error, settings.notify_on))
        raise


def in_words(outcome: dict[str, Any]) -> str:
    """Return in one line that somebody could not be told; "" where all were."""
    if not outcome.get("undelivered"):
        return ""
    return (
        f"{outcome['undelivered']} of {outcome['addresses']} addresses of LOOKERVAULT_NOTIFY did not take the message "
        f"({', '.join(outcome['occasions'])}); `lookervault notify` tries them"
    )
