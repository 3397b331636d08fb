"""Run flows without Prefect's heartbeat if somebody watches them: it makes the end of every run up to a second longer."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from prefect.context import SettingsContext, get_settings_context


@contextmanager
def no_heartbeat() -> Generator[None]:
    """Run flows without a heartbeat: subflows, whose parent has one, and runs at a terminal. Deployments keep theirs."""
    now = get_settings_context()
    none = now.settings.flows.model_copy(update={"heartbeat_frequency": None})
    with SettingsContext(profile=now.profile, settings=now.settings.model_copy(update={"flows": none})):
        yield
