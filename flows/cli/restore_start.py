"""Start a restore command: on core directly if it is small, else as the flow; never without a yes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import typer

from flows.cli.agreeing import WRITES, Shown, Start, agreed, carried_out, confirmed, documents, require_terminal
from flows.cli.printing import console
from flows.cli.restore_output import print_report
from flows.cli.restore_request import Request
from flows.cli.tables import print_json
from flows.watch import signals_stop_runs, stoppable
from lookervault_core.errors import Interrupted, LookerVaultError, NothingWritten

RETRIES_WITHOUT_FORCE = 3
NO_PLANS = {"status": "planned", "plans": []}
NOTHING_RETRIED = {"status": "completed", "retried": 0, "dead_letters": 0}
FORGETS = "this forgets dead letters and their payloads: look at them with `restore dlq list`"
HOW_TO_GO_ON = "interrupted; what was written is journalled: `lookervault restore resume` goes on"


def run(request: Request, shared: dict[str, Any], *, directly: bool = False) -> None:
    """Carry out *request* and print its report; exit with 3 if anything is not as in the backup."""
    how = {name: shared.pop(name) for name in ("dry_run", "yes", "as_json", "allow_partial")}
    at, rehearses = shared.pop("at", None), shared.pop("rehearse", False)
    more = {name: value for name, value in shared.items() if value is not None or getattr(request, name) is None}
    request = msgspec.structs.replace(request, **more)
    lists = {name: _words(getattr(request, name)) for name in ("only_types", "exclude_types")}
    request = msgspec.structs.replace(request, **lists).resolved(at)
    request.core()
    found = _rehearsed(request, how) if rehearses else {}
    started = time.perf_counter()
    if how["dry_run"] or directly or _is_small(request):
        document = _on_core(request, dry_run=how["dry_run"], yes=how["yes"], quiet=how["as_json"])
    else:
        shown = _say_early(request, yes=how["yes"], quiet=how["as_json"])
        document = as_flow(request, shown, quiet=how["as_json"])
    if how["as_json"]:
        one = directly and not how["dry_run"]
        print_json((_of_one(document, request, started) if one else _without(document, _FOR_ONE)) | found)
    leave(document["status"], allow_partial=how["allow_partial"])


def _rehearsed(request: Request, how: dict[str, Any]) -> dict[str, Any]:
    """Do the same on a twin of what Looker has now, show what came of it, and return that for the document. Raises LookerVaultError
    if not all of it worked there, and nobody is asked any more."""
    from flows.cli.rehearse import show_restore
    from flows.rehearsal import first_on_a_twin, restore_document

    tell = (lambda _: None) if how["as_json"] else console(stderr=True).print
    with interruptible() as stop:
        found = first_on_a_twin(request.reaching(), request.core(), stop=stop, on_stage=tell)
    if not how["as_json"]:
        show_restore(found)
    if not found.proven and how["yes"] and not (how["dry_run"] or how["allow_partial"]):
        raise LookerVaultError(
            "the rehearsal did not bring everything back, so nothing was written; --allow-partial goes on all the same"
        )
    return {"rehearsal": restore_document(found)}


# What only the result of `restore single` tells.
_FOR_ONE = ("steps", "destination", "dependencies_checked")
_ALSO_OF_ONE = (
    "session_id",
    "verified",
    "dead_letters",
    "requests",
    "not_restored",
    "not_tried",
    "new_ids",
    "accepted_losses",
    "warnings",
    "stopped",
)


def _without(document: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _is_small(request: Request) -> bool:
    from lookervault_core.restore.runs import is_small

    return request.resume is not None and is_small(request.settings(), request.resume)


def _words(given: list[str] | None) -> list[str] | None:
    return [word for one in given for word in one.replace(",", " ").split()] if given else None


def leave(status: str, *, allow_partial: bool) -> None:
    """Exit with 3 if the restore failed, or if it is partial and *allow_partial* is not set; else return."""
    if status == "failed" or (status == "partial" and not allow_partial):
        raise typer.Exit(3)


@contextmanager
def interruptible() -> Generator[Any]:
    """Yield the event that Ctrl-C sets; an interruption inside the block says how to resume."""
    try:
        with signals_stop_runs(), stoppable() as stop:
            yield stop
    except NothingWritten:
        raise
    except Interrupted as exc:
        raise Interrupted(HOW_TO_GO_ON) from exc


def _on_core(request: Request, *, dry_run: bool, yes: bool, quiet: bool) -> dict[str, Any]:
    from lookervault_core.restore.report import references, report_document

    settings = request.reaching()
    with interruptible() as stop:
        if dry_run:
            start = _starting(request, settings, stop, dry_run=True)
            return documents(start, verbose=request.verbose, quiet=quiet)[0]
        start = _starting(request, settings, stop)
        shown = agreed(start, _asking(request, quiet=quiet), yes=yes)
        tell = lambda run, report: (run.plan(), [str(key) for key in references(run)], report)  # noqa: E731
        [(plan, checked, report)] = carried_out(start, shown, tell)
    if not quiet:
        print_report(report, verbose=request.verbose)
    steps = [{"id": s.id, "action": s.action, "content_type": s.content_type} for s in plan.steps]
    return report_document(report) | {
        "steps": steps,
        "destination": _destinations(report, plan),
        "dependencies_checked": checked,
    }


def _starting(request: Request, settings: Any, stop: Any, *, dry_run: bool = False) -> Start:
    """Return what opens the one run of a request."""
    from lookervault_core.restore.runs import restoration

    @contextmanager
    def start() -> Generator[list[Any]]:
        with restoration(settings, request.core(), stop=stop, dry_run=dry_run) as run:
            yield [run]

    return start


def _destinations(report: Any, plan: Any) -> dict[str, str | None]:
    known = {f"{s.content_type} {s.id}": s.destination_id for s in plan.steps}
    return known | {str(item.key): item.destination_id for item in report.proof.items}


def _of_one(document: dict[str, Any], request: Request, started: float) -> dict[str, Any]:
    """Return the result of `restore single` in the words that are promised for it."""
    key = request.core().selection.keys[0]
    own = next((s for s in document["steps"] if s["content_type"] == key.content_type and s["id"] == key.id), None)
    rest = {name: document[name] for name in _ALSO_OF_ONE}
    return {
        "status": document["status"],
        "content_type": key.content_type,
        "content_id": key.id,
        "operation": own["action"] if own else "skip",
        "destination_id": document["destination"].get(str(key)),
        "duration_ms": round(1000 * (time.perf_counter() - started)),
        "dependencies_checked": document["dependencies_checked"],
    } | rest


def _say_early(request: Request, *, yes: bool, quiet: bool) -> Any:
    """Show the plan on a terminal, ask, and return what was agreed to; without a terminal --yes is needed. A mistake shows
    before anything slow starts."""
    from lookervault_core.restore.runs import admission

    with interruptible() as stop:
        if not yes:
            require_terminal(WRITES)
            start = _starting(request, request.reaching(), stop)
            shown = agreed(start, _asking(request, quiet=quiet), yes=yes)
            return shown[0].digest if shown else None
        if not request.settings().credentials_block:
            admission(request.settings(), request.core(), stop=stop)
        return None


def _asking(request: Request, *, quiet: bool) -> Callable[[Sequence[Shown]], None]:
    """Return a function that shows a plan and asks whether to carry it out, if it changes anything; removals are confirmed by
    the name of the instance."""
    from lookervault_core.restore.report import onto

    def ask(shown: Sequence[Shown]) -> None:
        [plan] = shown
        run = plan.run
        if not run.plan().changes_anything:
            return
        require_terminal(WRITES)
        if not quiet:
            plan.show(verbose=request.verbose)
        if not run.options.exact or run.options.undo_of or run.options.revert_of:
            typer.confirm(f"Write this to {onto(run)}?", abort=True, err=True)
            return
        host = urlsplit(run.looker.connection.base_url).hostname or ""
        asked = (
            f"This writes to {onto(run)} and also REMOVES what the backup does not have. "
            f"Type the name of the instance ({host}) to go on"
        )
        if typer.prompt(asked, err=True).strip().lower() != host:
            raise typer.Abort

    return ask


def as_flow(request: Request, shown: Any, *, quiet: bool) -> dict[str, Any]:
    """Run the restore flow in this process and return its result, or raise its error. It writes only if its plan is as *shown*."""
    from flows.cli.prefect_run import quiet_prefect, require_server, run_flow
    from flows.cli.progress import RestoreProgress
    from lookervault_core.restore.report import report_document

    quiet_prefect()
    with RestoreProgress(quiet=quiet) as progress:
        progress.starting()
        from flows.heartbeat import no_heartbeat
        from flows.restore import restore as flow
        from flows.watch import agreed, watching

        require_server()
        token, agreement = watching.set(progress), agreed.set(shown)
        try:
            with signals_stop_runs(), no_heartbeat():
                state = run_flow(lambda: flow(**request.parameters(), return_state=True))
        finally:
            watching.reset(token)
            agreed.reset(agreement)
    if progress.report is None:
        raise _cause(state)
    if not quiet:
        print_report(progress.report, verbose=request.verbose)
    return report_document(progress.report)


def _cause(state: Any) -> BaseException:
    try:
        error = state.result(raise_on_failure=False)
    except TypeError:
        error = None
    if isinstance(error, Interrupted) and not isinstance(error, NothingWritten):
        return Interrupted(HOW_TO_GO_ON)
    return (
        error if isinstance(error, BaseException) else LookerVaultError(f"the run ended {state.name}: {state.message}")
    )


def undo_session(request: Request, session_id: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Show how the restore *session_id* is taken back, and do it unless it is a dry run."""
    from lookervault_core.restore.report import onto
    from lookervault_core.restore.runs import opened, undoing
    from lookervault_core.vault.restoring import restorations

    settings = request.reaching()
    with interruptible() as stop, opened(settings, stop, dry_run=dry_run) as (vault, looker):
        restorations.get(vault, session_id)  # a wrong word is told before anything is asked

        @contextmanager
        def start() -> Generator[list[Any]]:
            with undoing(vault, looker, session_id, settings.workers) as run:
                yield [run]

        if dry_run:
            found = documents(start, verbose=request.verbose, quiet=as_json)
            return print_json(found[0]) if as_json else None
        if not yes:
            require_terminal(WRITES)
        question = lambda run: f"Take back what restore {session_id} wrote to {onto(run)}?"  # noqa: E731
        shown = agreed(start, confirmed(question, verbose=request.verbose, quiet=as_json), yes=yes)
        [report] = carried_out(start, shown)
    _tell(report, as_json=as_json)
    return leave(report.status, allow_partial=False)


