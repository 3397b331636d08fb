"""Find the object, and the snapshot, that the words of a command name."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.printing import console
from flows.cli.tables import to_second
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="WHEN",
        help='The newest snapshot not later: 2026-11-24, "2026-11-24 14:00", yesterday, "3 days ago"',
    ),
]
Object = Annotated[
    str,
    typer.Argument(
        metavar="OBJECT", help='Id, address, slug, title ("Exec Overview") or path ("Shared/Exec Overview")'
    ),
]


def snapshot_of(vault: Vault, snapshot: int | None, at: str | None, content_type: str | None = None) -> int | None:
    """Return the snapshot that `--snapshot` or `--at` names; None if neither is given."""
    from lookervault_core.history import snapshot_at

    if at is None:
        return snapshot
    if snapshot is not None:
        raise UsageError("--snapshot and --at both say which snapshot; leave one of them out")
    return snapshot_at(vault, at, content_type).snapshot_id


def object_of(vault: Vault, content_type: str, said: str, snapshot: int | None = None) -> ContentKey:
    """Return the object that *said* names; if several have that name, print a list of them on stderr and raise Ambiguous.

    If no object has that name, *said* is returned as an id: the caller then finds out that no such item exists.
    """
    from lookervault_core.history import Ambiguous, find_object

    try:
        return find_object(vault, content_type, said, snapshot)
    except NotFound:
        return ContentKey(content_type, said)
    except Ambiguous as several:
        out = console(stderr=True)
        for one in several.choices:
            place = f" in {one.folder}" if one.folder else ""
            whose = f", of {one.owner}" if one.owner else ""
            changed = f", updated {to_second(one.updated_at)}" if one.updated_at else ""
            out.print(f"{one.id}  {one.name[:120]}{place}{whose}{changed}")
        raise
