"""`verify`: prove what the vault holds."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.boundary import say
from flows.cli.log_lines import listening
from flows.cli.naming import At, snapshot_of
from flows.cli.options import AsJson, Block, Config, DbPath, SnapshotId, Workers
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table
from lookervault_core.vault import Vault

SHOWN = 20


def verify(
    snapshot: SnapshotId = None,
    at: At = None,
    against_live: Annotated[bool, typer.Option("--against-live", help="Compare with what Looker holds now")] = False,
    workers: Workers = None,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    as_json: AsJson = False,
) -> None:
    """Check what a restore would use: hashes, counts and references.

    Exit 5 if a payload is damaged, 3 if any is missing. That Looker is different now is a result, and exits with 0.
    """
    from flows.cli.connection import reaching_settings
    from lookervault_core.settings import load_settings
    from lookervault_core.verify import chosen, compare_with_live, newer_than, with_others
    from lookervault_core.verify import verify as check

    load = reaching_settings if against_live else load_settings
    settings = listening(load(config, db_path=db_path, workers=workers, credentials_block=credentials_block))
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        snapshot = snapshot_of(vault, snapshot, at)
        one = chosen(vault, snapshot)
        found = check(vault, one)
        if against_live:
            _note_other_instance(vault, settings.connection().base_url)
            live, differences = compare_with_live(vault, one, settings, threading.Event())
            found = msgspec.structs.replace(found, live=live, findings=found.findings + differences)
        if snapshot is None:
            found = with_others(vault, found)
        newer = [] if snapshot is not None else newer_than(vault, one)
    if as_json:
        print_json(msgspec.to_builtins(found) | {"whole": found.whole, "differs": found.differs})
    else:
        _print(found)
        for other in newer:
            console().print(
                f"note: snapshot {other.snapshot_id} is newer ({other.status}): `verify --snapshot {other.snapshot_id}`"
            )
    if found.damaged:
        count = sum(one.kind in ("damaged", "structure") for one in found.findings)
        say(f"error: vault {settings.db_path}: it is damaged ({count} findings); restore the file from a copy", 5)
    code = 5 if found.damaged else 0 if found.whole else 3
    if code:
        raise typer.Exit(code)


def _note_other_instance(vault: Vault, base_url: str) -> None:
    if not vault.is_of(base_url):
        console(stderr=True).print(
            f"note: this compares two instances: the vault is a backup of {vault.instance_url}, and Looker is {base_url}"
        )


def _print(found: Any) -> None:
    out, changed = console(), found.differs
    also = "".join(f" and {snapshot_id}" for snapshot_id in found.also)
    out.print(
        f"snapshot {found.snapshot_id}{also} ({found.status}): {found.items:,} items, {found.payloads:,} payloads re-hashed, "
        f"{found.references:,} references followed"
    )
    if found.live is not None:
        rows = [(name, c["equal"], c["changed"], c["created"], c["deleted"]) for name, c in found.live.items()]
        print_table("\ncompared with Looker now", ("type", "equal", "changed", "created", "deleted"), rows)
        if found.made_anew:
            out.print(
                f"{found.made_anew:,} of them have another id than in the snapshot, for a restore made them anew: each is compared "
                "with what it was made from"
            )
    for line in found.forgotten:
        out.print(line)
    out.print(f"root hash of snapshot {found.snapshot_id}: {found.root}")
    shown = found.findings[:SHOWN]
    if shown:
        rows = [(one.kind, one.content_type, one.id, one.detail) for one in shown]
        print_table(f"\n{len(found.findings)} findings", ("kind", "type", "id", "what"), rows)
    if len(found.findings) > len(shown):
        out.print(f"… and {len(found.findings) - len(shown)} more; `--json` lists them all")
    proven = (
        "proven: nothing of the snapshot is damaged or missing" if found.whole else "NOT proven: see the findings above"
    )
    out.print(proven + (f"; what Looker holds now differs from it ({changed:,})" if changed else ""))
