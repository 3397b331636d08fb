"""What listings leave out although it is there."""

from looker_simulator.bends import Bends
from looker_simulator.table import Row

_LATE = "2"


class Unlisted:
    """Knows which objects the bends ``unlisted`` and ``late_listing`` keep out of listings."""

    def __init__(self, bends: Bends) -> None:
        self._bends = bends
        self._late: dict[tuple[str, str], int] = {}

    @property
    def in_force(self) -> bool:
        """Return whether any listing may be incomplete."""
        return self._bends.has("unlisted") or self._bends.has("late_listing")

    def made(self, table: str, ids: tuple[str, ...]) -> None:
        """Note what a create made."""
        if self._bends.has("late_listing"):
            self._late.update({(table, row_id): int(self._bends.value("late_listing", _LATE)) for row_id in ids})

    def without(self, table: str, key: str, rows: list[Row]) -> list[Row]:
        """Return *rows* without those that this listing leaves out; it counts."""
        never = self._bends.value("unlisted") if self._bends.has("unlisted") else ""
        kept = [
            row for row in rows if f"{table}/{row.get(key)}" != never and not self._late.get((table, str(row.get(key))))
        ]
        for row in rows:
            known = (table, str(row.get(key)))
            if self._late.get(known):
                self._late[known] -= 1
        return kept
