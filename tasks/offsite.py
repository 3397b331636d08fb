"""How Prefect runs the push of a copy: name, retries."""

from __future__ import annotations

from contextvars import ContextVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from lookervault_core.offsite.push import Pushed
from lookervault_core.offsite.run import push_as_set
from lookervault_core.settings import Settings
from tasks.extract import transient

# The settings of the run: they hold the secret of the API key, which no parameter of a task may.
current: ContextVar[Settings] = ContextVar("current_settings")


@task(
    name="push off-site",
    task_run_name="push {url}",
    retries=2,
    retry_condition_fn=transient,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def push_copy(url: str, after: int | None) -> Pushed:  # noqa: ARG001 (for the name)
    """Push the vault to where the settings say, as the successor of the copy *after*."""
    return push_as_set(current.get(), after)


def pushed(settings: Settings, after: int | None) -> Pushed:
    """Run `push_copy` as a task, with retries after the delays in the settings, and return its result."""
    token = current.set(settings)
    try:
        return _patient(settings.task_retry_delay_s)(str(settings.offsite_url), after)
    finally:
        current.reset(token)


def _patient(delay_s: float) -> Task[..., Pushed]:
    return push_copy.with_options(retry_delay_seconds=[delay_s, 4 * delay_s])
