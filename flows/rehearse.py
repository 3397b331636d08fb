"""The flow `rehearse`: a disaster and its restore on a twin of the backup, every week, without a call to Looker."""

from __future__ import annotations

if __name__ == "__main__":  # Prefect must be told to be quiet before it is imported
    from flows.cli import run_as_module

    run_as_module("rehearse")

from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.outliving import await_server, outliving
from flows.rehearsal import FRACTION, SEED, Rehearsal, rows, told
from flows.rehearsal import rehearse as rehearsed
from flows.watch import stoppable
from lookervault_core.restore.report import losses, not_restored
from lookervault_core.settings import load_settings
from tasks.artifacts import show_table

ROWS_SHOWN = 500


@flow(
    name="rehearse",
    description="Wreck a twin of the backup, restore it and prove it: would a restore work, and what would it take?",
)
@outliving
def rehearse(
    types: list[str] | None = None,
    fraction: float = FRACTION,
    seed: int = SEED,
    snapshot: int | None = None,
    db_path: str | None = None,
    config: str | None = None,
) -> State[Any]:
    """Hit *fraction* of each of *types* (of all by default) on a twin, and restore it there; Looker is asked nothing.

    Args:
        types: Content types such as dashboards; all that can be hit by default.
        fraction: How much of each type is deleted, thrown away or changed.
        seed: The same seed hits the same objects.
        snapshot: Which one to make the twin of; by default the newest that has each type whole.
        db_path: The vault; by default that of the settings.
        config: The TOML file of the settings.
    """
    settings = load_settings(Path(config) if config else None, db_path=db_path)
    log = get_run_logger()
    with stoppable() as stop:
        found = rehearsed(
            settings,
            types=types or (),
            fraction=fraction,
            seed=seed,
            snapshot_id=snapshot,
            stop=stop,
            on_stage=log.info,
        )
    await_server()
    _publish(found)
    message = f"{sum(row['hit'] for row in rows(found)):,} objects hit; a real restore would take {told(found)}"
    return Completed(message=message) if found.proven else Failed(name="Partial", message=message)


def _publish(found: Rehearsal) -> None:
    show_table("rehearse-results", rows(found), f"A rehearsal on a twin of {found.instance_url}\n\n{told(found)}")
    proof = found.report.proof
    show_table("rehearse-not-restored", not_restored(proof)[:ROWS_SHOWN], "What did not come back as it was")
    show_table("rehearse-accepted-losses", losses(proof)[:ROWS_SHOWN], "What Looker cannot take back, field by field")
