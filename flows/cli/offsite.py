"""`push`, `pull` and `offsite`: copies of the vault somewhere else."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from flows.cli.boundary import say
from flows.cli.log_lines import listening
from flows.cli.options import AsJson, Config, DbPath, Yes
from flows.cli.printing import console, rich_console
from flows.cli.tables import print_json, print_table, size
from lookervault_core.errors import Interrupted, UsageError
from lookervault_core.settings import Settings, load_settings

if TYPE_CHECKING:
    from lookervault_core.offsite import Listing, Manifest, Proof, Store
    from lookervault_core.offsite.prune import Pruning

Url = Annotated[
    str | None,
    typer.Argument(
        metavar="[URL]", help="s3://bucket/path, gs://…, az://…, file:///path [default: LOOKERVAULT_OFFSITE_URL]"
    ),
]
Recipients = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient", "-r", help="Encrypt to this age or SSH key, or to those in a file; may be given several times"
    ),
]
IdentityFile = Annotated[
    Path | None, typer.Option("--identity", "-i", help="The file with the key to decrypt with, as age-keygen writes it")
]
When = Annotated[
    str | None,
    typer.Option("--at", metavar="WHEN", help='The newest copy not later: 2026-11-24, yesterday, "3 days ago"'),
]

app = typer.Typer(help="List, prove and prune the copies that were pushed.", no_args_is_help=True)


def push(
    url: Url = None,
    recipient: Recipients = None,
    accept_rewritten: Annotated[
        bool,
        typer.Option(
            "--accept-rewritten", help="Push even if snapshots that were pushed are missing or other ones now"
        ),
    ] = False,
    db_path: DbPath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Push a copy of the vault, compressed, encrypted if there are recipients, read back and checked.

    Runs may go on writing to the vault meanwhile. A push that is cut off leaves no copy.
    """
    from lookervault_core.offsite import push as push_copy
    from lookervault_core.offsite import recipients

    settings = _settings(config, url, db_path=db_path, offsite_recipients=recipient)
    keys = recipients(settings.offsite_recipients)
    with _interruptible("interrupted; no copy was made"), _bytes("pushed", quiet=as_json) as watch:
        made = push_copy(Path(settings.db_path), _store(settings), keys, accept_rewritten=accept_rewritten, watch=watch)
    if as_json:
        print_json(msgspec.to_builtins(made))
        return
    out = console()
    how = f"encrypted to {len(keys)} recipients" if len(keys) > 1 else "encrypted" if keys else "NOT encrypted"
    out.print(
        f"copy {made.number} is at {made.url}/{made.path}: {made.snapshots} snapshots, vault {size(made.vault_bytes)}, "
        f"stored {size(made.stored_bytes)}, {how}, read back and equal"
    )
    if made.root:
        out.print(f"root hash of its newest snapshot: {made.root}")


