"""The flow `restore`: plan → approval → one subflow per content type → second pass → verify → report."""

from __future__ import annotations

if __name__ == "__main__":  # most commands need no Prefect, and it must be told to be quiet before it is imported
    from flows.cli import run_restore_as_module

    run_restore_as_module()

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from textwrap import shorten
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ExternalSignal
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.approval import approved
from flows.heartbeat import no_heartbeat
from flows.outliving import NotBegun, await_server, outlived, outliving
from flows.turn import Turn, settle_earlier
from flows.watch import agreed, ending_threads, stoppable, watching
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.diff.wording.words import kind_of, titled
from lookervault_core.drawing.svg import Marked, document
from lookervault_core.errors import UsageError
from lookervault_core.families.drawn import DrawnStep, drawn_steps
from lookervault_core.inert import for_line, for_markdown
from lookervault_core.model import Range
from lookervault_core.restore import SETTLED
from lookervault_core.restore.applying.execution import Execution
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.report import (
    OUTDATED,
    digest,
    headline,
    is_as_agreed,
    losses,
    new_ids,
    not_restored,
    not_tried,
    plan_rows,
)
from lookervault_core.restore.request import DeliveriesMode, Owner, RestoreOptions, RestoreRequest, selected
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import carried_out, restoration
from tasks.artifacts import Progress, show_pictures, show_table
from tasks.blocks import reaching_settings
from tasks.choices import TypeName
from tasks.events import PROVEN, emit
from tasks.logs import logged_in_run
from tasks.restore import current, patient, record_dead_letters
from tasks.server import impatient, is_left_alone

ROWS_SHOWN, ROWS_ASKED, DRAWN = 500, 15, 8
LOOK_EVERY_S = 1.0


def _run_name() -> str:
    """Return what the run is about: `restore dashboards`, `restore all`."""
    given = flow_run.parameters
    if given.get("resume"):
        return f"restore resume {given['resume']}"
    if given.get("folder"):
        return f"restore folder {given['folder']}"
    return f"restore {', '.join(given.get('types') or ['all'])} {given.get('item_id') or ''}".strip()


