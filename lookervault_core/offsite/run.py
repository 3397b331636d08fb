"""A run and its copy: which vault it works on, and the push after it."""

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
    """What a run works on. `after` is the number of the copy that its vault was pulled from, 0 for a new one, and None for a vault
    that is at home here. `kept` lets a pulled vault stay when the run is over."""

    settings: Settings
    after: int | None = None
    kept: bool = False


Push = Callable[[Settings, int | None], Pushed]


@contextmanager
def ground_of(settings: Settings) -> Generator[Ground]:
    """Yield the ground of a run: the vault of *settings*; or with `from_offsite` the newest copy, in a directory that goes away.

    What the push afterwards would stumble over is found before the run.
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
    """Push the vault of *settings* to where they say."""
    return push(Path(settings.db_path), store_of(settings), recipients(settings.offsite_recipients), after=after)


def with_copy(report: ExtractReport, ground: Ground, push: Push = push_as_set) -> ExtractReport:
    """Return *report* with what became of the copy, if the settings name a place for one.

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
    """Push the vault of *ground*. Where that fails, one that was pulled stays where the error says: it alone has the snapshot."""
    try:
        return push(ground.settings, ground.after)
    except LookerVaultError as exc:
        if ground.after is None:
            raise
        ground.kept = True
        kind = type(exc) if isinstance(exc, OffsiteError) else OffsiteError
        raise kind(f"{exc}; the snapshot of this run is in {ground.settings.db_path}") from exc


def failures(report: ExtractReport) -> Sequence[str]:
    """Return what went wrong after the snapshot was closed."""
    return [f"it was not pushed: {report.offsite['error']}"] if report.offsite and "error" in report.offsite else []
