"""Draw one object of the vault as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.browse import ItemId, TypeName, note_newer, open_vault
from flows.cli.options import DbPath, SnapshotId
from lookervault_core.catalog import row
from lookervault_core.errors import UsageError
from lookervault_core.model import ContentKey


def draw(
    content_type: TypeName,
    item_id: ItemId,
    snapshot: SnapshotId = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of stdout")
    ] = None,
    db_path: DbPath = None,
) -> None:
    """Draw a dashboard as SVG: its tabs, each tile at its place with its title and kind of chart, its filters."""
    from lookervault_core.drawing.svg import document
    from lookervault_core.families.drawn import drawing_of, require_drawn

    key = ContentKey(row(content_type).name, item_id)
    require_drawn(key.content_type)
    with open_vault(db_path) as vault:
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
