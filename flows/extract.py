"""The flow `extract`: waves of ranges, mapped as tasks; the final state is computed from what the vault holds."""

from __future__ import annotations

if __name__ == "__main__":  # Prefect must be told to be quiet before it is imported
    from flows.cli import run_as_module

    run_as_module("extract")

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from prefect import Task, flow, unmapped
from prefect.client.schemas.objects import State, StateType
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.outliving import await_server, outliving
from flows.turn import Turn, settle_earlier
from flows.watch import ending_threads, stoppable, watching
from lookervault_core.errors import BudgetSpent, Interrupted, LoginRefused, LookerError, Unauthorized, VaultOwned
from lookervault_core.extract.alone import concluded, out_of_calls
from lookervault_core.extract.cost.poll import moved, types_of
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import ExtractReport
from lookervault_core.extract.run import ExtractRun, PageDone, TypeListed
from lookervault_core.extract.session import admitted, connected, extraction
from lookervault_core.inert import for_line
from lookervault_core.model import Range
from lookervault_core.notifying import in_words, telling_failure, told_extraction
from lookervault_core.offsite.run import Ground, failures, ground_of, with_copy
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.lock import not_at_all
from tasks.artifacts import Progress, show_link, show_table
from tasks.blocks import reaching_settings
from tasks.choices import TypeName
from tasks.events import emit_extraction
from tasks.extract import current, patient, record_dead_letters
from tasks.logs import logged_in_run
from tasks.offsite import pushed

ROWS_SHOWN = 200
LOOK_EVERY_S = 1.0


class _Seen:
    """Counts what was committed, for the progress artifact, and passes each page on to whoever watches."""

    def __init__(self, watch: Callable[[Any], None] | None) -> None:
        self._watch = watch
        self.items = 0

    def __call__(self, page: PageDone | TypeListed) -> None:
        if isinstance(page, PageDone):
            self.items += page.items
        if self._watch:
            self._watch(page)


def _run_name() -> str:
    """Return what the run is about, and of what instance, by the name of its block or vault: `extract dashboards, looks, emea`."""
    given = flow_run.parameters
    instance = given.get("credentials_block") or Path(given.get("db_path") or "").stem
    return f"extract {', '.join([*(given.get('types') or ['all']), *([instance] if instance else [])])}"


@flow(
    name="extract",
    flow_run_name=_run_name,
    description="Back up a Looker instance into the vault, and prove that it is whole.",
    validate_parameters=True,
)
@outliving
def extract(
    types: list[TypeName] | None = None,
    exclude: list[TypeName] | None = None,
    folders: list[str] | None = None,
    workers: int | None = None,
    page_size: int | None = None,
    incremental: bool = False,
    audit_days: int | None = None,
    only_if_moved: bool = False,
    resume: str | None = None,
    rate_limit_per_second: float | None = None,
    rate_limit_per_minute: float | None = None,
    rate_limit_ceiling: float | None = None,
    max_calls: int | None = None,
    monthly_calls: int | None = None,
    db_path: str | None = None,
    offsite_url: str | None = None,
    from_offsite: bool | None = None,
    config: str | None = None,
    credentials_block: str | None = None,
) -> State[Any]:
    """Back up *types* into a new snapshot, or go on with an earlier session.

    Args:
        types: Content types such as dashboards; all of them by default.
        exclude: Of what is chosen, all but these types.
        folders: Only the content of these folders, by id, and of those below them.
        workers: How many threads read at once; by default that of the settings.
        page_size: Objects a page; by default that of the settings.
        incremental: Take over what a listing proves unchanged since the last snapshot; read all else.
        audit_days: With `incremental`, what nothing proves unchanged is read again after so many days; 0 reads all of it.
        only_if_moved: Look with a few calls whether content moved, and back up nothing but the types of what did.
        resume: A session to go on with.
        rate_limit_per_second: By default that of the settings.
        rate_limit_per_minute: By default that of the settings.
        rate_limit_ceiling: Let the limit rise to so many a second while Looker answers no slower; by default that of the settings.
        max_calls: Stop after so many calls; 0 never stops.
        monthly_calls: Spread the runs so that a month takes no more calls; 0 does not.
        db_path: The vault; by default that of the settings.
        offsite_url: Where a copy of the vault is pushed afterwards, such as s3://bucket/path; by default that of the settings.
        from_offsite: Work on the newest copy there instead of a vault here, for a worker without a disk; else as the settings say.
        config: The TOML file of the settings.
        credentials_block: The Prefect block with the connection.
    """
    settings = reaching_settings(
        config,
        workers=workers,
        page_size=page_size,
        rate_limit_per_second=rate_limit_per_second,
        rate_limit_per_minute=rate_limit_per_minute,
        rate_limit_ceiling=rate_limit_ceiling,
        max_calls=max_calls,
        monthly_calls=monthly_calls,
        audit_days=audit_days,
        db_path=db_path,
        offsite_url=offsite_url,
        from_offsite=from_offsite,
        credentials_block=credentials_block,
    )
    with ExitStack() as stack:
        with telling_failure(settings, "extract"):
            ground = stack.enter_context(ground_of(settings))
        return _on(ground, types, exclude, folders, incremental, only_if_moved, resume)