def retry_dead_letters(
    request: Request, letters: Sequence[Any], *, force: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Show what retrying *letters* would do, and do it unless it is a dry run; letters that failed too often only with `force`."""
    from lookervault_core.restore.runs import opened, retrying
    from lookervault_core.vault.restoring.dead_letters import CAPTURE

    ours = [letter for letter in letters if letter.operation != CAPTURE]
    chosen = [one for one in ours if force or one.retry_count < RETRIES_WITHOUT_FORCE]
    left = len(ours) - len(chosen)
    if left:
        console(stderr=True).print(f"{left} failed again {RETRIES_WITHOUT_FORCE} times or more: --force tries them")
    if not chosen:
        if as_json:
            print_json(NO_PLANS if dry_run else NOTHING_RETRIED)
        else:
            console().print("no dead letters to retry")
        return None
    if not dry_run and not yes:
        require_terminal(WRITES)
    options = request.core().options
    with interruptible() as stop, opened(request.reaching(), stop, dry_run=dry_run) as (vault, looker):
        start = lambda: nullcontext(retrying(vault, looker, chosen, options))  # noqa: E731
        if dry_run:
            found = documents(start, verbose=request.verbose, quiet=as_json)
            return print_json({"status": "planned", "plans": found}) if as_json else None
        question = f"Try {_letters(len(chosen))} again?"
        shown = agreed(start, confirmed(lambda _: question, verbose=request.verbose, quiet=as_json), yes=yes)
        reports = carried_out(start, shown)
    failed = sum(report.dead_letters for report in reports)
    status = "completed" if all(report.status == "completed" for report in reports) else "partial"
    if as_json:
        print_json({"status": status, "retried": len(chosen), "dead_letters": failed})
    else:
        for report in reports:
            print_report(report)
    return leave(status, allow_partial=False)


def clear_dead_letters(request: Request, chosen: dict[str, Any], *, yes: bool, as_json: bool) -> None:
    """Delete the dead letters of the vault that *chosen* selects, settled ones too."""
    from lookervault_core.vault import Vault
    from lookervault_core.vault.restoring import dead_letters

    with Vault.open(Path(request.settings().db_path)) as vault:
        if chosen.get("dead_letter_id") is not None:
            dead_letters.get(vault, chosen["dead_letter_id"])
        _ask("Forget these dead letters, settled ones too, and the payloads kept with them?", FORGETS, yes=yes)
        gone, settled = dead_letters.clear(vault, **chosen)
    if as_json:
        print_json({"status": "completed", "cleared": gone, "settled": settled})
    else:
        before = f", {settled} of them settled before" if settled else ""
        console().print(f"{_letters(gone)} {'is' if gone == 1 else 'are'} gone{before}")


def _letters(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count} dead letters"


def _ask(question: str, told: str, *, yes: bool) -> None:
    if not yes:
        require_terminal(told)
        typer.confirm(question, abort=True, err=True)


def _tell(report: Any, *, as_json: bool) -> None:
    from lookervault_core.restore.report import report_document

    if as_json:
        print_json(report_document(report))
    else:
        print_report(report)
