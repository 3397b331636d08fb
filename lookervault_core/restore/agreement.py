"""Whether a plan is still the one that somebody agreed to."""

from __future__ import annotations

from typing import Any

import msgspec

from lookervault_core.restore.report import PlanRows

_encoder = msgspec.json.Encoder(order="sorted")


def means_the_same(now: PlanRows, agreed: PlanRows) -> bool:
    """Return whether two plans write the same, in whatever order Looker has listed what they were made from."""
    return _form(now) == _form(agreed)


def _form(rows: PlanRows) -> list[bytes]:
    return sorted(
        _encoder.encode(row | {"fields": _sorted(row["fields"]), "lost": _sorted(row["lost"])}) for row in rows
    )


def _sorted(entries: list[dict[str, Any]]) -> list[bytes]:
    return sorted(map(_encoder.encode, entries))