# They are JSON as they are. Prefect's own way imports FastAPI for that, a sixth of what a small run costs.
extract.serialize_parameters = dict  # ty: ignore[invalid-assignment]


def _on(
    ground: Ground,
    types: list[str] | None,
    exclude: list[str] | None,
    folders: list[str] | None,
    incremental: bool,
    only_if_moved: bool,
    resume: str | None,
) -> State[Any]:
    """Run on the vault of *ground*, and push it afterwards if the settings say where to."""
    settings = ground.settings
    if only_if_moved:
        found = _moved(settings)
        if not found:
            return Completed(message="nothing has moved: no snapshot was made")
        types = list(types_of(found))
    options = ExtractOptions(
        types=tuple(types) if types else None,
        exclude=tuple(exclude or ()),
        folders=tuple(folders or ()),
        workers=settings.workers,
        page_size=settings.page_size,
        incremental=incremental,
        audit_days=settings.audit_days,
    )
    try:
        with telling_failure(settings, "extract", but=(VaultOwned,) if only_if_moved else ()):
            report = _captured(settings, options, resume, waits=not only_if_moved)
            report = with_copy(report, ground, pushed)
    except VaultOwned as owned:
        if not only_if_moved:
            raise
        return Completed(name="Skipped", message=f"no snapshot was made: {owned}")
    report = told_extraction(settings, report)
    if watch := watching.get():
        watch(report)
    await_server()
    _publish(report)
    emit_extraction(settings.base_url or "", report)
    return _state(report)


def _moved(settings: Settings) -> dict[str, int]:
    """Return by type how many objects have moved since they were last captured."""
    with stoppable() as stop, connected(settings, stop) as looker:
        admitted(looker)
        with Vault.create_or_open(Path(settings.db_path)) as vault:
            vault.claim_instance(looker.connection.base_url)
            return moved(vault, looker)


def _captured(settings: Settings, options: ExtractOptions, resume: str | None, *, waits: bool) -> ExtractReport:
    label = None if resume else str(flow_run.id)
    with stoppable() as stop, logged_in_run():
        seen = _Seen(watching.get())
        may_wait = Turn(stop) if waits else not_at_all
        with extraction(
            settings, options, resume=resume, label=label, stop=stop, on_page=seen, may_wait=may_wait
        ) as run:
            settle_earlier(run.vault)
            return _run(run, seen, patient(settings.task_retry_delay_s))


def _run(run: ExtractRun, seen: _Seen, each: Task[..., Any]) -> ExtractReport:
    about = f"Snapshot {run.session.snapshot_id}, session {run.session.session_id}"
    progress = Progress("extract-progress", about, lambda: _by_type(run))
    show_link("extract-instance", run.looker.connection.base_url, "The Looker instance that is backed up")
    stopped = ""
    with _task_runner(run) as runner:
        try:
            for wave in run.waves():
                _capture_wave(run, runner, each, wave, lambda: progress.show(seen.items, run.expected))
        except BudgetSpent as exc:
            stopped = out_of_calls(exc)
        report = concluded(run, stopped)
        if report.holes:
            record_dead_letters()
    progress.show(1, lambda: 1, now=True)
    return report


def _by_type(run: ExtractRun) -> list[dict[str, Any]]:
    """Return what of each type is in the snapshot, those that lack something first."""
    counts = run.vault.counts(run.session.snapshot_id)
    told = [{"type": name, "captured": one.captured, "listed": one.listed} for name, one in counts.items()]
    return sorted(told, key=lambda one: one["captured"] >= one["listed"])


@contextmanager
def _task_runner(run: ExtractRun) -> Generator[ThreadPoolTaskRunner[Any]]:
    """Yield a runner with as many threads as the run has workers; its tasks find the run in their context."""
    token = current.set(run)
    try:
        with ThreadPoolTaskRunner(max_workers=run.options.workers) as runner, ending_threads():
            yield runner
    finally:
        current.reset(token)


