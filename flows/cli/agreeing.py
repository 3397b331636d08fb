"""The one way from a plan to a restore: plan, show, ask, plan again, and write only if that plan is the one that was shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec
import typer

from flows.cli.restore_output import print_plan, print_report
from flows.cli.restore_request import Request
from lookervault_core.errors import LookerVaultError, UsageError

WRITES = "this writes to Looker: look at it with --dry-run"
# Opens the runs of one command, each planned anew.
Start = Callable[[], AbstractContextManager[Iterable[Any]]]


class Shown(msgspec.Struct, frozen=True):
    """The plan of a run as it was shown: `told` is its headline; a plan with the same `digest` writes the same."""

    run: Any
    told: str
    digest: Any

    def show(self, *, verbose: bool) -> None:
        """Print the plan."""
        print_plan(self.run.plan(), self.told, self.run.planner.warnings, verbose=verbose)


def planned(start: Start) -> list[Shown]:
    """Make and return the plans of all runs that *start* opens; vault and client are closed again."""
    from lookervault_core.restore.report import digest, headline

    with start() as runs:
        plans = [(run, digest(run.plan())) for run in runs]
        return [Shown(run, headline(run), plan) for run, plan in plans]


def documents(start: Start, *, verbose: bool, quiet: bool) -> list[dict[str, Any]]:
    """Show the plans of all runs, unless *quiet*, and return them as documents: nothing is written."""
    from lookervault_core.restore.report import headline, planned_document

    with start() as runs:
        found = []
        for run in runs:
            found.append(planned_document(run, run.plan()))
            if not quiet:
                print_plan(run.plan(), headline(run), run.planner.warnings, verbose=verbose)
        return found


def agreed(start: Start, ask: Callable[[Sequence[Shown]], None], *, yes: bool) -> list[Shown] | None:
    """Make the plans, let *ask* show them and ask about them, and return them; None without asking if *yes* agrees to any plan.

    *ask* raises an error if the answer is no."""
    if yes:
        return None
    shown = planned(start)
    ask(shown)
    return shown


def carried_out(
    start: Start, shown: Sequence[Shown] | None, tell: Callable[[Any, Any], Any] = lambda _run, report: report
) -> list[Any]:
    """Carry out all runs and return what *tell* returns for each run and its report. Raises LookerVaultError before anything is
    written if a new plan differs from the one that was *shown*."""
    from lookervault_core.restore.runs import restore

    with start() as runs:
        if shown is None:
            return [tell(run, restore(run)) for run in runs]
        again = list(runs)
        for run, before in zip(again, shown, strict=True):
            require_agreed(run, before.digest)
        if len(again) == 1:
            return [tell(run, restore(run)) for run in again]
    with start() as runs:  # planned one after the other: what one writes counts for the next
        return [tell(run, restore(run)) for run in runs]


def requested(*, dry_run: bool, yes: bool, **options: Any) -> Request:
    """Return the request with these *options*. Raises UsageError if a question must be answered and there is no terminal to ask
    at."""
    request = Request(**options)
    if not dry_run and not yes:
        require_terminal(WRITES)
    return request


class Telling(Protocol):
    """What a command prints and asks around its restore; `found` is what the command planned, with the restore as `run`."""

    def introduce(self, found: Any, /) -> None:
        """Print what comes before the plan."""

    def add(self, found: Any, /) -> None:
        """Print what comes after the plan, and after the report."""

    def question(self, found: Any, place: str, /) -> str:
        """Return the question to answer with yes before the run writes to *place*."""

    def document(self, found: Any, /) -> dict[str, Any]:
        """Return the keys that the `--json` document has beside the plan or the report."""


def written(
    start: Callable[[], Any], telling: Telling, *, dry_run: bool, yes: bool, verbose: bool, quiet: bool
) -> dict[str, Any]:
    """Write what *start* plans, as shown and agreed to; return the report as a document, or with *dry_run* the plan."""
    from lookervault_core.restore.report import planned_document, report_document
    from lookervault_core.restore.runs import restore

    found = start()
    if dry_run or not yes:
        shown = _shown(found, telling, dry_run=dry_run, verbose=verbose, quiet=quiet)
        if dry_run:
            return planned_document(found.run, found.run.plan()) | telling.document(found)
        found = start()
        require_agreed(found.run, shown)
    report = restore(found.run)
    if not quiet:
        print_report(report, verbose=verbose)
        telling.add(found)
    return report_document(report) | telling.document(found)


def _shown(found: Any, telling: Telling, *, dry_run: bool, verbose: bool, quiet: bool) -> Any:
    """Show what would be written, ask unless it is a dry run, and return the digest of the plan."""
    from lookervault_core.restore.report import digest, headline, onto

    plan = found.run.plan()
    if not quiet:
        telling.introduce(found)
        print_plan(plan, headline(found.run), found.run.planner.warnings, verbose=verbose)
        telling.add(found)
    if not dry_run and plan.changes_anything:
        typer.confirm(telling.question(found, onto(found.run)), abort=True, err=True)
    return digest(plan)


def require_agreed(run: Any, digest: Any) -> None:
    """Raise LookerVaultError if the plan of *run* does not have the *digest* agreed to, because Looker has changed since."""
    from lookervault_core.restore.report import OUTDATED, is_as_agreed

    if not is_as_agreed(run.plan(), digest):
        raise LookerVaultError(OUTDATED)


def require_terminal(told: str) -> None:
    """Raise UsageError with the text *told* if there is no terminal at which to ask."""
    if not sys.stdin.isatty():
        raise UsageError(f"{told}, then say --yes")


def confirmed(question: Callable[[Any], str], *, verbose: bool, quiet: bool) -> Callable[[Sequence[Shown]], None]:
    """Return a function that shows the plans, unless *quiet*, and asks one *question* about them, which is given the first run."""

    def ask(shown: Sequence[Shown]) -> None:
        for plan in shown if not quiet else ():
            plan.show(verbose=verbose)
        typer.confirm(question(shown[0].run), abort=True, err=True)

    return ask
