"""Whole restores on plain threads: new ones, resumed ones, retries of dead letters, undos. Cheap checks come first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec

from lookervault_core import logs
from lookervault_core.catalog import with_parts
from lookervault_core.errors import (
    BudgetSpent,
    LookerVaultError,
    NotFound,
    UsageError,
    VaultError,
    WrongInstance,
    is_stop,
)
from lookervault_core.extract.session import connected
from lookervault_core.families.users.home_folders import homes_alone
from lookervault_core.looker.client import Looker
from lookervault_core.looker.instance import same
from lookervault_core.looker.settling import SETTLED
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.execution import Execution
from lookervault_core.restore.applying.outcome import Report, StepDone, TooManyFailures
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.undoing.undo import undo_of, undo_path, unsure_of
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, journal, restorations
from lookervault_core.vault.restoring.dead_letters import DeadLetter
from lookervault_core.vault.restoring.restorations import Restoration
from lookervault_core.vault.sqlite.lock import MayWait, not_at_all


def restore(run: RestoreRun, workers: int | None = None) -> Report:
    """Do all of *run* on plain threads, as many as its options say by default, and return its report. Whatever ends it early
    leaves a session that can be resumed."""

    execution = run.begin()

    def write(name: str) -> None:
        with ThreadPoolExecutor(workers or run.options.workers, thread_name_prefix="restore") as pool:
            for wave in execution.waves(name):
                list(pool.map(lambda span: execution.apply(span.content_type, span.start, span.stop), wave))

    return carried_out(execution, write)


def carried_out(execution: Execution, write: Callable[[str], None]) -> Report:
    """Do all of an *execution*, the batches of each type by *write*, and return its report."""
    try:
        execution.free_names()
        for name in execution.plan.types():
            write(name)
            done, failed = execution.counts(name)
            logs.info(f"{name}: {done:,} written, {failed:,} failed", event="type", content_type=name, failed=failed)
        execution.second_pass()
        execution.remove_deletions()
        report = execution.finish(execution.verify())
        logs.info(f"restore {report.session_id} is {report.status}", event="end", status=report.status)
        return report
    except (TooManyFailures, BudgetSpent) as exc:
        return execution.finish(status="failed", stopped=str(exc))
    except LookerVaultError as exc:
        with suppress(VaultError):  # the vault itself may be what failed
            execution.finish(status="interrupted" if is_stop(exc) else "failed")
        raise


def resumed(
    vault: Vault,
    looker: Looker,
    session_id: str | None = None,
    *,
    only: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    on_step: Callable[[StepDone], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    **options: Any,
) -> RestoreRun:
    """Return the run of an earlier session, the newest one by default, to go on with, or with the types *only*,
    without those to *exclude*.

    The plan is made once more, and finds what the session has done already. Raises NotFound if the newest session is complete,
    WrongInstance if it wrote to another Looker."""
    session = restorations.get(vault, session_id) if session_id else restorations.newest_to_resume(vault)
    require_same_looker(session, looker)
    kept = msgspec.convert(session.options, RestoreOptions)
    if kept.undo_of:
        taken_back = restorations.get(vault, kept.undo_of)
        workers = options.get("workers", kept.workers)
        return _undo_run(
            vault, vault, looker, taken_back, session_id=session.session_id, only=only, exclude=exclude, workers=workers,
            on_step=on_step, sleep=sleep,
        )  # fmt: skip
    if kept.from_now:
        told = msgspec.structs.replace(kept, **options)
        return _from_now(vault, looker, told, session_id=session.session_id, on_step=on_step, sleep=sleep)
    selection = msgspec.convert(session.selection, Selection)
    return RestoreRun(
        vault,
        looker,
        selection.narrowed_to(only, exclude),
        msgspec.structs.replace(kept, **options),
        snapshot_id=session.snapshot_id,
        snapshots=snapshots_of(vault, session),
        session_id=session.session_id,
        narrowed=bool(only or exclude),
        on_step=on_step,
        sleep=sleep,
    )


def _from_now(vault: Vault, looker: Looker, options: RestoreOptions, **more: Any) -> RestoreRun:
    """Return the run whose source is what is there now, made anew: a revert, or what somebody hands over."""
    if options.handed_over:
        from lookervault_core.history.offboarding import offboarding

        return offboarding(vault, looker, *options.handed_over, options, **more).run
    from lookervault_core.history.reverting import reverting

    return reverting(vault, looker, options.revert_of, options, **more).run


def snapshots_of(vault: Vault, session: Restoration) -> dict[str, int]:
    """Return the snapshot that *session* read each type from when it began: a newer one may hold the damage. NotFound if one of
    them is gone."""
    frozen = msgspec.convert(session.options.get("snapshots", {}), dict[str, int])
    for snapshot_id in set(frozen.values()):
        vault.snapshot(snapshot_id)
    return frozen


def require_same_looker(session: Restoration, looker: Looker) -> None:
    """Raise WrongInstance unless *looker* is the one that *session* wrote to: ids mean nothing anywhere else."""
    base_url = session.options.get("base_url")
    if base_url and not same(base_url, looker.connection.base_url):
        raise WrongInstance(
            f"session {session.session_id}: it restored onto {base_url}, but {looker.connection.base_url} is what is "
            "configured; set the base URL to that of the session"
        )


def retry(vault: Vault, looker: Looker, letters: Iterable[DeadLetter], options: RestoreOptions) -> list[Report]:
    """Restore the items of dead letters again; what succeeds leaves the queue. *options* say how many workers, and whether
    dependencies come along."""
    return [restore(run) for run in retrying(vault, looker, letters, options)]


def retrying(
    vault: Vault, looker: Looker, letters: Iterable[DeadLetter], options: RestoreOptions
) -> Iterator[RestoreRun]:
    """Yield a run for the dead letters of each session, with the options of that session."""
    by_session: dict[str, list[ContentKey]] = {}
    for letter in letters:
        by_session.setdefault(letter.session_id, []).append(letter.key)
    for session_id, keys in by_session.items():
        session = restorations.get(vault, session_id)
        require_same_looker(session, looker)
        yield _retrying(vault, looker, session, dict.fromkeys(keys), options)


def _retrying(
    vault: Vault, looker: Looker, session: Restoration, keys: Iterable[ContentKey], options: RestoreOptions
) -> RestoreRun:
    """Return the run that tries *keys* of a session again, as that was told to."""
    kept = msgspec.convert(session.options, RestoreOptions)
    if kept.undo_of:
        taken_back = restorations.get(vault, kept.undo_of)
        return _undo_run(vault, vault, looker, taken_back, keys=set(keys), workers=options.workers)
    if kept.from_now:
        return _from_now(vault, looker, msgspec.structs.replace(kept, workers=options.workers))
    kept = msgspec.structs.replace(
        kept, workers=options.workers, with_dependencies=options.with_dependencies, max_dlq_size=0, label=None
    )
    snapshots = snapshots_of(vault, session)
    known = Backup(vault, session.snapshot_id, snapshots)
    there = {key: known.has(key.content_type, key.id) for key in keys}
    asked, types = msgspec.convert(session.selection, Selection), {key.content_type for key in there}
    whole = asked.items(known)
    selection = Selection(
        keys=tuple(key for key, ours in there.items() if ours),
        members=asked.members,
        homes=homes_alone(there, whole, id_map.load(vault, session.target)),
        deletions=tuple(key for key, ours in there.items() if not ours),
        only=tuple(dict.fromkeys((*asked.only, *types))) if asked.only else (),  # what came along as a dependency too
        exclude=tuple(one for one in asked.exclude if not types & set(with_parts([one]))),
    )
    return RestoreRun(vault, looker, selection, kept, snapshot_id=session.snapshot_id, snapshots=snapshots)


def undo(vault: Vault, looker: Looker, session_id: str, workers: int = 8) -> Report:
    """Put back what the restore *session_id* changed, and remove what it made; raises what `undoing` raises."""
    with undoing(vault, looker, session_id, workers) as run:
        return restore(run)


@contextmanager
def undoing(vault: Vault, looker: Looker, session_id: str, workers: int = 8) -> Generator[RestoreRun]:
    """Yield the run that takes the restore *session_id* back; one that was interrupted goes on. Raises NotFound if there is no
    such restore or the state before it is gone, WrongInstance if it wrote to another Looker than this one."""
    session = restorations.get(vault, session_id)
    require_same_looker(session, looker)
    path = undo_path(vault, session_id)
    with Vault.open(path, read_only=vault.is_read_only) if path.exists() else nullcontext(vault) as kept:
        begun = (one for one in restorations.newest_first(kept) if one.options.get("undo_of") == session_id)
        latest = next(begun, None)
        going_on = latest.session_id if latest is not None and latest.status != "completed" else None
        yield _undo_run(vault, kept, looker, session, session_id=going_on, workers=workers)


def _met(vault: Vault, looker: Looker, session: Restoration) -> dict[ContentKey, str | None]:
    """Return what is there of the items that *session* may have made, as a resume of it would find it. Nothing of one that was sent
    a moment ago proves nothing: it stays unsure."""
    unsure = unsure_of(vault, session)
    if not unsure:
        return {}
    try:
        run = resumed(vault, looker, session.session_id)
        run.plan()
    except NotFound:  # the snapshot that it restored from is gone
        return {}
    found = {key: run.destination.met(key) for key in unsure}
    late = {entry.key for entry in journal.entries(vault, session.session_id, vault.now() - SETTLED)}
    return {key: one for key, one in found.items() if one is not None or key not in late}


def _source_of(vault: Vault, looker: Looker, session: Restoration) -> Backup | None:
    """Return the backup that *session* restored from, if that is of this instance and still there."""
    if not vault.is_of(looker.connection.base_url):
        return None
    try:
        return Backup(vault, session.snapshot_id, snapshots_of(vault, session))
    except NotFound:
        return None


def _undo_run(
    vault: Vault,
    kept: Vault,
    looker: Looker,
    session: Restoration,
    *,
    keys: Container[ContentKey] | None = None,
    only: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    workers: int = 8,
    **more: Any,
) -> RestoreRun:
    """Return the run that takes *session* back as far as *keys* and types *only* go, without those to *exclude*; *kept* has the
    state before it."""
    source = _source_of(vault, looker, session)
    undo = undo_of(vault, kept, session, _met(vault, looker, session), source, Live(looker, workers))
    selection = undo.selection
    if keys is not None:
        ours, deletions = (tuple(k for k in all_of if k in keys) for all_of in (selection.keys, selection.deletions))
        selection = Selection(keys=ours, deletions=deletions)
    options = RestoreOptions(
        exact=True,
        undo_of=session.session_id,
        workers=workers,
        deliveries="as-backed-up",
        target=None if kept.is_of(looker.connection.base_url) else session.target,
    )
    return RestoreRun(
        kept,
        looker,
        selection.narrowed_to(only, exclude),
        options,
        snapshot_id=max(undo.of_state.values(), default=None),
        undo=undo,
        narrowed=bool(only or exclude),
        **more,
    )


PER_SECOND, PER_MINUTE = 10.0, 120.0
NEWEST = "newest"


@contextmanager
def restoration(
    settings: Settings,
    request: RestoreRequest,
    *,
    stop: threading.Event | None = None,
    on_step: Callable[[StepDone], None] = lambda _: None,
    dry_run: bool = False,
    may_wait: MayWait = not_at_all,
) -> Generator[RestoreRun]:
    """Yield a run that owns the vault and has a client. Nothing is read from Looker before the run is asked for its plan.

    With *dry_run* it can only plan, also while another run owns the vault; else *may_wait* is then asked whether to wait."""
    with opened(settings, stop, dry_run=dry_run, may_wait=may_wait) as (vault, looker):
        yield _run_for(vault, looker, request, on_step)


def is_small(settings: Settings, resume: str) -> bool:
    """Return whether the restore to resume names its objects one by one. Raises NotFound if there is none to resume."""
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        session = restorations.newest_to_resume(vault) if resume == NEWEST else restorations.get(vault, resume)
    return msgspec.convert(session.selection, Selection).is_small


def admission(settings: Settings, request: RestoreRequest, *, stop: threading.Event | None = None) -> None:
    """Raise the error that would end *request* before its plan is made: no such item, another instance, no admin."""
    with restoration(settings, request, stop=stop) as run:
        _ = run.planner


def _run_for(vault: Vault, looker: Looker, request: RestoreRequest, on_step: Callable[[StepDone], None]) -> RestoreRun:
    session_id = None if request.resume == NEWEST else request.resume
    earlier = _labelled(vault, request.options.label)
    if request.resume is not None or earlier is not None:
        return resumed(
            vault,
            looker,
            session_id or earlier,
            only=request.selection.only if request.resume else (),
            exclude=request.selection.exclude if request.resume else (),
            on_step=on_step,
            workers=request.options.workers,
        )
    _require_snapshot(vault, request)
    if request.options.owner and request.options.target is None:
        raise UsageError("--owner me is for another instance, where the owners are not; name that with --target")
    _require_known_target(vault, looker, request.options.target)
    return RestoreRun(
        vault, looker, request.selection, request.options, snapshot_id=request.snapshot_id, on_step=on_step
    )


@contextmanager
def opened(
    settings: Settings,
    stop: threading.Event | None = None,
    *,
    dry_run: bool = False,
    may_wait: MayWait = not_at_all,
) -> Generator[tuple[Vault, Looker]]:
    """Yield the vault and a client at the pace of a restore. This run owns the vault alone; for a *dry_run* it is open for reading
    only, and not owned."""
    with (
        Vault.open(Path(settings.db_path), read_only=dry_run) as vault,
        nullcontext() if dry_run else vault.run_lock(may_wait=may_wait),
        connected(settings, stop or threading.Event(), PER_SECOND, PER_MINUTE) as looker,
    ):
        yield vault, looker


def _labelled(vault: Vault, label: str | None) -> str | None:
    """Return the session that the same caller began before, so that its retry goes on with it."""
    if label is None:
        return None
    return next((one.session_id for one in restorations.newest_first(vault) if one.options.get("label") == label), None)


def _require_snapshot(vault: Vault, request: RestoreRequest) -> None:
    if request.snapshot_id is not None:
        vault.snapshot(request.snapshot_id)
    elif not any(snapshot.status in ("complete", "partial") for snapshot in vault.snapshots()):
        raise NotFound(f"vault {vault.path}: it holds no finished snapshot; run `lookervault extract` first")


def _require_known_target(vault: Vault, looker: Looker, target: str | None) -> None:
    """The name of a target keys a map of ids, which is right for one instance only: never for the vault's own."""
    if target is not None:
        if vault.instance_url and vault.is_of(looker.connection.base_url):
            raise UsageError(
                f"--target {target} names another instance, but {looker.connection.base_url} is the vault's own; "
                "set the base URL to that of the other one, or leave out --target"
            )
        for session in restorations.newest_first(vault):
            if session.target == target:
                require_same_looker(session, looker)