@flow(
    name="restore",
    flow_run_name=_run_name,
    description="Put objects back as a snapshot has them: plan, write, read back, prove.",
)
@outliving
def restore(
    types: list[TypeName] | None = None,
    item_id: str | None = None,
    folder: str | None = None,
    snapshot: int | None = None,
    dry_run: bool = False,
    approve: Literal["no", "ask"] = "no",
    only_types: list[TypeName] | None = None,
    exclude_types: list[TypeName] | None = None,
    exact: bool = False,
    with_dependencies: bool = False,
    skip_if_modified: bool = False,
    skip_validation: bool = False,
    skip_id_mapping: bool = False,
    target: str | None = None,
    deliveries: DeliveriesMode | None = None,
    owner: Owner | None = None,
    include_login_settings: bool = False,
    workers: int | None = None,
    checkpoint_interval: int = 100,
    max_retries: int = 5,
    max_dlq_size: int = 0,
    rate_limit_per_second: float | None = None,
    rate_limit_per_minute: float | None = None,
    max_calls: int | None = None,
    resume: str | None = None,
    db_path: str | None = None,
    config: str | None = None,
    credentials_block: str | None = None,
) -> State[Any]:
    """Put back *types* (all by default), one object, or a *folder* with all that is in it.

    Args:
        types: Content types such as dashboards; all of them by default.
        item_id: The id in the backup of one object of the one type.
        folder: The id in the backup of a folder, to put back all that is in it.
        snapshot: Which one to put back; by default the newest that has each type whole.
        dry_run: Only make the plan.
        approve: "ask" shows the plan in the UI and waits up to a day for its approval, suspended; a worker goes on with it then.
        only_types: Of what is chosen, only these types.
        exclude_types: Of what is chosen, all but these types.
        exact: Also remove what the backup does not have.
        with_dependencies: Also put back what the chosen objects need and Looker lacks.
        skip_if_modified: Leave alone what somebody has changed in Looker since the backup.
        skip_validation: Do not look for the models, connections and attributes that the content needs.
        skip_id_mapping: Do not consult the ids that earlier restores gave.
        target: A name for the instance, where that is not the one of the backup.
        deliveries: Whether schedules and alerts are switched on that were; by default they are, but not onto another instance.
        owner: "me" lets all that is restored onto another instance belong to the API user, and makes no users and groups.
        include_login_settings: Also put back how people sign in: SAML, LDAP, OpenID Connect, passwords, sessions.
        workers: How many threads write at once; by default that of the settings.
        checkpoint_interval: How many objects a task writes.
        max_retries: How often a call is tried again.
        max_dlq_size: Stop once more objects than this failed; 0 never stops.
        rate_limit_per_second: By default that of the settings.
        rate_limit_per_minute: By default that of the settings.
        max_calls: Stop after so many calls; 0 never stops.
        resume: A session to go on with, as it was told to; it takes no other choice than only_types and exclude_types.
        db_path: The vault; by default that of the settings.
        config: The TOML file of the settings.
        credentials_block: The Prefect block with the connection.
    """
    if resume:
        _require_unsettled(flow_run.parameters)
    settings = reaching_settings(
        config,
        workers=workers,
        rate_limit_per_second=rate_limit_per_second,
        rate_limit_per_minute=rate_limit_per_minute,
        max_calls=max_calls,
        db_path=db_path,
        credentials_block=credentials_block,
        deliveries=deliveries,
    )
    options = RestoreOptions(
        exact=exact,
        skip_if_modified=skip_if_modified,
        with_dependencies=with_dependencies,
        skip_validation=skip_validation,
        skip_id_mapping=skip_id_mapping,
        target=target,
        deliveries=settings.deliveries,
        owner=owner,
        include_login_settings=include_login_settings,
        workers=settings.workers,
        checkpoint_interval=checkpoint_interval,
        max_retries=max_retries,
        max_dlq_size=max_dlq_size,
        retry_delay_s=settings.task_retry_delay_s,
        label=None if resume else str(flow_run.id),
    )
    selection = selected(types, item_id, folder, only_types, exclude_types)
    request = RestoreRequest(selection, options, snapshot, resume)
    with stoppable() as stop, logged_in_run():
        on_step = watching.get() or (lambda _: None)
        open_run = partial(
            restoration, settings, request, stop=stop, on_step=on_step, dry_run=dry_run, may_wait=Turn(stop)
        )
        return _asked(open_run) if approve == "ask" and not dry_run else _run(open_run, dry_run=dry_run)


def _require_unsettled(given: Mapping[str, Any]) -> None:
    """Raise UsageError for a parameter that a session has settled when it began."""
    known = inspect.signature(restore.fn).parameters
    chosen = [
        one for one in ("types", "item_id", "folder", *SETTLED) if given.get(one) not in (None, known[one].default)
    ]
    if chosen:
        raise UsageError(f"{', '.join(chosen)}: a restore that is resumed does as it was told to; leave that out")


def _run(open_run: Callable[[], AbstractContextManager[RestoreRun]], *, dry_run: bool) -> State[Any]:
    with open_run() as run:
        plan = _published(run)
        if dry_run:
            return Completed(name="Planned", message=headline(run))
        report = _written(run, plan, agreed.get())
    return _told(report, run.looker.connection.base_url)


