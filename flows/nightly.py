"""The flow `night`: extract, verify, push, prune; one run whose page says of each step what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.extract import extract
from flows.outliving import await_server, outliving
from flows.retention import Count, retention
from flows.verify import verify
from lookervault_core.errors import LookerVaultError
from lookervault_core.inert import for_line
from tasks.artifacts import show_table
from tasks.blocks import of_vault_block, reaching_settings
from tasks.offsite import pushed
from tasks.slots import slot_of_host

DONE = "Completed"
# Flows whose parameters are put together: what each of them takes is checked when it is run.
_extract: Any = extract
_verify: Any = verify
_retention: Any = retention


def _run_name() -> str:
    """Return what the run is about: `night emea`."""
    return f"night {flow_run.parameters.get('credentials_block') or ''}".strip()


@flow(
    name="night",
    flow_run_name=_run_name,
    description="A night: back up, prove it, push a copy off-site if there is a place for one, let old snapshots go.",
)
@outliving
def night(
    incremental: bool = True,
    max_age_hours: float | None = 48.0,
    keep_last: Count | None = None,
    keep_daily: Count | None = None,
    keep_weekly: Count | None = None,
    keep_monthly: Count | None = None,
    db_path: str | None = None,
    offsite_url: str | None = None,
    config: str | None = None,
    credentials_block: str | None = None,
    vault_block: str | None = None,
) -> State[Any]:
    """Back up, prove, push and prune, in this order; what is damaged is not pushed, and nothing is let go for it.

    Args:
        incremental: Take over what a listing proves unchanged since the last snapshot.
        max_age_hours: How old the newest complete snapshot of a type may be.
        keep_last: Keep the last so many snapshots; by default that of the settings, like the next three. None of them: all stay.
        keep_daily: Keep the newest of so many days.
        keep_weekly: Keep the newest of so many weeks.
        keep_monthly: Keep the newest of so many months.
        db_path: The vault; by default that of the settings.
        offsite_url: Where a copy of the vault is pushed; by default that of the settings.
        config: The TOML file of the settings.
        credentials_block: The Prefect block with the connection.
        vault_block: The Prefect block with path, place off-site and retention, for what is not given here.
    """
    keep: dict[str, Any] = {"keep_last": keep_last, "keep_daily": keep_daily, "keep_weekly": keep_weekly}
    keep["keep_monthly"] = keep_monthly
    given: dict[str, Any] = {
        "db_path": db_path,
        "offsite_url": offsite_url,
        "credentials_block": credentials_block,
        **keep,
    }
    given |= {name: value for name, value in of_vault_block(vault_block).items() if given.get(name) is None}
    settings = reaching_settings(config, **given)
    vault: dict[str, Any] = {"db_path": given["db_path"], "config": config}
    policy = {name: value for name, value in given.items() if name.startswith("keep_")}
    with slot_of_host():
        steps = _Steps()
        # Pushed after the proof, below: a copy of what is damaged would be of no use.
        here = {**vault, "credentials_block": given["credentials_block"], "offsite_url": ""}
        backed_up = steps.take("extract", lambda: _extract(incremental=incremental, **here, return_state=True))
        if backed_up in (DONE, "Partial"):
            proven = steps.take("verify", lambda: _verify(max_age_hours=max_age_hours, **vault, return_state=True))
            if proven == DONE and settings.offsite_url:
                steps.take("push", lambda: Completed(message=f"copy {pushed(settings, None).number}"))
            if proven == DONE and any(getattr(settings, name) for name in policy):
                copies = {"offsite_url": given["offsite_url"]}
                steps.take("prune", lambda: _retention(**policy, **copies, **vault, return_state=True))
    await_server()
    show_table("night", steps.rows, steps.message)
    return steps.state


class _Steps:
    """What came of each step, in the order in which they were taken."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def take(self, name: str, step: Callable[[], State[Any]]) -> str:
        """Take a step, note what came of it, and return the name of its state; a failure ends only that step."""
        try:
            state = step()
            came, message = state.name or "", state.message or ""
        except LookerVaultError as exc:
            came, message = "Failed", str(exc)
        self.rows.append({"step": name, "state": came, "message": for_line(message)})
        get_run_logger().info("%s: %s, %s", name, came, for_line(message))
        return came

    @property
    def message(self) -> str:
        return " → ".join(f"{one['step']} {one['state'].lower()}" for one in self.rows)

    @property
    def state(self) -> State[Any]:
        """The final state: Partial counts as failed, so that it alerts, and Retry goes on."""
        bad = [one for one in self.rows if one["state"] != DONE]
        if not bad:
            return Completed(message=self.message)
        name = "Partial" if self.rows[0]["state"] in (DONE, "Partial") else "Failed"
        return State(type=StateType.FAILED, name=name, message=f"{self.message}; {bad[0]['message']}")
