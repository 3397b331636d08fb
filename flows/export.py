"""The flow `export`: a snapshot as a directory of files, good to keep in git."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed, Failed

from flows.outliving import await_server, outliving
from flows.watch import stoppable
from lookervault_core.exchange import export_directory
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault
from tasks.artifacts import show_table
from tasks.choices import TypeName


@flow(
    name="export",
    flow_run_name="export to {directory}",
    description="Write a snapshot into a directory of files, one for each object.",
)
@outliving
def export(
    directory: str,
    types: list[TypeName] | None = None,
    snapshot: int | None = None,
    db_path: str | None = None,
    config: str | None = None,
) -> State[Any]:
    """Write *snapshot* into *directory*, where only files that differ are written.

    Args:
        directory: Where to; an earlier export there becomes this one.
        types: Content types such as dashboards; all of them by default.
        snapshot: Which one; by default the newest that has each type whole.
        db_path: The vault; by default that of the settings.
        config: The TOML file of the settings.
    """
    settings = load_settings(Path(config) if config else None, db_path=db_path)
    with stoppable(), Vault.open(Path(settings.db_path), read_only=True) as vault:
        report = export_directory(vault, Path(directory), types or (), snapshot)
    await_server()
    show_table("export", [{"type": name, **counts} for name, counts in report.types.items()], f"In {directory}")
    message = f"{report.directory} is snapshot {', '.join(map(str, report.snapshots))}: {report.items} objects"
    if report.damaged or report.structure:
        return Failed(message=f"{message}; {len(report.damaged)} payloads are damaged in the vault and left out")
    if report.status == "partial":
        return State(type=StateType.FAILED, name="Partial", message=f"{message}; the snapshot has holes")
    return Completed(message=message)
