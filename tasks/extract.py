"""How Prefect runs one range of an extraction: name, retries, cache key, receipt."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import msgspec
from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext

from lookervault_core.extract.run import ExtractRun
from lookervault_core.model import Range

# The run of this process: Prefect copies the context into its worker threads, and a run is too alive to be a parameter.
current: ContextVar[ExtractRun] = ContextVar("current_extraction")


def _key(_context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Return a key that no other task, vault or session shares."""
    span: Range = parameters["span"]
    return f"capture_range-{parameters['vault_id']}-{parameters['session_id']}-{span.content_type}-{span.start}-{span.stop}"


def transient(_task: Any, _task_run: Any, state: Any) -> bool:
    """Return whether the error in *state* is transient, by its class, so that Prefect tries the task again."""
    error = state.result(raise_on_failure=False)
    return bool(getattr(error, "transient", False))


@task(
    task_run_name="{span}",
    retries=2,
    retry_condition_fn=transient,
    cache_key_fn=_key,
    persist_result=True,
    result_serializer="json",
)
def capture_range(span: Range, session_id: str, vault_id: str) -> dict[str, Any]:  # noqa: ARG001 (for the cache key)
    """Capture *span* and return its receipt; `session_id` and `vault_id` make the cache key."""
    return msgspec.to_builtins(current.get().capture(span))


def patient(delay_s: float) -> Task[..., Any]:
    """Return `capture_range` with retries after *delay_s* seconds, then after four times that."""
    return capture_range.with_options(retry_delay_seconds=[delay_s, 4 * delay_s])


@task(name="record dead letters", cache_policy=NO_CACHE, persist_result=False)
def record_dead_letters() -> int:
    """Keep every hole of the snapshot as a dead letter; return how many there are."""
    run = current.get()
    return run.bury_holes()
