"""The flow `verify`: prove the newest snapshot, and that it is not too old."""

from __future__ import annotations

if __name__ == "__main__":  # Prefect must be told to be quiet before it is imported
    from flows.cli import run_as_module

    run_as_module("verify")

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.outliving import await_server, outliving
from flows.watch import stoppable
from lookervault_core.notifying import in_words, of_proof, told
from lookervault_core.vault import Vault
from lookervault_core.verify import Verification, chosen, compare_with_live, stale, with_others
from lookervault_core.verify import verify as check
from tasks.artifacts import show_table
from tasks.blocks import reaching_settings
from tasks.events import STALE, emit

ROWS_SHOWN = 500


@flow(
    name="verify",
    flow_run_name="verify",
    description="Prove a snapshot: hashes, counts, references, age; compare it with Looker if asked to.",
)
@outliving
def verify(
    snapshot: int | None = None,
    against_live: bool = False,
    max_age_hours: float | None = 48.0,
    db_path: str | None = None,
    config: str | None = None,
    credentials_block: str | None = None,
) -> State[Any]:
    """Check *snapshot* (the newest complete one by default); fail if anything is damaged or missing, or it is too old.

    `max_age_hours` catches what no failed run can: a schedule that has stopped running at all.
    """
    settings = reaching_settings(config, db_path=db_path, credentials_block=credentials_block)
    with stoppable() as stop, Vault.open(Path(settings.db_path), read_only=True) as vault:
        one = chosen(vault, snapshot)
        found = check(vault, one)
        if against_live:
            live, differences = compare_with_live(vault, one, settings, stop)
            found = msgspec.structs.replace(found, live=live, findings=found.findings + differences)
        if snapshot is None:
            found = with_others(vault, found)
        since = datetime.now(UTC) - timedelta(hours=max_age_hours or 0)
        instance = vault.instance_url
        old = stale(vault, since) if max_age_hours is not None else []
    damaged = 0 if found.whole else len(found.findings)
    outcome = told(settings, of_proof(instance or "", damaged, old, max_age_hours, settings.notify_on))
    await_server()
    _publish(found)
    if old:
        emit(STALE, instance or "", {"types": old, "max_age_hours": max_age_hours})
    if untold := in_words(outcome):
        show_table("verify-untold", [{"what": untold}], "Who could not be told")
    if not found.whole:
        return Failed(message=f"snapshot {one.snapshot_id} is NOT proven: {len(found.findings)} findings")
    if old:
        return Failed(message=f"no complete snapshot in the last {max_age_hours:g} hours of: {', '.join(old)}")
    return Completed(
        message=f"snapshot {one.snapshot_id} is proven: {found.payloads} payloads, {found.references} references"
    )


def _publish(found: Verification) -> None:
    rows = [msgspec.to_builtins(one) for one in found.findings[:ROWS_SHOWN]]
    what = "notes, limits that make nothing less whole," if found.whole else "findings"
    show_table("verify-findings", rows, f"{len(found.findings)} {what} of snapshot {found.snapshot_id}")
    live = [{"type": name, **counts} for name, counts in (found.live or {}).items()]
    show_table("verify-live", live, f"Snapshot {found.snapshot_id} beside Looker now")
