"""The flow `night`: extract, verify, push, prune; one run whose page shows the result of each step."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
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
from lookervault_core.notifying import telling_failure, untold
from lookervault_core.offsite.run import Ground, ground_of, push_ground
from lookervault_core.settings import Settings
from tasks.artifacts import show_table
from tasks.blocks import of_vault_block, reaching_settings
from tasks.logs import logged_in_run
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
    from_offsite: bool | None = None,
    max_calls: Count | None = None,
    monthly_calls: Count | None = None,
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
        from_offsite: Work on the newest copy there instead of a vault here, for a worker without a disk; else as the settings say.
        max_calls: Stop after so many calls; 0 never stops.
        monthly_calls: Spread the runs so that a month takes no more calls; 0 does not.
        config: The TOML file of the settings.
        credentials_block: The Prefect block with the connection.
        vault_block: The Prefect block with path, place off-site, retention and budgets, for what is not given here.
    """
    keep: dict[str, Any] = {"keep_last": keep_last, "keep_daily": keep_daily, "keep_weekly": keep_weekly}
    keep["keep_monthly"] = keep_monthly
    given: dict[str, Any] = {
        "db_path": db_path,
        "offsite_url": offsite_url,
        "max_calls": max_calls,
        "monthly_calls": monthly_calls,
        "credentials_block": credentials_block,
        **keep,
    }
    given |= {name: value for name, value in of_vault_block(vault_block).items() if given.get(name) is None}
    settings = reaching_settings(config, **given, from_offsite=from_offsite)
    with slot_of_host(), ExitStack() as stack, untold() as missed:
        with telling_failure(settings, "extract"):
            ground = stack.enter_context(ground_of(settings))
        steps = _Steps(settings)
        _take(steps, ground, given, {"incremental": incremental, "max_age_hours": max_age_hours, "config": config})
        steps.note("tell", missed)
    await_server()
    show_table("night", steps.rows, steps.message)
    return steps.state


def _take(steps: _Steps, ground: Ground, given: dict[str, Any], how: dict[str, Any]) -> None:
    """Take the steps of a night, each only if what it needs went well.

    What was pulled from off-site is pruned before it is pushed: what goes afterwards would go from a file that goes away.
    """
    settings, policy = ground.settings, {name: value for name, value in given.items() if name.startswith("keep_")}
    vault: dict[str, Any] = {"db_path": str(settings.db_path), "config": how["config"]}
    # Pushed after the proof, below: a copy of what is damaged would be of no use.
    here = {name: given[name] for name in ("max_calls", "monthly_calls", "credentials_block")}
    here |= {"incremental": how["incremental"], "offsite_url": "", "from_offsite": False}
    if steps.take("extract", lambda: _extract(**here, **vault, return_state=True)) not in (DONE, "Partial"):
        return
    proof = {"max_age_hours": how["max_age_hours"], **vault}
    if steps.take("verify", lambda: _verify(**proof, return_state=True)) != DONE:
        return
    copies = {"offsite_url": settings.offsite_url or ""}
    last = [
        ("push", bool(settings.offsite_url), lambda: _pushed(ground)),
        ("prune", any(getattr(settings, name) for name in policy),
         lambda: _retention(**policy, **copies, **vault, return_state=True)),
    ]  # fmt: skip
    for name, is_wanted, step in last if ground.after is None else reversed(last):
        if is_wanted:
            steps.take(name, step)


def _pushed(ground: Ground) -> State[Any]:
    with logged_in_run():
        made = push_ground(ground, pushed)
    return Completed(
        message=f"copy {made.number} in {made.url}: snapshots {made.snapshots}, bytes {made.stored_bytes:,}"
    )


class _Steps:
    """What came of each step, in the order in which they were taken."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.rows: list[dict[str, str]] = []

    def take(self, name: str, step: Callable[[], State[Any]]) -> str:
        """Take a step, note what came of it, and return the name of its state; a failure ends only that step."""
        try:
            with telling_failure(self._settings, name):
                state = step()
            came, message = state.name or "", state.message or ""
        except LookerVaultError as exc:
            came, message = "Failed", str(exc)
        self._note(name, came, message)
        return came

    def note(self, name: str, faults: list[str]) -> None:
        """Note what went wrong beside the steps; it fails no run."""
        for fault in faults:
            self._note(name, "Missed", fault)

    def _note(self, name: str, came: str, message: str) -> None:
        self.rows.append({"step": name, "state": came, "message": for_line(message)})
        level = logging.INFO if came == DONE else logging.WARNING
        get_run_logger().log(level, "%s: %s, %s", name, came, for_line(message))

    @property
    def message(self) -> str:
        return " → ".join(f"{row['step']} {row['state'].lower()}" for row in self.rows)

    @property
    def state(self) -> State[Any]:
        """The final state: Partial counts as failed, so that it alerts, and Retry goes on."""
        bad = [row for row in self.rows if row["state"] not in (DONE, "Missed")]
        if not bad:
            return Completed(message=self.message)
        name = "Partial" if self.rows[0]["state"] in (DONE, "Partial") else "Failed"
        return State(type=StateType.FAILED, name=name, message=f"{self.message}; {bad[0]['message']}")
