"""`offboard`: somebody leaves, and hands over what they own to another person."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.agreeing import requested, written
from flows.cli.naming import object_of
from flows.cli.options import AsJson, Block, Config, DbPath, PerMinute, PerSecond, Verbose, Workers, Yes
from flows.cli.printing import console
from flows.cli.restore_request import Request
from flows.cli.restore_start import interruptible, leave
from flows.cli.tables import print_json
from lookervault_core.catalog.looking_up import PERSON
from lookervault_core.errors import NotFound
from lookervault_core.vault import Vault


def offboard(
    user: Annotated[str, typer.Argument(metavar="USER", help="Who leaves: id, e-mail or name")],
    to: Annotated[str, typer.Option("--to", metavar="USER", help="Who takes over")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, by the newest snapshot; write nothing")
    ] = False,
    yes: Yes = False,
    workers: Workers = None,
    rate_limit_per_second: PerSecond = None,
    rate_limit_per_minute: PerMinute = None,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Hand over what is of USER to somebody else, and disable USER.

    Dashboards, looks, boards, plans, alerts and agents get another owner; what lies in the personal folder is moved into that
    of who takes over. First what changed is backed up. Nothing is sent. `restore undo` takes all of it back.
    """
    request = requested(
        dry_run=dry_run,
        yes=yes,
        workers=workers,
        rate_limit_per_second=rate_limit_per_second,
        rate_limit_per_minute=rate_limit_per_minute,
        db_path=db_path,
        config=config,
        credentials_block=credentials_block,
        verbose=verbose,
    )
    with interruptible() as stop:
        document = _offboarded(request, user, to, stop, dry_run=dry_run, yes=yes, quiet=as_json)
    if as_json:
        print_json(document)
    leave(document["status"], allow_partial=False)


def _offboarded(
    request: Request, user: str, to: str, stop: Any, *, dry_run: bool, yes: bool, quiet: bool
) -> dict[str, Any]:
    from lookervault_core.history.offboarding import offboarding
    from lookervault_core.restore.request import RestoreOptions
    from lookervault_core.restore.runs import opened

    settings = request.reaching()
    _require_two(settings, user, to)
    if not dry_run:
        _backed_up(settings, stop, quiet=quiet)
    options = RestoreOptions(workers=settings.workers)
    with opened(settings, stop, dry_run=dry_run) as (vault, looker):
        people = person(vault, user), person(vault, to)
        return written(
            lambda: offboarding(vault, looker, *people, options),
            _Telling(),
            dry_run=dry_run,
            yes=yes,
            verbose=request.verbose,
            quiet=quiet,
        )


def person(vault: Vault, said: str) -> str:
    """Return the id of the user whom *said* names, by id, e-mail or name."""
    from lookervault_core.families.rights.book import people_of

    people = people_of(vault)
    if said in people:
        return said
    mails = [one.id for one in people.values() if one.email and one.email.casefold() == said.casefold()]
    return mails[0] if len(mails) == 1 else object_of(vault, PERSON, said).id


def _require_two(settings: Any, user: str, to: str) -> None:
    """Refuse to hand over to the same person before anything is read. Whom the vault does not know yet is looked up later."""
    from lookervault_core.history.offboarding import require_two

    require_two(user, to)
    if Path(settings.db_path).exists():
        with Vault.open(Path(settings.db_path), read_only=True) as vault, suppress(NotFound):
            require_two(person(vault, user), person(vault, to))


def _backed_up(settings: Any, stop: Any, *, quiet: bool) -> None:
    """Back up what has changed: what is handed over is what there is now."""
    from lookervault_core.extract.alone import extract_alone
    from lookervault_core.extract.options import ExtractOptions

    if not quiet:
        console(stderr=True).print("backing up what has changed first")
    options = ExtractOptions(workers=settings.workers, page_size=settings.page_size, incremental=True)
    report = extract_alone(settings, options, stop=stop)
    if not quiet:
        console(stderr=True).print(f"snapshot {report.snapshot_id} is {report.status}: {report.items:,} items")


class _Telling:
    """Notes what stays with the person who leaves."""

    def introduce(self, _found: Any) -> None:
        pass

    def add(self, found: Any) -> None:
        for line in found.stays:
            console(stderr=True).print(f"note: {line}")

    def question(self, found: Any, place: str) -> str:
        return f"Hand this over at {place} and disable {found.handover.name}?"

    def document(self, found: Any) -> dict[str, Any]:
        return {"handed_over": msgspec.to_builtins(found.handover), "stays": list(found.stays)}
