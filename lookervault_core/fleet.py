"""Several instances backed up together: where the vault of each is, how each run ended, and the result of the whole."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from lookervault_core.errors import UsageError
from lookervault_core.looker.instance import canonical

Outcome = Literal["completed", "partial", "failed", "crashed", "cancelled", "never started", "still running", "paused"]

NAMED = 5
REASON_SHOWN = 300


class Member(msgspec.Struct, frozen=True):
    """One instance of the fleet: its deployment's `name`, the work pool it runs on, and where its vault is."""

    name: str
    pool: str
    vault: str


class Backup(msgspec.Struct, frozen=True):
    """The result of one instance. `items` and `holes` are None if the run ended before they were counted.

    `instance` is the address of the Looker that was backed up; `url` is the run in the UI.
    """

    name: str
    outcome: Outcome
    reason: str = ""
    instance: str = ""
    items: int | None = None
    holes: int | None = None
    duration_s: float = 0.0
    url: str = ""


class FleetReport(msgspec.Struct, frozen=True):
    """The result of one run over the fleet; `message` is one line that names what is not as it should be."""

    status: Literal["completed", "partial", "failed"]
    message: str
    backups: list[Backup]


def vault_of(parameters: Mapping[str, Any], environment: Mapping[str, Any], directory: str) -> str:
    """Return where a run with these parameters, in this environment and directory, has its vault, as far as can be told.

    A configuration file on the worker's machine, or the worker's own environment, may name it too: then it is the vault
    of that file, or of that worker.
    """
    path = parameters.get("db_path") or environment.get("LOOKERVAULT_DB_PATH")
    if path:
        return os.path.normpath(os.path.join(directory, str(path)))
    config = parameters.get("config") or environment.get("LOOKERVAULT_CONFIG")
    if config:
        return f"the one that {os.path.normpath(os.path.join(directory, str(config)))} names"
    return f"the one that the worker's own settings name{f' in {directory}' if directory else ''}"


def check_vaults(members: Iterable[Member]) -> None:
    """Raise UsageError if two members on the same work pool have the same vault."""
    owners: dict[tuple[str, str], list[str]] = {}
    for member in members:
        owners.setdefault((member.pool, member.vault), []).append(member.name)
    shared = [f"{' and '.join(names)} ({vault})" for (_, vault), names in owners.items() if len(names) > 1]
    if shared:
        raise UsageError(
            f"one vault for several instances: {'; '.join(shared)}; nothing was started. Give each deployment a db_path "
            "of its own and deploy again"
        )


def outcome_of(state_type: str, state_name: str) -> Outcome:
    """Return the outcome of a Prefect run that is over, from the type and name of its final state."""
    kinds: dict[str, Outcome] = {"COMPLETED": "completed", "CRASHED": "crashed", "CANCELLED": "cancelled"}
    return kinds.get(state_type) or ("partial" if state_name == "Partial" else "failed")


def one_line(text: str | None) -> str:
    """Return the first line of *text*, cut where it is too long for a table."""
    first = (text or "").strip().partition("\n")[0]
    return first if len(first) <= REASON_SHOWN else f"{first[:REASON_SHOWN]}…"


def why_not_started(pool: str | None, state_name: str, *, is_paused: bool, workers: int, waited_s: float) -> str:
    """Return one line: why no worker has begun a run of work pool *pool*, which `workers` poll, and what to do."""
    if pool is None:
        return f"no process took it within {waited_s:.0f} s: it is on no work pool; deploy it to one"
    if state_name == "AwaitingConcurrencySlot":
        return "an earlier run of it is not over and holds its place; let that one end, or cancel it"
    if state_name == "Pending":
        return f"a worker of work pool {pool} took it and did not begin within {waited_s:.0f} s; see that worker's log"
    if is_paused:
        return f"work pool {pool} is paused: `prefect work-pool resume {pool}`"
    if not workers:
        return f"no worker polls work pool {pool}: `prefect worker start --pool {pool}`"
    return (
        f"no worker of work pool {pool} had room for it within {waited_s:.0f} s: raise their --limit or the pool's (this "
        "run takes a place too), or start one that polls its queue"
    )


def report(backups: Sequence[Backup]) -> FleetReport:
    """Return the result of the fleet: completed only if every instance did, failed if nothing at all was backed up.

    Deployments that somebody paused are named and do not count. Two that backed up the same instance do not count as
    completed: one of them has the other one's connection.
    """
    wanted = [backup for backup in backups if backup.outcome != "paused"]
    done = [one for one in wanted if one.outcome == "completed"]
    twins = _twins(wanted)
    faults = [
        f"{one.name}: {one.outcome}{f' ({one.reason})' if one.reason else ''}" for one in wanted if one not in done
    ]
    faults = [*twins, *faults]
    more = [f"… and {len(faults) - NAMED} more"] if len(faults) > NAMED else []
    paused = [backup.name for backup in backups if backup.outcome == "paused"]
    notes = [f"paused: {', '.join(paused)}"] if paused else []
    items = sum(one.items or 0 for one in wanted)
    said = f"{len(done)} of {len(wanted)} instances are backed up, {items:,} items"
    message = "; ".join([said, *faults[:NAMED], *more, *notes])
    if done and not faults:
        return FleetReport("completed", message, list(backups))
    kept = any(one.outcome in ("completed", "partial") for one in wanted)
    return FleetReport("partial" if kept else "failed", message, list(backups))


def _twins(backups: Iterable[Backup]) -> list[str]:
    names: dict[str, list[str]] = {}
    for backup in backups:
        if backup.instance:
            names.setdefault(canonical(backup.instance), []).append(backup.name)
    return [
        f"{' and '.join(found)} backed up the same instance, {instance}: the worker's environment wins over a "
        "configuration file; give each a credentials_block"
        for instance, found in names.items()
        if len(found) > 1
    ]


def rows(found: FleetReport) -> list[dict[str, Any]]:
    """Return a row for each instance, what is not completed first; the run is a link in Markdown."""
    ordered = sorted(found.backups, key=lambda one: (one.outcome == "completed", one.name))
    return [
        {
            "deployment": one.name,
            "instance": one.instance or "–",
            "state": one.outcome,
            "items": "–" if one.items is None else one.items,
            "holes": "–" if one.holes is None else one.holes,
            "duration": duration(one.duration_s) if one.duration_s else "–",
            "run": f"[open]({one.url})" if one.url else "–",
            "reason": one.reason or "–",
        }
        for one in ordered
    ]


def duration(seconds: float) -> str:
    """Return *seconds* as people say it: `42 s`, `7 min 5 s`, `3 h 20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
