"""What a run shows in the Prefect UI: progress while it goes, a table of results when it ends."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate

from lookervault_core.inert import for_markdown
from tasks.server import recorded

EVERY_S = 5.0


class Progress:
    """A progress artifact that is updated at most every few seconds, so that it costs the server nothing to speak of.

    With *rows* a table beside it shows what of each type is done."""

    def __init__(self, key: str, description: str, rows: Callable[[], list[dict[str, Any]]] | None = None) -> None:
        self._key, self._description, self._rows = key, description, rows
        self._id: UUID | None = None
        self._table_id: UUID | None = None
        self._next = time.monotonic() + EVERY_S

    def show(self, done: int, of: Callable[[], int], *, now: bool = False) -> None:
        """Update the progress to *done* of `of()`, unless the last update was a moment ago; with *now* always."""
        if not (now or time.monotonic() >= self._next):
            return
        self._next = time.monotonic() + EVERY_S
        total = of()
        self._tell(min(100.0, 100.0 * done / total) if total else 100.0)

    def _tell(self, percent: float) -> None:
        recorded(lambda: self._show(percent))

    def _show(self, percent: float) -> None:
        if self._id is None:
            made = create_progress_artifact(progress=percent, key=self._key, description=self._description)
            self._id = cast(UUID, made)
        else:
            update_progress_artifact(self._id, progress=percent)
        if self._rows is not None:
            self._show_rows(self._rows(), ended=percent >= 100.0)

    def _show_rows(self, rows: list[dict[str, Any]], *, ended: bool) -> None:
        if self._table_id is not None:
            with get_client(sync_client=True) as client:
                client.update_artifact(self._table_id, ArtifactUpdate(data=json.dumps(rows)))
        elif rows and not ended:  # one that is over at once has its results to show
            made = create_table_artifact(table=rows, key=f"{self._key}-by-type", description=self._description)
            self._table_id = cast(UUID, made)


def show_table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """Publish *rows* as a table; nothing for an empty one. The UI takes cells and description for Markdown."""
    if rows:
        table, told = [_inert(row) for row in rows], _described(description)
        recorded(lambda: create_table_artifact(key=key, table=table, description=told))


def show_pictures(key: str, pictures: list[tuple[str, list[tuple[str, str]]]]) -> None:
    """Publish pairs of SVG drawings, each pair under a title and each drawing under a caption; nothing for none. They stand in the
    artifact itself: nothing is fetched for them."""
    if pictures:
        told = "\n\n".join(_pictured(title, shown) for title, shown in pictures)
        recorded(lambda: create_markdown_artifact(key=key, markdown=told))


def _pictured(title: str, shown: list[tuple[str, str]]) -> str:
    cells = [(for_markdown(caption), b64encode(svg.encode()).decode()) for caption, svg in shown]
    images = [f"**{caption}**\n\n![{caption}](data:image/svg+xml;base64,{data})" for caption, data in cells]
    return "\n\n".join([f"### {for_markdown(title)}", *images])


def _inert(row: dict[str, Any]) -> dict[str, Any]:
    return {name: for_markdown(value) if isinstance(value, str) else value for name, value in row.items()}


def _described(text: str) -> str:
    return "\n\n".join(for_markdown(part) for part in text.split("\n\n"))


def show_link(key: str, link: str, description: str) -> None:
    """Publish *link* as an artifact of the run."""
    recorded(lambda: create_link_artifact(link=link, key=key, description=description))
