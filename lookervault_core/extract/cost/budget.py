"""Spread the calls of extractions over the month: `monthly_calls` is what the settings allow, each day brings its part.

A run may make the calls of all days of the month so far that were not used. It does not begin while these are fewer than the last
run of its kind made; what it cannot finish the next run goes on with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from lookervault_core.accounts import earned
from lookervault_core.errors import BudgetSpent
from lookervault_core.extract.cost.estimate import as_before
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.model import Session
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault

# Fewer calls than log in, ask for the rights and list every type would be spent again by the next run.
LEAST = 100


def within_month(settings: Settings, options: ExtractOptions, today: date | None = None) -> Settings:
    """Return the settings with the calls that a run may take today. BudgetSpent if there are too few to get anywhere with."""
    if not settings.monthly_calls:
        return settings
    today = today or datetime.now(UTC).date()
    left, wanted = earned({}, settings.monthly_calls, today), LEAST
    path = Path(settings.db_path)
    if path.exists() and path.stat().st_size:
        with Vault.open(path, read_only=True) as vault:
            left = earned(vault.calls_by_day(f"{today:%Y-%m}"), settings.monthly_calls, today)
            before = None if left_open(vault, options) else as_before(vault, options)
            wanted = min(max(LEAST, before.calls if before else 0), settings.monthly_calls)
    if left < wanted:
        raise BudgetSpent(
            f"nothing was asked of Looker: of the {settings.monthly_calls:,} calls a month {left:,} are left by now, "
            f"and the run needs {wanted:,}; each day brings {settings.monthly_calls // 31:,} more (--monthly-calls)"
        )
    return settings.model_copy(update={"max_calls": min(filter(None, (settings.max_calls, left)))})


def left_open(vault: Vault, options: ExtractOptions) -> Session | None:
    """Return the newest session if it covers the same types and folders and has not read everything it planned; else None."""
    newest = next((session for session in vault.sessions() if not session.is_import and not session.restore), None)
    if newest is None or newest.status == "complete":
        return None
    snapshot = vault.snapshot(newest.snapshot_id)
    of_the_same = set(snapshot.types) == set(options.scope()) and snapshot.folders == options.folders
    unread = any(not span.done for span in vault.ranges(newest.session_id))
    return newest if of_the_same and (unread or newest.status == "failed") else None
