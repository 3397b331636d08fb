"""A rehearsal: make a twin of the backup, wreck it, restore it, prove that, and say what a real restore would take. No call goes
to Looker."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr

from flows.twin import held, twin_of
from looker_simulator import Simulator
from looker_simulator.oracle import differences
from looker_simulator.ravage import BLOWS, ravage
from looker_simulator.twin import Twin
from lookervault_core.catalog import restore_order, row
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.errors import UsageError
from lookervault_core.exchange.copying import copy_for
from lookervault_core.extract.alone import extract_alone
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.applying.outcome import Report, StepDone
from lookervault_core.restore.report import estimate, spoken
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, selected
from lookervault_core.restore.runs import PER_MINUTE, PER_SECOND, restoration, restore
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault

FRACTION, SEED = 0.2, 1
_SMALL = 20_000  # bytes of an answer; pages of listings are larger
_MANY = 2_000  # beyond so many objects the dashboards are compared by digests


class Forecast(msgspec.Struct, frozen=True):
    """The calls and the time of a restore on the real instance, at the rate limit or as fast as Looker answered when the backup
    was made."""

    calls: int
    per_second: float
    seconds: float
    by: str


class Rehearsal(msgspec.Struct, frozen=True):
    """The result of a rehearsal. `hit` counts by type the objects that were wrecked, and how; `not_as_before` are the differences
    that an independent comparison of the twin with its state before the disaster finds, `unplayed` what the twin lacks of the
    instance."""

    instance_url: str
    objects: int
    fraction: float
    seed: int
    hit: dict[str, dict[str, int]]
    report: Report
    forecast: Forecast
    not_as_before: tuple[str, ...]
    unplayed: tuple[str, ...]
    seconds: float

    @property
    def proven(self) -> bool:
        """Return whether everything that was wrecked came back, with no losses but accepted ones."""
        return self.report.status == "completed" and not self.report.dead_letters


def rehearse(
    settings: Settings,
    *,
    types: Sequence[str] = (),
    fraction: float = FRACTION,
    seed: int = SEED,
    snapshot_id: int | None = None,
    stop: threading.Event | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
    on_step: Callable[[StepDone], None] = lambda _: None,
) -> Rehearsal:
    """Wreck *fraction* of each of *types* (of all by default) on a twin of the backup, and restore it there."""
    started = time.monotonic()
    chosen = hittable(types)
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        objects = held(vault, snapshot_id)
        on_stage(f"making a twin of {objects:,} objects")
        twin = twin_of(vault, snapshot_id)
        before = _seen(twin, objects)
        hit = ravage(twin.world, fraction, chosen, seed)
        request = RestoreRequest(selected(chosen, None, None, None, None), _options(settings), snapshot_id)
        on_stage(
            f"restoring what a disaster left of it: {sum(sum(one.values()) for one in hit.values()):,} objects hit"
        )
        report = played(settings, vault, twin, request, stop=stop, on_step=on_step)
        forecast = forecast_of(settings, vault, report.requests, report.duration_s)
        lost = () if before is None else tuple(differences(before, _seen(twin, objects)))
        url = vault.instance_url or ""
    return Rehearsal(
        url, objects, fraction, seed, hit, report, forecast, lost, twin.unplayed, time.monotonic() - started
    )


def document(found: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as one document for `--json`, the report of its restore within."""
    from lookervault_core.restore.report import report_document

    told = {name: getattr(found, name) for name in found.__struct_fields__ if name != "report"}
    status = "proven" if found.proven else "not proven"
    return {"status": status} | msgspec.to_builtins(told) | {"restore": report_document(found.report)}


def spoken_of(found: First) -> str:
    """Return in words how many calls and how long the restore takes on the real instance."""
    return f"takes {_spoken(found.forecast)}"


def told(found: Rehearsal) -> str:
    """Return in words how many calls and how long a real restore of that size would take."""
    return _spoken(found.forecast)


