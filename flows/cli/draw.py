"""Draw one object of the vault as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.browse import TypeName, note_newer, open_vault
from flows.cli.naming import At, Object, object_of, snapshot_of
from flows.cli.options import DbPath, SnapshotId
from lookervault_core.catalog import row
from lookervault_core.errors import UsageError


def draw(
    content_type: TypeName,
    item: Object,
    snapshot: SnapshotId = None,
    at: At = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of stdout")
    ] = None,
    db_path: DbPath = None,
) -> None:
    """Draw a dashboard as SVG: its tabs, each tile at its place with its title and kind of chart, its filters."""
    from lookervault_core.drawing.svg import document
    from lookervault_core.families.drawn import drawing_of, require_drawn

    name = row(content_type).name
    require_drawn(name)
    with open_vault(db_path) as vault:
        snapshot = snapshot_of(vault, snapshot, at, name)
        key = object_of(vault, name, item, snapshot)
        payload = vault.payload(key, snapshot)
        note_newer(vault, key.content_type, snapshot)
    written = document(drawing_of(key.content_type, payload))
    if output is None:
        print(written, end="")
    else:
        _write(output, written)


def _write(path: Path, written: str) -> None:
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"{path}: {exc.strerror or exc}; name another file with -o") from exc
