"""The flow `retention`: let old snapshots go, and old copies off-site, as the settings say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.outliving import await_server, outliving
from flows.turn import Turn
from flows.watch import stoppable
from lookervault_core import logs, pruning
from lookervault_core.notifying import telling_failure
from lookervault_core.offsite import listing
from lookervault_core.offsite import prune as offsite_pruning
from lookervault_core.offsite.setting import store_of
from lookervault_core.retention import Policy
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault
from tasks.artifacts import show_table
from tasks.logs import logged_in_run

Count = Annotated[int, Field(ge=0)]


@flow(
    name="retention",
    flow_run_name="retention",
    description="Let the snapshots and the copies off-site go that no rule keeps.",
)
@outliving
def retention(
    keep_last: Count | None = None,
    keep_daily: Count | None = None,
    keep_weekly: Count | None = None,
    keep_monthly: Count | None = None,
    keep_undo: Count | None = None,
    db_path: str | None = None,
    offsite_url: str | None = None,
    config: str | None = None,
) -> State[Any]:
    """Prune the vault, and the copies off-site if there is a place for them, by the same rules.

    Args:
        keep_last: Keep the last so many; by default that of the settings, like all of these.
        keep_daily: Keep the newest of so many days.
        keep_weekly: Keep the newest of so many weeks.
        keep_monthly: Keep the newest of so many months.
        keep_undo: Keep what it takes to undo or resume so many of the newest restores.
        db_path: The vault; by default that of the settings.
        offsite_url: Where the copies are; by default that of the settings, "" for none.
        config: The TOML file of the settings.
    """
    settings = load_settings(
        Path(config) if config else None,
        keep_last=keep_last,
        keep_daily=keep_daily,
        keep_weekly=keep_weekly,
        keep_monthly=keep_monthly,
        keep_undo=keep_undo,
        db_path=db_path,
        offsite_url=offsite_url,
    )
    policy = pruning.policy_of(settings)
    with telling_failure(settings, "prune"), logged_in_run():
        told = [_vault(settings, policy), *([_copies(settings, policy)] if settings.offsite_url else [])]
    await_server()
    show_table("retention", told, "What was let go, and what stays")
    return Completed(message="; ".join(f"{one['of']}: {one['deleted']} deleted, {one['kept']} kept" for one in told))


def _vault(settings: Settings, policy: Policy) -> dict[str, Any]:
    with stoppable() as stop, Vault.open(Path(settings.db_path)) as vault, vault.run_lock(may_wait=Turn(stop)):
        plan = pruning.planned(vault, policy)
        freed = pruning.carry_out(vault, plan)
    return _told("snapshots", len(plan.to_delete), len(plan.staying), freed)


def _copies(settings: Settings, policy: Policy) -> dict[str, Any]:
    store = store_of(settings)
    plan = offsite_pruning.planned(store, listing(store), policy, datetime.now(UTC))
    offsite_pruning.carry_out(store, plan)
    return _told("copies off-site", len(plan.to_delete), len(plan.staying), plan.freed_bytes)


def _told(of: str, deleted: int, kept: int, freed: int) -> dict[str, Any]:
    logs.info(f"{of}: {deleted} deleted, {kept} kept, {freed:,} bytes freed", event="pruned", of=of, deleted=deleted)
    return {"of": of, "deleted": deleted, "kept": kept, "freed_bytes": freed}
