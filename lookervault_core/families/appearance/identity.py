"""Which themes and colour collections are which by what Looker itself says of them."""

from __future__ import annotations

from lookervault_core.catalog import SINGLE
from lookervault_core.diff.document import decode
from lookervault_core.restore.live import Live


def standard_colors(live: Live) -> frozenset[str]:
    """Return the colour collections that every Looker has under the same ids."""
    return live.standard_colors


def default_theme(live: Live) -> str | None:
    """Return the id of the default theme. It is chosen by its name, so that of two of one name it has to be the one."""
    body = live.read("default_theme", SINGLE)
    return str(decode(body)["id"]) if body else None
