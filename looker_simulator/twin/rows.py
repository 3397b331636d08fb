"""How an object that a Looker showed becomes a row that shows the same."""

from typing import Any

from looker_simulator.shapes import Shape
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import blank

# What is worked out from nothing but the row, so that a twin can say it in the words of the other instance.
_IN_ITS_WORDS = frozenset(
    {
        "avatar_url", "avatar_url_without_sizing", "body_text_as_html", "can", "dialect", "edit_uri", "embed_url",
        "excel_file_url", "expanded_share_url", "google_spreadsheet_formula", "has_table_calculations",
        "image_embed_url", "is_iam_admin", "note_text_as_html", "public_url", "refresh_interval_to_i", "share_url",
        "short_url", "subtitle_text_as_html", "title_text_as_html", "type", "url", "user_url", "users_url",
    }
)  # fmt: skip

# Worked out, and from what stands in the row under the same name.
_STORED = frozenset({"allowed_db_connection_names", "golden_query_ids", "scheduled_plan_destination", "source_queries"})


class Rows:
    """Makes rows of one twin; what many rows have in common is kept once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shared: dict[Any, Any] = {}

    def row(self, shape: Shape, told: Row, **more: Any) -> Row:
        """Return the row of an object: what it shows by itself, and *more*. Its fields that no release has come with it, and
        those that it was not shown with stay away."""
        own = {key: value for key, value in told.items() if key not in shape.computed or key in _STORED}
        row = blank(shape) | own | more
        shown = self._world.api.shown(shape.name, shape.keys)
        lacking = frozenset(key for key in shown if key not in told and key not in shape.on_demand)
        beyond = tuple(key for key in told if key not in shown and not key.startswith("x_"))
        if lacking or beyond:
            row["_told"] = self._once((shape.name, lacking, beyond))
            row |= {key: told[key] for key in beyond}
        said = self._said(shape, told, row)
        if said:
            row["_said"] = said
        return row

    def _said(self, shape: Shape, told: Row, row: Row) -> Row:
        """Return what the other instance put in its own words."""
        words = [key for key in shape.computed if key in _IN_ITS_WORDS and key in told]
        found = {key: told[key] for key in words if shape.computed[key](self._world, row) != told[key]}
        return {key: self._once(value) if key == "can" else value for key, value in found.items()}

    def _once(self, value: Any) -> Any:
        return self._shared.setdefault(repr(value), value)