def pull(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where the vault goes; nothing may be there yet")],
    url: Url = None,
    at: When = None,
    identity: IdentityFile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Get a copy back as a vault, checked to the root hash of every snapshot."""
    from lookervault_core.offsite import chosen, identities, listing
    from lookervault_core.offsite import pull as pull_copy

    settings = _settings(config, url, offsite_identity=identity)
    store, keys = _store(settings), identities(settings.offsite_identity)
    found = listing(store)
    _say_damaged(found)
    copy = chosen(store, found, at, datetime.now(UTC))
    with _interruptible(f"interrupted; there is no {to}"), _bytes("pulled", quiet=as_json) as watch:
        pull_copy(store, copy, to, keys, watch)
    if as_json:
        print_json({"file": str(to)} | _row(copy))
        return
    console().print(
        f"{to} is copy {copy.number} of {_time(copy)} UTC: {len(copy.snapshots)} snapshots, {size(copy.vault_bytes)}, "
        f"proven by the root hash of each; `lookervault verify --db-path {to}` reads every payload"
    )


@app.command(name="list")
def list_copies(url: Url = None, config: Config = None, as_json: AsJson = False) -> None:
    """List the copies, oldest first."""
    from lookervault_core.offsite import listing

    settings = _settings(config, url)
    found = listing(_store(settings))
    _say_damaged(found)
    if as_json:
        print_json([_row(one) for one in found.copies])
    else:
        _print_copies(None, found.copies)
        if not found.copies:
            console(stderr=True).print("no copy is there; `lookervault push` makes one")
    if found.damaged:
        raise typer.Exit(5)


@app.command()
def verify(
    url: Url = None,
    at: When = None,
    every: Annotated[bool, typer.Option("--all", help="All copies, not only the newest")] = False,
    identity: IdentityFile = None,
    db_path: DbPath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Read a copy again, every byte, and compare its hash, the root hash of every snapshot, and every payload in it.

    Snapshots that the vault here has too are compared with it. Without the identity of an encrypted copy only the hash of its bytes
    is. Exit 5 if anything is not as it was pushed.
    """
    from lookervault_core.offsite import chosen, identities, listing, prove
    from lookervault_core.offsite.compare import rewritten

    if every and at:
        raise UsageError("--all and --at both say which copies; leave one of them out")
    settings = _settings(config, url, offsite_identity=identity, db_path=db_path)
    store, keys = _store(settings), identities(settings.offsite_identity)
    found = listing(store)
    copies = found.copies if every and found.copies else [chosen(store, found, at, datetime.now(UTC))]
    with _bytes("read again", quiet=as_json) as watch:
        proofs = [prove(store, one, keys, watch) for one in copies]
    differing = {one.number: rewritten(Path(settings.db_path), one) for one in copies}
    if as_json:
        told = [msgspec.to_builtins(proof) | {"rewritten": differing[proof.number]} for proof in proofs]
        print_json({"copies": told, "damaged_manifests": found.damaged})
    else:
        _print_proofs(proofs, differing)
    _say_damaged(found)
    if found.damaged or any(proof.problem for proof in proofs) or any(differing.values()):
        raise typer.Exit(5)


@app.command()
def prune(
    url: Url = None,
    keep_last: Annotated[int, typer.Option(min=0, help="Keep the last so many copies")] = 0,
    keep_daily: Annotated[int, typer.Option(min=0, help="Keep the newest of so many days")] = 0,
    keep_weekly: Annotated[int, typer.Option(min=0, help="Keep the newest of so many weeks")] = 0,
    keep_monthly: Annotated[int, typer.Option(min=0, help="Keep the newest of so many months")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; delete nothing")] = False,
    yes: Yes = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Delete the copies that no rule keeps, and what pushes that were cut off more than a day ago have left.

    The newest copy always stays, and so does what a bucket with object lock keeps: it is named.
    """
    from lookervault_core.offsite import listing
    from lookervault_core.offsite.prune import carry_out, planned
    from lookervault_core.retention import Policy

    settings = _settings(config, url)
    store = _store(settings)
    found = listing(store)
    plan = planned(store, found, Policy(keep_last, keep_daily, keep_weekly, keep_monthly), datetime.now(UTC))
    if not as_json:
        _print_plan(plan)
    if (plan.to_delete or plan.left) and not dry_run:
        _ask(len(plan.to_delete), yes=yes)
        carry_out(store, plan)
    _say_damaged(found)
    if as_json:
        print_json(_document(plan, dry_run=dry_run))
    elif not dry_run:
        console().print(f"{len(plan.to_delete)} copies deleted, {size(plan.freed_bytes)} freed")


def _settings(config: Path | None, url: str | None, **given: Any) -> Settings:
    settings = listening(load_settings(config, offsite_url=url, **given))
    if not settings.offsite_url:
        raise UsageError("no address: name one, such as s3://bucket/path, or set LOOKERVAULT_OFFSITE_URL")
    return settings


def _store(settings: Settings) -> Store:
    from lookervault_core.offsite.setting import store_of

    return store_of(settings)


@contextmanager
def _interruptible(what: str) -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt as exc:
        raise Interrupted(what) from exc


@contextmanager
def _bytes(what: str, *, quiet: bool) -> Generator[Any]:
    """Yield what is called with numbers of bytes; a terminal shows how many there were."""
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    disable = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=rich_console(stderr=True), transient=True, disable=disable) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)


def _time(copy: Manifest) -> str:
    return f"{copy.created_at:%Y-%m-%d %H:%M:%S}"


def _row(copy: Manifest) -> dict[str, Any]:
    """Return what `offsite list --json` says of a copy."""
    found = msgspec.to_builtins(copy)
    return {key: value for key, value in found.items() if key not in ("format", "canary")}


def _print_copies(title: str | None, copies: Sequence[Manifest]) -> None:
    rows = [
        (
            one.number,
            _time(one),
            len(one.snapshots),
            one.snapshots[-1].snapshot_id if one.snapshots else None,
            one.snapshots[-1].status if one.snapshots else None,
            size(one.stored_bytes),
            "yes" if one.recipients else "no",
            one.snapshots[-1].root[:16] if one.snapshots else "",
        )
        for one in copies
    ]
    if rows:
        heads = ("copy", "pushed (UTC)", "snapshots", "newest", "status", "stored", "encrypted", "root hash")
        print_table(title, heads, rows)


def _say_damaged(found: Listing) -> None:
    for problem in found.damaged.values():
        say(f"error: {problem}", 5)


def _print_proofs(proofs: Sequence[Proof], differing: dict[int, list[int]]) -> None:
    out = console()
    for proof in proofs:
        if proof.problem:
            out.print(f"copy {proof.number} is damaged: {proof.problem}", soft_wrap=True)
        elif not proof.opened:
            out.print(
                f"copy {proof.number}: every byte is as it was pushed; it is encrypted, and without --identity the root hashes "
                "in it were not compared"
            )
        else:
            out.print(
                f"copy {proof.number}: every byte is as it was pushed, and so are every payload and the root hash of every snapshot"
            )
        for snapshot_id in differing[proof.number]:
            out.print(
                f"snapshot {snapshot_id} is another one in the vault here: its root hash is not that of copy {proof.number}"
            )


def _print_plan(plan: Pruning) -> None:
    _print_copies(f"{len(plan.to_delete)} copies to delete", plan.to_delete)
    _print_copies(f"\n{len(plan.staying)} copies stay", plan.staying)
    out = console()
    for number, until in plan.locked.items():
        out.print(f"copy {number} stays, for the bucket locks it until {until}")
    if plan.left:
        out.print(f"{len(plan.left)} objects go that pushes which were cut off have left")


def _document(plan: Pruning, *, dry_run: bool) -> dict[str, Any]:
    return {
        "would_delete" if dry_run else "deleted": [one.number for one in plan.to_delete],
        "kept": [one.number for one in plan.staying],
        "locked": plan.locked,
        "leftovers": list(plan.left),
        "freed_bytes": plan.freed_bytes,
    }


def _ask(count: int, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this deletes copies: look at it with --dry-run, then say --yes")
    typer.confirm(f"Delete {count} copies for good?", abort=True, err=True)