def _capture_wave(
    run: ExtractRun,
    runner: ThreadPoolTaskRunner[Any],
    each: Task[..., Any],
    wave: Sequence[Range],
    show: Callable[[], None],
) -> None:
    """Map one task per range. What Prefect calls done and the ledger does not know runs again."""
    if not wave:
        return
    names = {"session_id": unmapped(run.session.session_id), "vault_id": unmapped(run.vault.vault_id)}
    _finish(run, wave, runner.map(each, {"span": list(wave), **names}), show)
    unknown = run.unknown(wave)
    if unknown:
        again = each.with_options(refresh_cache=True)
        _finish(run, unknown, runner.map(again, {"span": unknown, **names}), show)


def _finish(
    run: ExtractRun, wave: Sequence[Range], futures: Sequence[PrefectFuture[Any]], show: Callable[[], None]
) -> None:
    ended = _all_ended(futures)
    while not ended.wait(LOOK_EVERY_S):
        show()
    show()
    errors = {str(span): error for span, future in zip(wave, futures, strict=True) if (error := _error(future))}
    for error in sorted(errors.values(), key=lambda one: isinstance(one, Interrupted)):
        if not isinstance(error, LookerError) or isinstance(error, (LoginRefused, Unauthorized)):
            raise error
    for span in wave:
        if str(span) in errors:
            run.give_up(span, errors[str(span)])


def _all_ended(futures: Sequence[PrefectFuture[Any]]) -> threading.Event:
    """Return an event that is set when the last of *futures* has ended.

    Prefect's own `wait` with a timeout ends by an alarm signal, which can strike in the middle of a lock.
    """
    ended, left, lock = threading.Event(), len(futures), threading.Lock()

    def one_less(_: PrefectFuture[Any]) -> None:
        nonlocal left
        with lock:
            left -= 1
            if not left:
                ended.set()

    for future in futures:
        future.add_done_callback(one_less)
    return ended


def _error(future: PrefectFuture[Any]) -> BaseException | None:
    future.wait()
    state = future.state
    if state.is_completed():
        return None
    found = state.result(raise_on_failure=False)
    return found if isinstance(found, BaseException) else RuntimeError(f"a range ended {state.name}")


def _publish(report: ExtractReport) -> None:
    rows = [{"type": name, **_shown(counts)} for name, counts in report.types.items()]
    show_table("extract-results", rows, f"Snapshot {report.snapshot_id}: {report.status}, root hash {report.root}")
    show_table("extract-holes", report.holes[:ROWS_SHOWN], f"{len(report.holes)} holes, the first {ROWS_SHOWN} shown")
    odd = [{"what": one["text"], "look": one["look"], "revert": one["revert"]} for one in report.unusual]
    if untold := in_words(report.told):
        show_table("extract-untold", [{"what": untold}], "Who could not be told")
    show_table("extract-unusual", odd, "Unlike the nights before")
    if report.offsite:
        show_table("extract-offsite", [report.offsite], f"The copy of the vault: {report.offsite['status']}")
    show_table(
        "extract-notes", report.notes[:ROWS_SHOWN], f"{len(report.notes)} notes: limits that make nothing less whole"
    )


def _shown(counts: dict[str, Any]) -> dict[str, Any]:
    """Return the counts of a type for a table: a time to the minute, as the page has room for."""
    read_at = str(counts.get("oldest_read_at") or "")
    return counts | ({"oldest_read_at": read_at[:16].replace("T", " ")} if "oldest_read_at" in counts else {})


def _state(report: ExtractReport) -> State[Any]:
    """Return the run's final state. A partial one counts as failed, so that it alerts and the UI offers Retry."""
    unpushed = failures(report)
    if report.status == "complete" and not unpushed:
        return Completed(message=f"snapshot {report.snapshot_id} is complete: {report.items} items")
    named = [f"{one['content_type']} {one['id'] or ''}: {one['reason']}" for one in report.holes[:5]]
    why = [report.stopped] if report.stopped else []
    more = [f"… and {len(report.holes) - 5} more"] if len(report.holes) > 5 else []
    message = for_line(
        f"snapshot {report.snapshot_id} is {report.status}: " + "; ".join([*why, *named, *more, *unpushed])
    )
    name = "Partial" if unpushed else report.status.capitalize()
    return State(type=StateType.FAILED, name=name, message=message, data=msgspec.to_builtins(report))
