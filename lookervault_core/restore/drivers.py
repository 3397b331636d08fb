"""Whole restores on plain threads: for one item, for a retry, for going on, for going back."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import msgspec

from lookervault_core.errors import LookerVaultError, VaultError
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.outcome import Report, TooManyFailures
from lookervault_core.restore.planner import RestoreOptions
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.selection import Selection
from lookervault_core.restore.undo import take_back, trashed_before, undo_path, undo_snapshot
from lookervault_core.vault import Vault, restorations
from lookervault_core.vault.dead_letters import DeadLetter


def restore(run: RestoreRun, workers: int = 8) -> Report:
    """Do all of *run* on plain threads and return its report. Whatever ends it early leaves a session that can be resumed."""
    plan = run.plan()
    run.begin()
    try:
        with ThreadPoolExecutor(workers, thread_name_prefix="restore") as pool:
            for name in plan.types():
                for wave in run.waves(name):
                    list(pool.map(lambda span: run.apply(span.content_type, span.start, span.stop), wave))
        run.second_pass()
        return run.finish(run.verify())
    except TooManyFailures:
        return run.finish(status="failed")
    except LookerVaultError:
        with suppress(VaultError):  # the vault itself may be what failed
            run.finish(status="failed")
        raise


def resumed(vault: Vault, looker: Looker, session_id: str | None = None, **options: Any) -> RestoreRun:
    """Return the run of an earlier session, the newest unfinished one by default, to go on with.

    What it did is found done: the plan is made anew. Raises NotFound if there is nothing to resume.
    """
    session = restorations.get(vault, session_id) if session_id else restorations.newest_unfinished(vault)
    kept = msgspec.convert(session.options, RestoreOptions)
    return RestoreRun(
        vault,
        looker,
        msgspec.convert(session.selection, Selection),
        msgspec.structs.replace(kept, **options),
        snapshot_id=session.snapshot_id,
        session_id=session.session_id,
    )


def retry(vault: Vault, looker: Looker, letters: Iterable[DeadLetter], options: RestoreOptions) -> list[Report]:
    """Restore the items of dead letters again, those of one session together; what succeeds leaves the queue."""
    by_session: dict[str, list[ContentKey]] = {}
    for letter in letters:
        by_session.setdefault(letter.session_id, []).append(letter.key)
    reports = []
    for session_id, keys in by_session.items():
        session = restorations.get(vault, session_id)
        run = RestoreRun(
            vault, looker, Selection(keys=tuple(dict.fromkeys(keys))), options, snapshot_id=session.snapshot_id
        )
        reports.append(restore(run, options.workers))
    return reports


def undo(vault: Vault, looker: Looker, session_id: str, workers: int = 8) -> Report:
    """Put back what the restore *session_id* changed, and remove what it made. Raises NotFound if there is no such restore."""
    restorations.get(vault, session_id)
    with ExitStack() as stack:
        path = undo_path(vault, session_id)
        kept = stack.enter_context(Vault.open(path)) if path.exists() else vault
        snapshot_id = undo_snapshot(kept, session_id)
        names = kept.snapshot(snapshot_id).types if snapshot_id is not None else ()
        keys = tuple(item.key for name in names for item in kept.items(name, snapshot_id))
        options = RestoreOptions(exact=True, skip_id_mapping=True, workers=workers)
        run = RestoreRun(kept, looker, Selection(keys=keys), options, snapshot_id=snapshot_id)
        report = restore(run, workers)
        trashed = trashed_before(kept, snapshot_id) if snapshot_id is not None else {}
        take_back(run.context.writer, vault, session_id, trashed)
        return report