def _asked(open_run: Callable[[], AbstractContextManager[RestoreRun]]) -> State[Any]:
    """Ask with the plan to look at, the vault free meanwhile, and write only if the plan is still the one approved."""

    def show() -> tuple[str, str]:
        with open_run() as run:
            plan, told = _published(run), headline(run)
            return _question(plan, told, run.planner.warnings), digest(plan)

    agreed_on = approved(show)
    if agreed_on is None:
        # Not Cancelled: its worker would log that as an unexpected exception, with a traceback.
        return Completed(name="Declined", message="the plan was not approved; nothing was written")
    with open_run() as run:
        report = _written(run, run.plan(), agreed_on)
    return _told(report, run.looker.connection.base_url)


def _published(run: RestoreRun) -> Plan:
    plan = run.plan()
    show_table("restore-plan", _shown(plan), "\n\n".join([headline(run), *run.planner.warnings]))
    show_pictures(
        "restore-plan-drawn", [_drawn(step) for step in drawn_steps(run.plan(), run.backup, run.planner.found, DRAWN)]
    )
    return plan


def _drawn(step: DrawnStep) -> tuple[str, list[tuple[str, str]]]:
    """Return one step as pictures: what is there now, and what will be."""
    marked, shown = Marked(step.marks), [("in Looker now", step.before), ("as it will be", step.after)]
    told = titled(step.step.id, step.step.name, step.step.where)
    return told, [(caption, document(drawing, marked)) for caption, drawing in shown if drawing is not None]


def _written(run: RestoreRun, plan: Plan, shown: str | None) -> Report | None:
    """Carry *plan* out and return the report; None if it is not the one *shown* to whoever agreed to it, by its digest."""
    if not is_as_agreed(plan, shown):
        return None
    watch = watching.get() or (lambda _: None)
    watch(plan)
    report = _applied(run)
    watch(report)
    return report


def _told(report: Report | None, base_url: str) -> State[Any]:
    """Publish what a restore came to, the vault free meanwhile, and return the final state of its run."""
    if report is None:
        return Failed(message=OUTDATED)
    await_server()
    _publish(report)
    if report.status == "completed":
        counts = {"written": report.summary.success_count, "as_they_were": report.summary.skipped_count}
        emit(PROVEN, base_url, {"session_id": report.session_id} | counts)
    return _state(report)


def _applied(run: RestoreRun) -> Report:
    settle_earlier(run.vault)
    execution = run.begin()
    plan, done = execution.plan, 0
    progress = Progress("restore-progress", f"Restore session {execution.session_id}")

    def write(name: str) -> None:
        nonlocal done
        _write_type(name, execution.waves(name))
        done += len(plan.of(name))
        progress.show(done, lambda: sum(step.writes for step in plan.steps))

    with _context(execution):
        try:
            report = carried_out(execution, write)
        except ExternalSignal:  # cancelled: it can be resumed
            execution.finish(status="interrupted")
            raise
        if report.dead_letters:
            record_dead_letters(execution.session_id)
    progress.show(1, lambda: 1, now=True)
    return report


def _publish(report: Report) -> None:
    show_table(
        "restore-results", [{"type": n} | _counts(c) for n, c in report.types.items()], f"Session {report.session_id}"
    )
    show_table("restore-new-ids", new_ids(report)[:ROWS_SHOWN], "What was made anew, and its id now")
    show_table("restore-not-restored", not_restored(report.proof)[:ROWS_SHOWN], "What is not as in the backup")
    show_table("restore-not-tried", not_tried(report)[:ROWS_SHOWN], "What is in the way, or was left alone")
    show_table(
        "restore-accepted-losses", losses(report.proof)[:ROWS_SHOWN], "What Looker cannot take back, field by field"
    )


def _write_type(content_type: str, waves: list[list[Range]]) -> None:
    """Write one type as a flow run of its own; without one, if the server does not answer."""
    # Subflows beat with the flow that runs them; a beat of their own would make each of them a second longer.
    with no_heartbeat(), impatient():
        try:
            if not is_left_alone():
                outlived(lambda: restore_type(content_type, waves))
                return
        except NotBegun:
            pass
    _write_waves(waves)


