"""What goes wrong in a restore: what ends all of it, what becomes a dead letter, and which letters are settled by now."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Generator
from contextlib import contextmanager

from lookervault_core.diff.plan import Plan
from lookervault_core.errors import (
    BudgetSpent,
    Interrupted,
    LookerError,
    LookerVaultError,
    NothingWritten,
)
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault, dead_letters


def ends_all(error: Exception) -> bool:
    """Return whether the whole run ends by an error: no other item would fare better. It can be resumed."""
    return isinstance(error, LookerVaultError) and (error.ends_run or error.unreached)


@contextmanager
def nothing_written() -> Generator[None]:
    """Say of what ends a run before it wrote anything that there is nothing to resume."""
    try:
        yield
    except Interrupted as exc:
        raise NothingWritten("interrupted before anything was written; run the same command again") from exc
    except BudgetSpent as exc:
        raise BudgetSpent(
            f"{exc}: the plan alone takes more, so nothing was written; run the same command again with more"
        ) from exc


def bury(vault: Vault, session_id: str, key: ContentKey, name: str, exc: Exception, payload: bytes | None) -> str:
    """Make a failed item a dead letter of the session and return what its error says."""
    looker = exc if isinstance(exc, LookerError) else None
    message = str(exc) if isinstance(exc, LookerVaultError) else f"{key}: {type(exc).__name__}: {exc}"
    failure = dead_letters.Failure(
        key=key,
        name=name,
        operation=looker.operation if looker else "",
        error_type=type(exc).__name__,
        message=message,
        status=looker.status if looker else 0,
        traceback="".join(traceback.format_exception(exc)),
        request_id=looker.request_id if looker else "",
        payload=payload,
    )
    dead_letters.add(vault, session_id, failure)
    return message


def resolve_letters(
    vault: Vault, session_id: str, plan: Plan, going: Collection[ContentKey], failed: Collection[ContentKey]
) -> None:
    """Let dead letters go whose objects were found to be as in the backup, or, of those that are *going*, to be gone. What has
    *failed* since keeps its own."""
    as_it_was = {step.key for step in plan.steps if step.is_as_in_backup}
    as_it_was |= set(going) - {step.key for step in plan.steps}
    letters = {letter.key for letter in dead_letters.listing(vault)}
    dead_letters.resolve(vault, session_id, (letters & as_it_was).difference(failed))
