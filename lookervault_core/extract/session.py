"""Open everything that one extraction needs, in the order in which a mistake costs least."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import msgspec

from lookervault_core.catalog import with_parts
from lookervault_core.errors import Missing, PermissionRefused, VaultError, is_stop
from lookervault_core.extract.capture import PageDone, TypeListed
from lookervault_core.extract.cost.budget import left_open, within_month
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.survey import subtree
from lookervault_core.looker.client import Looker
from lookervault_core.model import Session
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import sessions, worklist
from lookervault_core.vault.sqlite.file import Clock, utc_now
from lookervault_core.vault.sqlite.lock import MayWait, not_at_all

PER_SECOND = 10.0
NEWEST = "newest"


@contextmanager
def extraction(
    settings: Settings,
    options: ExtractOptions,
    *,
    resume: str | None = None,
    label: str | None = None,
    stop: threading.Event | None = None,
    on_page: Callable[[PageDone | TypeListed], None] | None = None,
    may_wait: MayWait = not_at_all,
    clock: Clock = utc_now,
) -> Generator[ExtractRun]:
    """Yield a run that is logged in, owns the vault and has a session.

    `resume` names a session to go on with (`newest`: the last one that was not finished), which keeps its own options but
    for the workers. `label` ties the session to a caller's own name for the run, so that the same caller coming back goes
    on with it. `may_wait` is asked while another run owns the vault. Nothing is written before Looker has accepted the login of
    an admin.
    """
    stop = stop or threading.Event()
    asked, settings = settings.max_calls, within_month(settings, options, clock().date())
    budget = "--max-calls" if settings.max_calls == asked else "--monthly-calls"
    options.scope()  # a mistake in what was asked for shows before anything is done
    with connected(settings, stop, budget=budget) as looker:
        release = admitted(looker)
        if options.folders:
            subtree(looker, options.folders)
        with Vault.create_or_open(Path(settings.db_path), clock=clock) as vault, vault.run_lock(may_wait=may_wait):
            vault.claim_instance(looker.connection.base_url)
            session, options = _session(vault, options, settings, release, resume, label)
            run = ExtractRun(vault, looker, session, options, stop=stop, on_page=on_page, outage_s=settings.outage_s)
            try:
                yield run
            except BaseException as exc:
                with suppress(VaultError):
                    run.abandon(str(exc), interrupted=is_stop(exc))
                raise


@contextmanager
def connected(
    settings: Settings,
    stop: threading.Event,
    per_second: float = PER_SECOND,
    per_minute: float = 0.0,
    budget: str = "--max-calls",
) -> Generator[Looker]:
    """Yield a client with the limits of *settings*, or `per_second` and `per_minute` if the settings have none. `budget` is the
    name of the option that set `max_calls`, for error messages."""
    asked, asked_a_minute = settings.rate_limit_per_second, settings.rate_limit_per_minute
    looker = Looker(
        settings.connection(),
        workers=settings.workers,
        per_second=per_second if asked is None else asked,
        per_minute=per_minute if asked_a_minute is None else asked_a_minute,
        ceiling=settings.rate_limit_ceiling,
        max_calls=settings.max_calls,
        budget=budget,
        max_attempts=settings.max_attempts,
        retry_deadline_s=settings.retry_deadline_s,
        stop=stop,
    )
    with looker:
        yield looker


def admitted(looker: Looker) -> str:
    """Return Looker's release; PermissionRefused unless the API user is an admin.

    Looker answers 404 for what a user may not see, so anyone else would back up a part and take it for the whole.
    """
    try:
        is_admin = looker.is_admin()
    except (Missing, PermissionRefused):  # who may not see the roles is none
        is_admin = False
    if not is_admin:
        raise PermissionRefused(
            f"{looker.connection.base_url}: the API user is not an admin, so Looker would hide objects from the backup; "
            "use an API key of a user with the Admin role",
            status=403,
        )
    return looker.release


def check_resumable(vault: Vault, session_id: str | None) -> None:
    """Raise NotFound or UsageError unless there is a session to go on with: *session_id*, or with None any."""
    if session_id:
        sessions.require_resumable(vault.session(session_id))
    else:
        with vault.read() as db:
            sessions.newest_unfinished(db)


def _session(
    vault: Vault, options: ExtractOptions, settings: Settings, release: str, resume: str | None, label: str | None
) -> tuple[Session, ExtractOptions]:
    with vault.read() as db:
        earlier = worklist.labelled(db, label) if label else None
    left = left_open(vault, options) if settings.monthly_calls and not (resume or earlier) else None
    resume = left.session_id if left else resume
    if resume or earlier:
        session = vault.resume_session(earlier or (None if resume == NEWEST else resume))
        kept = msgspec.convert(session.options.get("extract", {}), ExtractOptions)
        return session, msgspec.structs.replace(kept, workers=options.workers, page_size=options.page_size)
    if options.incremental and _full_pass_is_due(vault, options, settings.full_every_days):
        options = msgspec.structs.replace(options, incremental=False)
    if set(options.scope()) == set(with_parts(None)):  # whoever names every type means the whole instance
        options = msgspec.structs.replace(options, types=None, exclude=())
    asked: dict[str, object] = {"extract": msgspec.to_builtins(options), "label": label}
    return vault.begin_session(options.scope(), options.folders, asked, release), options


def _full_pass_is_due(vault: Vault, options: ExtractOptions, every_days: int) -> bool:
    """True if no complete full pass over all that *options* asks for is younger than *every_days*.

    An object that changed need not show it: updated_at may stay when a tile of a dashboard moves.
    """
    since = vault.now() - timedelta(days=every_days)
    wanted = set(options.scope())
    for session in vault.sessions():
        if session.status != "complete" or session.started_at < since:
            continue
        earlier = session.options.get("extract")
        one = vault.snapshot(session.snapshot_id)
        is_full = isinstance(earlier, dict) and not earlier.get("incremental") and wanted <= set(one.types)
        if is_full and (not one.folders or (options.folders and set(options.folders) <= set(one.folders))):
            return False
    return True