def _spoken(forecast: Forecast) -> str:
    took = f"{forecast.calls:,} calls, {spoken(forecast.seconds)}"
    if not forecast.per_second:
        return took
    return f"{took} at {forecast.per_second:,.3g} calls a second ({forecast.by})"


def rows(found: Rehearsal) -> list[dict[str, Any]]:
    """Return one row for each type that was wrecked: how many objects, in which way, and the verdicts after the restore."""
    verdicts = verdicts_of(found.report)
    names = [name for name in restore_order() if found.hit.get(name) or name in verdicts]
    return [{"type": name} | _row(found.hit.get(name, {}), verdicts.get(name, Counter())) for name in names]


def verdicts_of(report: Report) -> dict[str, Counter[str]]:
    """Return by type how many objects got each verdict when they were read back."""
    verdicts: dict[str, Counter[str]] = {}
    for item in report.proof.items:
        verdicts.setdefault(item.key.content_type, Counter())[item.verdict] += 1
    return verdicts


def _row(hit: dict[str, int], verdicts: Counter[str]) -> dict[str, Any]:
    return {
        "hit": sum(hit.values()),
        "how": ", ".join(f"{count:,} {what}" for what, count in hit.items()),
        "identical": verdicts["identical"],
        "with losses": verdicts["accepted_losses"],
        "not restored": verdicts["different"] + verdicts["failed"],
    }


def played(
    settings: Settings,
    vault: Vault,
    twin: Twin,
    request: RestoreRequest,
    *,
    stop: threading.Event | None = None,
    on_step: Callable[[StepDone], None] = lambda _: None,
) -> Report:
    """Carry out *request* on the twin, from a copy of *vault* that belongs to the twin, and return the report."""
    with Simulator(world=twin.world) as looker, tempfile.TemporaryDirectory(prefix="lookervault-") as scratch:
        path = Path(scratch) / "rehearsal.db"
        copy_for(vault, path, looker.base_url)
        own = _onto(settings, looker, path)
        with restoration(own, request, stop=stop, on_step=on_step) as run:
            return restore(run)


class First(msgspec.Struct, frozen=True):
    """A restore tried on a twin of what Looker has now: what its plan forecast, and its report."""

    planned: dict[str, dict[str, int]]
    calls: int
    report: Report
    forecast: Forecast
    unplayed: tuple[str, ...]

    @property
    def proven(self) -> bool:
        return self.report.status == "completed" and not self.report.dead_letters


