"""The vault that a run works on, its own or a pulled copy, and the push after the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lookervault_core.errors import LookerVaultError, OffsiteError
from lookervault_core.extract.report import ExtractReport
from lookervault_core.offsite.copies import chosen, listing
from lookervault_core.offsite.keys import identities, recipients
from lookervault_core.offsite.pull import pull
from lookervault_core.offsite.push import Pushed, push
from lookervault_core.offsite.setting import store_of
from lookervault_core.offsite.store import checked
from lookervault_core.settings import Settings


class Ground(msgspec.Struct):
    """The vault that a run works on. `after` is the number of the copy that it was pulled from, 0 for a new vault, None for a
    vault that stays on this machine. `kept` lets a pulled vault stay when the run is over."""

    settings: Settings
    after: int | None = None
    kept: bool = False


Push = Callable[[Settings, int | None], Pushed]


@contextmanager
def ground_of(settings: Settings) -> Generator[Ground]:
    """Yield the ground of a run: the vault of *settings*; or with `from_offsite` the newest copy, in a temporary directory.

    It checks the recipients and the address of the store first, so that the push after the run does not fail by them.
    """
    recipients(settings.offsite_recipients)
    if not settings.from_offsite:
        if settings.offsite_url:
            checked(settings.offsite_url)
        yield Ground(settings)
        return
    room = Path(tempfile.mkdtemp(prefix="lookervault-"))
    ground = Ground(settings)
    try:
        vault = room / "looker.db"
        ground.after = _pulled(settings, vault)
        ground.settings = settings.model_copy(update={"db_path": vault})
        yield ground
    finally:
        if not ground.kept:
            shutil.rmtree(room, ignore_errors=True)


def _pulled(settings: Settings, to: Path) -> int:
    """Get the newest copy and return its number; 0 if there is none."""
    store = store_of(settings)
    found = listing(store)
    if not found.last:
        return 0
    pull(store, chosen(store, found, None, datetime.now(UTC)), to, identities(settings.offsite_identity))
    return found.last


def push_as_set(settings: Settings, after: int | None) -> Pushed:
    """Push the vault of *settings* to the address in them, as the successor of the copy *after*."""
    return push(Path(settings.db_path), store_of(settings), recipients(settings.offsite_recipients), after=after)


def with_copy(report: ExtractReport, ground: Ground, push: Push = push_as_set) -> ExtractReport:
    """Push a copy, if the settings name a store, and return *report* with the result.

    Where the vault is at home here, a push that fails is told in the report: the snapshot is whole all the same. Where it was
    pulled, nothing else has the snapshot: the error is raised, and the vault stays where it says.
    """
    if not ground.settings.offsite_url:
        return report
    try:
        made = push_ground(ground, push)
    except LookerVaultError as exc:
        if ground.after is not None:
            raise
        return msgspec.structs.replace(report, offsite={"status": "failed", "error": str(exc)})
    return msgspec.structs.replace(report, offsite={"status": "pushed"} | msgspec.to_builtins(made))


def push_ground(ground: Ground, push: Push = push_as_set) -> Pushed:
    """Push the vault of *ground*. If that fails, a pulled vault is kept, where the error says: nothing else has the new
    snapshot."""
    try:
        return push(ground.settings, ground.after)
    except LookerVaultError as exc:
        if ground.after is None:
            raise
        ground.kept = True
        kind = type(exc) if isinstance(exc, OffsiteError) else OffsiteError
        raise kind(f"{exc}; the snapshot of this run is in {ground.settings.db_path}") from exc


def failures(report: ExtractReport) -> Sequence[str]:
    """Return a line for each failure after the snapshot was closed: a push or a message."""
    return [f"it was not pushed: {report.offsite['error']}"] if report.offsite and "error" in report.offsite else []
