"""Open everything that one restore needs, in the order in which a mistake costs least."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import msgspec

from lookervault_core.catalog import IN_FOLDERS, SEEN_EARLY, WRITES, access_types, with_parts
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.extract.session import connected
from lookervault_core.looker.client import Looker
from lookervault_core.restore.drivers import require_same_looker, resumed
from lookervault_core.restore.options import RestoreOptions
from lookervault_core.restore.outcome import StepDone
from lookervault_core.restore.planning.selection import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault, restorations

PER_SECOND, PER_MINUTE = 10.0, 120.0
NEWEST = "newest"


class RestoreRequest(msgspec.Struct, frozen=True):
    """What a restore is asked for. `resume` names an earlier session to go on with; `newest` is the last one."""

    selection: Selection = Selection()
    options: RestoreOptions = RestoreOptions()
    snapshot_id: int | None = None
    resume: str | None = None


def selected(
    types: Sequence[str] | None,
    item_id: str | None,
    folder: str | None,
    only_types: Sequence[str] | None,
    exclude_types: Sequence[str] | None,
) -> Selection:
    """Return what the words of a command or the parameters of a flow select: a folder, one object, types, or all. Raises
    UsageError if `only_types` and `exclude_types` leave nothing of that."""
    only, exclude = tuple(only_types or ()), tuple(exclude_types or ())
    if folder is not None:
        found = Selection.folder(folder, only, exclude)
    elif item_id is not None:
        if not types or len(types) != 1:
            raise UsageError(f"an id needs the one type that it belongs to: `restore single TYPE {item_id}`")
        found = msgspec.structs.replace(Selection.single(types[0], item_id), only=only, exclude=exclude)
    else:
        found = Selection.bulk(*types, only=only, exclude=exclude) if types else Selection.everything(only, exclude)
    _require_any(found)
    return found


def _require_any(found: Selection) -> None:
    kinds = set(with_parts(IN_FOLDERS if found.folders else [*found.types, *(key.content_type for key in found.keys)]))
    kinds |= {name for kind in kinds & SEEN_EARLY for name in access_types(kind)}
    if not found.allowed() & kinds and kinds & set(WRITES):
        raise UsageError("nothing is left to restore: every type asked for is excluded")


@contextmanager
def restoration(
    settings: Settings,
    request: RestoreRequest,
    *,
    stop: threading.Event | None = None,
    on_step: Callable[[StepDone], None] = lambda _: None,
    dry_run: bool = False,
) -> Generator[RestoreRun]:
    """Yield a run that owns the vault and has a way to Looker. Nothing is read or written there before it is asked to. One for a
    *dry_run* can only plan, and may do so while another run owns the vault."""
    with opened(settings, stop, dry_run=dry_run) as (vault, looker):
        yield _run_for(vault, looker, request, on_step)


def is_small(settings: Settings, resume: str) -> bool:
    """Return whether the restore to resume names its objects one by one. Raises NotFound if there is none to resume."""
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        session = restorations.newest_to_resume(vault) if resume == NEWEST else restorations.get(vault, resume)
    return msgspec.convert(session.selection, Selection).is_small


def admission(settings: Settings, request: RestoreRequest, *, stop: threading.Event | None = None) -> None:
    """Raise what would end *request* before its plan is made: no such item, another instance, no admin."""
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
    settings: Settings, stop: threading.Event | None = None, *, dry_run: bool = False
) -> Generator[tuple[Vault, Looker]]:
    """Yield the vault and a client at the pace of a restore. The vault is owned by this run alone; for a *dry_run* it is open for
    reading only, and nobody's."""
    with (
        Vault.open(Path(settings.db_path), read_only=dry_run) as vault,
        nullcontext() if dry_run else vault.run_lock(),
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
    elif not any(one.status in ("complete", "partial") for one in vault.snapshots()):
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