def first_on_a_twin(
    settings: Settings,
    request: RestoreRequest,
    *,
    stop: threading.Event | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> First:
    """Back up what Looker has now, beside the vault, and carry out *request* on a twin of it. Raises UsageError for a restore onto
    another instance, for the twin is of the vault's own one."""
    if request.options.target is not None:
        raise UsageError("--rehearse: a restore onto another instance is not rehearsed; look at it with --dry-run")
    with (
        tempfile.TemporaryDirectory(prefix="lookervault-") as scratch,
        Vault.open(settings.db_path, read_only=True) as vault,
    ):
        on_stage("backing up what Looker has now, beside the vault, to make a twin of it")
        twin = _of_now(settings, vault, Path(scratch) / "now.db", stop)
        with Simulator(world=twin.world) as looker:
            path = Path(scratch) / "rehearsal.db"
            copy_for(vault, path, looker.base_url)
            on_stage("restoring on the twin")
            with restoration(_onto(settings, looker, path), request, stop=stop) as run:
                cost, planned = estimate(run), _planned(run.plan())
                report = restore(run)
        forecast = forecast_of(settings, vault, report.requests, report.duration_s)
    return First(planned, cost.calls, report, forecast, twin.unplayed)


def _of_now(settings: Settings, vault: Vault, path: Path, stop: threading.Event | None) -> Twin:
    """Return the twin of what Looker has now; the vault has what did not change since."""
    copy_for(vault, path, vault.instance_url or settings.connection().base_url)
    options = ExtractOptions(workers=settings.workers, page_size=settings.page_size, incremental=True)
    found = extract_alone(settings.model_copy(update={"db_path": path}), options, stop=stop)
    with Vault.open(path, read_only=True) as now:
        return twin_of(now, found.snapshot_id if found.status == "complete" else None)


def _planned(plan: Plan) -> dict[str, dict[str, int]]:
    return {name: dict(Counter(step.action for step in plan.of(name))) for name in plan.types()}


def restore_document(found: First) -> dict[str, Any]:
    """Return a rehearsed restore as one document for `--json`."""
    from lookervault_core.restore.report import report_document

    return {
        "status": "proven" if found.proven else "not proven",
        "calls": {"forecast": found.calls, "rehearsed": found.report.requests},
        "forecast": msgspec.to_builtins(found.forecast),
        "types": restore_rows(found),
        "unplayed": list(found.unplayed),
        "restore": report_document(found.report),
    }


def restore_rows(found: First) -> list[dict[str, Any]]:
    """Return one row for each type: what the plan forecast, and what happened on the twin."""
    verdicts = verdicts_of(found.report)
    return [
        {"type": name, "planned": ", ".join(f"{count:,} {what}" for what, count in sorted(planned.items()))}
        | {key: value for key, value in _row({}, verdicts.get(name, Counter())).items() if key not in ("hit", "how")}
        for name, planned in found.planned.items()
    ]


def _onto(settings: Settings, looker: Simulator, path: Path) -> Settings:
    """Return the settings that reach the twin, as fast as it answers, and nothing else."""
    there = {
        "base_url": looker.base_url,
        "client_id": looker.options.client_id,
        "client_secret": SecretStr(looker.options.client_secret),
        "proxy": None,
        "ca_bundle": None,
        "credentials_block": None,
    }
    free = {"rate_limit_per_second": 0.0, "rate_limit_per_minute": 0.0, "rate_limit_ceiling": 0.0, "max_calls": 0}
    return settings.model_copy(update=there | free | {"db_path": path})


def _options(settings: Settings) -> RestoreOptions:
    return RestoreOptions(workers=settings.workers)


def hittable(types: Sequence[str]) -> tuple[str, ...]:
    """Return the full names of *types*. Raises UsageError for a type that a rehearsal cannot wreck."""
    names = tuple(row(content_type).name for content_type in types)
    wrong = [name for name in names if name not in BLOWS]
    if wrong:
        raise UsageError(f"{', '.join(wrong)}: a rehearsal wrecks {', '.join(sorted(BLOWS))}")
    return names


def _seen(twin: Twin, objects: int) -> Any:
    from looker_simulator import oracle

    return oracle.dump(twin.world, brief=objects > _MANY)


def forecast_of(settings: Settings, vault: Vault, calls: int, at_least_s: float) -> Forecast:
    """Return the forecast for *calls* on the real instance: answers as fast as when it was last backed up, `workers` at a time,
    within the limits of a restore. The time is at least *at_least_s*, which they took here."""
    asked, a_minute = settings.rate_limit_per_second, settings.rate_limit_per_minute
    limits = [PER_SECOND if asked is None else asked, (PER_MINUTE if a_minute is None else a_minute) / 60]
    found = {"the limit": min(one for one in limits if one)} if any(limits) else {}
    a_call = _seconds_a_call(vault)
    if a_call:
        found["how fast Looker answers"] = settings.workers / a_call
    by = min(found, key=lambda one: found[one]) if found else "this machine"
    rate = found.get(by) or (calls / at_least_s if at_least_s else 0.0)
    return Forecast(calls, rate, max(calls / rate if rate else 0.0, at_least_s), by)


def _seconds_a_call(vault: Vault) -> float:
    """Return how long Looker took for one answer in the newest extraction, of those that are as small as most of a restore's; 0 if
    nothing says so."""
    for session in sorted(vault.sessions(), key=lambda one: one.started_at, reverse=True):
        if session.is_import or session.restore:
            continue
        rows = [
            request
            for request in vault.requests(session.session_id)
            if request.calls and request.bytes < _SMALL * request.calls
        ]
        if rows:
            return sum(one.seconds for one in rows) / sum(one.calls for one in rows)
    return 0.0
