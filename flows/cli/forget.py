"""`forget`: take a person out of every version in the vault."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.agreeing import require_terminal
from flows.cli.options import AsJson, DbPath, Yes
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table
from lookervault_core.vault import Vault

SHOWN = 20
FORGETS = "this takes a person out of the backup for good: look at it with --dry-run"


def forget(
    user: Annotated[str, typer.Argument(metavar="USER", help="Id, e-mail or name in any version")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take; change nothing")] = False,
    yes: Yes = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Take what tells of a person out of all versions in the vault, for good.

    Names, addresses, logins and values go; ids and everything else stay. A signed tombstone says that it was done, and `verify`
    knows it. What can no longer be restored is named.
    """
    from lookervault_core.forgetting import forget as forgotten
    from lookervault_core.forgetting import person_of
    from lookervault_core.settings import load_settings
    from lookervault_core.signing import signer_at

    settings = load_settings(db_path=db_path)
    path = Path(settings.db_path)
    if not dry_run and not yes:
        require_terminal(FORGETS)
    with Vault.open(path, read_only=True) as vault:
        user_id = person_of(vault, user)
        found = forgotten(vault, user_id, dry_run=True)
    if not as_json:
        _show(found)
    if not dry_run:
        if not yes:
            asked = f"Take user {user_id} out of {path} for good? Type the id to go on"
            if typer.prompt(asked, err=True).strip() != user_id:
                raise typer.Abort
        signer = signer_at(settings.signing_key)
        with Vault.open(path) as vault, vault.run_lock():
            found = forgotten(vault, user_id, signer=signer)
    _tell(found, as_json=as_json)


def _tell(found: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(found) | {"status": "forgotten" if found.tombstone else "planned"})
    elif found.tombstone:
        console().print(f"{found.tombstone}; tombstone {found.tombstone.digest[:16]}")


def _show(found: Any) -> None:
    out = console()
    print_table(None, ("type", "versions"), sorted(found.types.items()))
    for one in found.lost[:SHOWN]:
        out.print(f"no longer to be restored: {one.content_type} {one.id} {one.name}")
    if len(found.lost) > SHOWN:
        out.print(f"… and {len(found.lost) - SHOWN:,} more; `--json` lists them all")
    if found.damaged:
        out.print(f"{found.damaged:,} payloads are damaged: nobody can say what is in them, and they stay")
    if found.there:
        out.print("note: the newest snapshot still has them: delete them in Looker, or the next backup has them again")
    for one in found.beside:
        out.print(f"note: {one} may tell of them too, and so may exports and copies elsewhere: they are not touched")
