"""How Prefect runs one batch of a restore: name, retries, receipt."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import msgspec
from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from lookervault_core.model import Range
from lookervault_core.restore.applying.execution import Execution
from lookervault_core.vault.restoring import dead_letters
from tasks.artifacts import show_table
from tasks.extract import transient

current: ContextVar[Execution] = ContextVar("current_restore")

SHOWN = 500


@task(
    task_run_name="{span}",
    retries=2,
    retry_condition_fn=transient,
    # A run that comes back plans anew and its batches hold only what is left: a cached one could only be wrong.
    cache_policy=NO_CACHE,
    persist_result=True,
    result_serializer="json",
)
def apply_batch(span: Range) -> dict[str, Any]:
    """Write the steps of *span* and return the receipt; items that fail for good are dead letters by then."""
    return msgspec.to_builtins(current.get().apply(span.content_type, span.start, span.stop))


def patient(delay_s: float) -> Task[..., Any]:
    """Return `apply_batch` with retries after *delay_s* seconds, then after four times that."""
    return apply_batch.with_options(retry_delay_seconds=[delay_s, 4 * delay_s])


@task(name="record dead letters", task_run_name="dead letters", cache_policy=NO_CACHE, persist_result=False)
def record_dead_letters(session_id: str) -> int:
    """Publish the dead letters of a session as a table in the Prefect UI; return how many there are."""
    found = dead_letters.listing(current.get().vault, session_id=session_id)
    rows = [{"type": one.content_type, "id": one.id, "name": one.name, "error": one.message} for one in found[:SHOWN]]
    show_table("restore-dead-letters", rows, f"Dead letters of session {session_id}: {len(found)}")
    return len(found)