@flow(name="restore type", flow_run_name="restore {content_type}", validate_parameters=False)
@outliving
def restore_type(content_type: str, waves: list[list[Range]]) -> State[Any]:
    """Write the batches of one content type; return a completed state, named Partial if any item failed.

    The run of this subflow is named after the type."""
    _write_waves(waves)
    done, failed = current.get().counts(content_type)
    message = f"{done} written, {failed} failed" if failed else f"{done} written"
    return Completed(name="Partial" if failed else None, message=message)


def _write_waves(waves: list[list[Range]]) -> None:
    options = current.get().options
    each = patient(options.retry_delay_s)
    with ThreadPoolTaskRunner(max_workers=options.workers) as runner, ending_threads():
        for wave in waves:
            _finish(runner.map(each, {"span": list(wave)}))


def _finish(futures: Sequence[PrefectFuture[Any]]) -> None:
    """Wait for the batches of one wave; what concerns the whole run is raised."""
    wait(list(futures))
    for future in futures:
        future.wait()
        if not future.state.is_completed():
            error = future.state.result(raise_on_failure=False)
            raise error if isinstance(error, BaseException) else RuntimeError(f"a batch ended {future.state.name}")


@contextmanager
def _context(execution: Execution) -> Generator[None]:
    token = current.set(execution)
    try:
        yield
    finally:
        current.reset(token)


def _counts(counts: Any) -> dict[str, int]:
    return {name: getattr(counts, name) for name in counts.__struct_fields__}


def _shown(plan: Plan) -> list[dict[str, Any]]:
    """Return the steps that change something, and behind them those that are left alone, as rows of a table."""
    rows = [row for row, step in zip(plan_rows(plan), plan.steps, strict=True) if step.is_told]
    rows.sort(key=lambda row: row["action"] == "skip")
    fields = ("content_type", "id", "name", "where", "action", "reason")
    return [
        {name: row[name] for name in fields}
        | {"changes": "; ".join(field["text"] for field in row["fields"])[:500]}
        | {"lost": "; ".join(f"{one['path']}: {one['reason']}" for one in row["lost"])[:500]}
        for row in rows[:ROWS_SHOWN]
    ]


def _question(plan: Plan, told: str, warnings: Sequence[str]) -> str:
    """Return the plan, *told* in one line, in Markdown, short enough for the dialog that asks for approval."""
    rows = [row for row in _shown(plan) if row["action"] != "skip"]
    lines = [
        f"{row['action']} {kind_of(row['content_type'])} **{for_markdown(titled(row['id'], row['name'], row['where']))}**: "
        f"{for_markdown(_short(row['reason'] or row['changes']))}"
        for row in rows[:ROWS_ASKED]
    ]
    more = [f"- … {len(rows) - ROWS_ASKED} more"] if len(rows) > ROWS_ASKED else []
    last = "All of it, field by field: the artifact `restore-plan`."
    warned = [f"- warning: {for_markdown(warning)}" for warning in warnings]
    return "\n".join([for_markdown(told), "", *(f"- {line}" for line in lines), *more, *warned, "", last])


def _short(text: str) -> str:
    return shorten(text, 200, placeholder=" …")


def _state(report: Report) -> State[Any]:
    """Return the run's final state. A partial one counts as failed, so that it alerts and the UI offers Retry."""
    summary = report.summary
    counts = f"{summary.success_count} written, {summary.skipped_count} as they were"
    message = f"session {report.session_id} is {report.status}: {counts}"
    if report.status == "completed":
        return Completed(message=message)
    named = [f"{row['content_type']} {row['id']}: {row['detail']}" for row in not_restored(report.proof)]
    named += [f"{step.key}: {step.reason}" for step in report.not_tried if step.action == "blocked"]
    why = [report.stopped] if report.stopped else []
    return State(
        type=StateType.FAILED, name=report.status.capitalize(), message=for_line("; ".join([message, *why, *named[:5]]))
    )
